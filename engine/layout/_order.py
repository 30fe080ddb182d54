"""Nodes in a row so that neighbours come near each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, connected_components, reverse_cuthill_mckee

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


def middles_of(graph: Graph, rows: sp.csr_matrix) -> npt.NDArray[np.int64]:
    """Return a node of each component from which the others are reached in a fitting order.

    The only node to which no edge leads, where edges have a direction; the middle of the longest path of a tree; else
    the node with most edges.

    Args: rows: of `both_ways`.
    """
    count, piece = connected_components(rows, directed=False)
    degree = np.diff(rows.indptr)
    order = np.lexsort((-degree, piece))
    middles = order[np.flatnonzero(np.diff(piece[order], prepend=-1))].astype(np.int64)
    edges = np.bincount(piece, degree, count) / 2
    for one in np.flatnonzero(edges == np.bincount(piece, minlength=count) - 1):
        middles[one] = _middle_of_tree(rows, int(middles[one]))
    if graph.directed:
        first = np.flatnonzero((np.diff(graph.indptr) == 0) & (degree > 0))
        alone = np.bincount(piece[first], minlength=count) == 1
        chosen = first[alone[piece[first]]]
        middles[piece[chosen]] = chosen
    return middles


def _middle_of_tree(rows: sp.csr_matrix, start: int) -> int:
    """Return the node half-way between two that are farthest from each other."""
    end = int(breadth_first_order(rows, start)[0][-1])
    nodes, before = breadth_first_order(rows, end)
    path = [int(nodes[-1])]
    while path[-1] != end:
        path.append(int(before[path[-1]]))
    return path[len(path) // 2]
