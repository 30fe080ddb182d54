"""A graph, or a collection of them, with its features as tensors on a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError
from engine.core.events import EventSink, silent
from engine.data.collection import CollectionData
from engine.data.dataset import AnyData
from engine.data.known import KnownTable, known_numbers
from engine.data.schema import FeatureMatrix
from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection


def batch_of(data: AnyData, x: FeatureMatrix, device: torch.device | str) -> GraphBatch:
    """Put data on a device: one graph as every step sees it, or a collection from which steps take some graphs.

    Args: data: as built. x: features of its nodes, shape [N, F].
    Raises: BuildError: the arrays are damaged.
    """
    if not isinstance(data, CollectionData):
        return GraphBatch.from_graph(data.graph, x, device)
    dense = x if isinstance(x, np.ndarray) else x.toarray()
    return GraphBatch.from_collection(Collection(data.graph, dense, data.graph_ptr), device)


def with_known(
    batch: GraphBatch,
    data: AnyData,
    wanted: Mapping[KnownTable, tuple[str, ...]],
    *,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
) -> GraphBatch:
    """Return the batch with tables of what is known of each graph.

    Args: batch: of the data. wanted: tables and their columns, as `Objective.wanted` has them. sink: told of progress.
    Raises: MismatchError: a single graph has no such tables, or these graphs have not. Cancelled.
    """
    if not wanted:
        return batch
    if not isinstance(data, CollectionData):
        raise MismatchError(
            f"The {next(iter(wanted))} that shall be predicted are known of many graphs, and this is a single one.",
            hint="Choose another objective.",
            path="pretrain.type",
        )
    known: dict[str, torch.Tensor] = {
        name: torch.from_numpy(known_numbers(data, name, columns, sink=sink, cancel=cancel)).to(batch.device)
        for name, columns in wanted.items()
    }
    return replace(batch, known={**batch.known, **known})


def with_whole(
    batch: GraphBatch,
    data: AnyData,
    x: FeatureMatrix,
    table: KnownTable | None,
    *,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
) -> GraphBatch:
    """Return the batch with the numbers of whole graphs that a readout reads; as it is where it reads none.

    They are made from the structures alone, so that no target is in them.

    Args: batch: of the data. x: features of its nodes [N, F].
    Raises: MismatchError: these graphs have no such numbers. Cancelled.
    """
    if table is None:
        return batch
    assert isinstance(data, CollectionData), "a readout is for many graphs"
    found = known_numbers(data, table, x=x, path="readout.whole", sink=sink, cancel=cancel)
    return replace(batch, known={**batch.known, table: torch.from_numpy(found).to(batch.device)})
