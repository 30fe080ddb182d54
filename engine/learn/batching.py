"""A graph, or a collection of them, with its features as tensors on a device."""

from __future__ import annotations

import numpy as np
import torch

from engine.data.collection import CollectionData
from engine.data.dataset import AnyData
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
