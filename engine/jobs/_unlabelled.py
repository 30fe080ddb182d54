"""The graphs that pretraining sees: the run's own, or others with the same columns that nobody has labelled."""

from __future__ import annotations

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError
from engine.core.events import EventSink
from engine.data.dataset import AnyData
from engine.data.options import DataOptions
from engine.graph.batch import GraphBatch
from engine.jobs._pieces import Material
from engine.learn.batching import batch_of, with_known
from engine.learn.objectives._base import Objective
from engine.project.opened import open_data


def pretraining_batch(
    material: Material, own: GraphBatch, objective: Objective, *, sink: EventSink, cancel: CancelToken
) -> GraphBatch:
    """Return the graphs to pretrain on, with what the objective wants to be known of each.

    Args: own: the run's own graphs, as they are seen. sink, cancel: as the job has them.
    Raises: MismatchError: the others lack columns, or their edges carry something else. Others as `open_data`.
    """
    data, batch = material.dataset.data, own
    if material.recipe.unlabelled is not None:
        data, batch = _others(material, material.recipe.unlabelled, sink, cancel)
    return with_known(batch, data, objective.wanted(), sink=sink, cancel=cancel)


def _others(
    material: Material, options: DataOptions, sink: EventSink, cancel: CancelToken
) -> tuple[AnyData, GraphBatch]:
    data = open_data(options, sink=sink, cancel=cancel).data
    own, schema = material.batch, material.dataset.schema
    schema.check(data)
    data = schema.aligned(data)
    batch = batch_of(data, schema.transform(data, sink=sink), own.device)
    if batch.edge_width != own.edge_width:
        raise MismatchError(
            f"The edges of the unlabelled graphs carry {batch.edge_width} columns, those of the run's own "
            f"{own.edge_width}.",
            hint="Read both with the same options.",
            path="unlabelled",
        )
    return data, batch
