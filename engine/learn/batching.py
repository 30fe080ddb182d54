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
    return replace(batch, known=known)
