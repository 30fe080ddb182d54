"""Nodes in a row so that neighbours come near each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import reverse_cuthill_mckee

from engine.graph.graph import Graph


def both_ways(graph: Graph) -> sp.csr_matrix:
    """Return the adjacency with every edge in both directions, ones, csr [N, N]."""
    shape = (graph.num_nodes, graph.num_nodes)
    matrix = sp.csr_matrix((np.ones(graph.num_edges, np.float32), graph.indices, graph.indptr), shape=shape)
    if graph.directed:
        matrix = (matrix + matrix.T).tocsr()
        matrix.data[:] = 1
    return matrix


def near_rank(graph: Graph) -> npt.NDArray[np.int64]:
    """Return the place of each node in a row that keeps edges short, int64 [N].

    Source: reverse Cuthill-McKee (Cuthill and McKee 1969; George 1971).
    """
    rank = np.arange(graph.num_nodes, dtype=np.int64)
    if graph.num_edges:
        rank[np.asarray(reverse_cuthill_mckee(both_ways(graph), symmetric_mode=True))] = np.arange(graph.num_nodes)
    return rank
