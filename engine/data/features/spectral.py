"""Spectral coordinates of a graph's nodes, and how those of one graph are turned onto another's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import eigh, orthogonal_procrustes
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from engine.graph.graph import Graph

Array = npt.NDArray[np.float64]

# Below this many nodes all eigenvectors are found directly.
_DENSE_NODES = 600


def symmetric_adjacency(graph: Graph) -> sp.csr_matrix:
    """Return the adjacency matrix with weights, float64 csr [N, N]; a directed graph is taken both ways."""
    weight = np.ones(graph.num_edges) if graph.weight is None else np.abs(graph.weight).astype(np.float64)
    matrix = sp.csr_matrix((weight, graph.indices, graph.indptr), shape=(graph.num_nodes, graph.num_nodes))
    return matrix if not graph.directed else ((matrix + matrix.T) * 0.5).tocsr()


def regularised_eigenvectors(graph: Graph, width: int) -> Array:
    """Return the leading eigenvectors of (D + tau)^-1/2 A (D + tau)^-1/2 with tau the mean degree.

    Without tau every small component has an eigenvalue of 1, and a few hundred stray pairs of nodes would take all
    columns. Column k is v_k * max(lambda_k, 0) * sqrt(N): of order one, and smaller the less it tells. The sign
    makes the entry of largest size positive.

    Args: graph: weights are used by size. width: most columns; a graph of N nodes has at most N - 1.
    Returns: shape [N, width], the rest zeros where the graph is too small.
    Source: Qin and Rohe (2013), regularised spectral clustering, equation 2.
    """
    n = graph.num_nodes
    columns = max(0, min(width, n - 1))
    out = np.zeros((n, width))
    if not columns or not graph.num_edges:
        return out
    matrix = symmetric_adjacency(graph)
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    factor = sp.diags(1 / np.sqrt(degree + degree.mean()))
    matrix = factor @ matrix @ factor
    if n <= max(_DENSE_NODES, 2 * columns):
        found = _Eigen(*eigh(matrix.toarray(), subset_by_index=(n - columns, n - 1)))
    else:
        found = _leading(matrix, columns, np.sqrt(degree + 1e-6))
    order = np.argsort(-found.values, kind="stable")
    values, vectors = found.values[order], found.vectors[:, order]
    peak = vectors[np.abs(vectors).argmax(axis=0), np.arange(columns)]
    out[:, :columns] = vectors * np.where(peak < 0, -1.0, 1.0) * np.maximum(values, 0) * np.sqrt(n)
    return out


@dataclass(frozen=True, slots=True)
class _Eigen:
    """Eigenvalues [K] and eigenvectors [N, K]."""

    values: Array
    vectors: Array


def _leading(matrix: sp.csr_matrix, columns: int, start: Array) -> _Eigen:
    """Return the eigenpairs of largest value; a fixed start makes the iteration repeatable.

    Where some do not settle (many eigenvalues almost equal), those that did are returned, and zeros for the rest.
    """
    try:
        values, vectors = eigsh(matrix, k=columns, which="LA", v0=start, tol=1e-5)
    except ArpackNoConvergence as found:
        settled = len(found.eigenvalues)
        values, vectors = np.zeros(columns), np.zeros((matrix.shape[0], columns))
        values[:settled], vectors[:, :settled] = found.eigenvalues, found.eigenvectors
    return _Eigen(values, vectors)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Points turned onto a reference; `residual` is what does not fit, relative to the reference, 0 to about 1.4."""

    points: Array
    residual: float


def align(points: Array, rows: npt.NDArray[np.int64], reference: Array) -> Aligned:
    """Turn points so that some of them fall onto known places.

    Args: points: shape [N, D]. rows: which of them are known, shape [M]. reference: their places, shape [M, D].
    Returns: points times the orthogonal matrix R that minimises |points[rows] R - reference|.
    Source: Schönemann (1966), the orthogonal Procrustes problem.
    """
    turn, _ = orthogonal_procrustes(points[rows], reference)
    turned = points @ turn
    size = float(np.linalg.norm(reference))
    return Aligned(turned, float(np.linalg.norm(turned[rows] - reference)) / size if size else 0.0)
