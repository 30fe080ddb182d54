"""What random walks say about a node: how often they come back, and which degrees they meet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.data.features.spectral import symmetric_adjacency
from engine.graph.graph import Graph

Array = npt.NDArray[np.float64]

# Rows of the squared matrix that are in memory at once hold about this many entries.
_ENTRIES = 20_000_000


def _similar(graph: Graph) -> sp.csr_matrix:
    """Return S = D^-1/2 A D^-1/2, which has the same diagonals of powers as the walk D^-1 A."""
    matrix = symmetric_adjacency(graph)
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    factor = sp.diags(np.where(degree > 0, 1 / np.sqrt(np.maximum(degree, 1e-300)), 0))
    return (factor @ matrix @ factor).tocsr()


def return_probabilities(graph: Graph) -> Array:
    """Return the probability that a random walk is back after 2, 3 and 4 steps, shape [N, 3].

    With S = D^-1/2 A D^-1/2, symmetric: (S²)_ii = sum_j S_ij², (S³)_ii = sum_j (S²)_ij S_ij, (S⁴)_ii = sum_j (S²)_ij².
    S² is made in slices of rows. A node without edges never comes back: 0.

    Source: Dwivedi et al. (2022), random-walk positional encoding.
    """
    step = _similar(graph)
    back = np.zeros((graph.num_nodes, 3))
    degree = np.diff(step.indptr)
    # Entries of a row of S² are at most the degrees of its neighbours summed up.
    reach = np.concatenate([[0], np.cumsum(np.asarray(sp.csr_matrix(step != 0).astype(np.int64) @ degree).ravel())])
    start = 0
    while start < graph.num_nodes:
        stop = max(start + 1, int(np.searchsorted(reach, reach[start] + _ENTRIES, side="right")) - 1)
        rows = step[start:stop]
        two = rows @ step
        back[start:stop, 0] = np.asarray(rows.multiply(rows).sum(axis=1)).ravel()
        back[start:stop, 1] = np.asarray(two.multiply(rows).sum(axis=1)).ravel()
        back[start:stop, 2] = np.asarray(two.multiply(two).sum(axis=1)).ravel()
        start = stop
    return back


def degrees_met(graph: Graph, steps: int) -> Array:
    """Return the mean of log(1 + degree) over where a walk is after 1, 2, … steps, shape [N, steps].

    A node without edges meets nobody: 0.
    """
    if steps <= 0:
        return np.empty((graph.num_nodes, 0))
    matrix = symmetric_adjacency(graph)
    total = np.asarray(matrix.sum(axis=1)).ravel()
    walk = sp.diags(np.where(total > 0, 1 / np.maximum(total, 1e-300), 0)) @ matrix
    met = np.log1p(np.diff(matrix.indptr).astype(np.float64))
    columns = []
    for _ in range(steps):
        met = walk @ met
        columns.append(met)
    return np.stack(columns, axis=1)
