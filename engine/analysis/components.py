"""Into how many pieces a graph falls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.graph.graph import Graph


def components(graph: Graph) -> npt.NDArray[np.int64]:
    """Return the number of the component of each node, int64 [N]; 0 is the largest, ties by first node.

    The direction of edges does not matter (weakly connected components).
    """
    n = graph.num_nodes
    if not n:
        return np.empty(0, np.int64)
    ones = np.ones(graph.num_edges, np.int8)
    matrix = sp.csr_matrix((ones, graph.indices, graph.indptr), shape=(n, n))
    count, labels = sp.csgraph.connected_components(matrix, directed=True, connection="weak")
    sizes = np.bincount(labels, minlength=count)
    _, first = np.unique(labels, return_index=True)
    rank = np.empty(count, np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(count)
    return np.asarray(rank[labels])
