"""Small graphs that the model tests share."""

import numpy as np
import scipy.sparse as sp

from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph

NUM_NODES = 12


def small_graph(*, weighted: bool = False, directed: bool = False, order: np.ndarray | None = None) -> Graph:
    """Return 12 nodes, about 20 edges, node 11 isolated; `order[i]` renames node i."""
    draw = np.random.default_rng(11)
    source, target = draw.integers(0, 11, 24), draw.integers(0, 11, 24)
    weight = draw.random(24) + 0.1 if weighted else None
    if order is not None:
        source, target = order[source], order[target]
    return Graph.from_edges(source, target, NUM_NODES, weight=weight, directed=directed)


def small_features(width: int = 10) -> np.ndarray:
    """Return features with about a third of the entries set; node 3 has none."""
    draw = np.random.default_rng(12)
    x = (draw.random((NUM_NODES, width)) * (draw.random((NUM_NODES, width)) < 0.4)).astype(np.float32)
    x[3] = 0
    return x


def small_batch(*, sparse: bool = False, weighted: bool = False, directed: bool = False) -> GraphBatch:
    """Return graph and features as a batch."""
    x = small_features()
    graph = small_graph(weighted=weighted, directed=directed)
    return GraphBatch.from_graph(graph, sp.csr_matrix(x) if sparse else x)
