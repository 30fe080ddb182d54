"""Messages along edges that carry vectors of their own, compiled for the CPU: what GINE and D-MPNN pass.

Entry p of row r is the edge from node indices[p] to node r. The kernels trust their arrays; tables have an axis of one
between, from which numba knows that columns are never negative.
"""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray


def mirrored_entries(indptr: IntArray, indices: IndexArray) -> IntArray:
    """Return for each entry of a symmetric structure the one of the other direction, int64 [E]; a loop is its own.

    Args: indptr, indices: square, ascending rows, each entry there in both directions.
    """
    found = np.empty(len(indices), np.int64)
    _mirrored(indptr, indices, indptr[:-1].copy(), found)
    return found


@compiled
def _mirrored(indptr, indices, following, found):  # type: ignore[no-untyped-def]  # numba infers
    """Walk through the rows in order: the entries that mirror them come up in every other row in order, too."""
    for row in range(len(indptr) - 1):
        for p in range(indptr[row], indptr[row + 1]):
            other = indices[p]
            found[p] = following[other]
            following[other] += 1


@compiled
def rectified_sums(indptr, indices, h, e, out, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r] with the sum of max(h[j] + e[p], 0) over the entries p of row r, rows first … last-1."""
    width = h.shape[2]
    for r in range(first, last):
        for k in range(width):
            out[r, 0, k] = 0
        for p in range(indptr[r], indptr[r + 1]):
            j = np.int64(indices[p])
            for k in range(width):
                value = h[j, 0, k] + e[p, 0, k]
                # Asked this way round, what is not a number stays visible.
                out[r, 0, k] += 0 if value < 0 else value


@compiled
def rectified_by_edge(indptr, indices, h, e, g, by_edge, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill by_edge[p], the gradient of e[p], from that of the sums g; entries of rows first … last-1."""
    width = h.shape[2]
    for r in range(first, last):
        for p in range(indptr[r], indptr[r + 1]):
            j = np.int64(indices[p])
            for k in range(width):
                by_edge[p, 0, k] = g[r, 0, k] if h[j, 0, k] + e[p, 0, k] > 0 else 0


@compiled
def sums_by_order(indptr, order, table, out, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r] with the sum of table[order[p]] over the entries p of row r, rows first … last-1."""
    width = table.shape[2]
    for r in range(first, last):
        for k in range(width):
            out[r, 0, k] = 0
        for p in range(indptr[r], indptr[r + 1]):
            q = order[p]
            for k in range(width):
                out[r, 0, k] += table[q, 0, k]


@compiled
def others(indptr, mirror, turn_first, h, out, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Add up, for each entry of row r, the vectors of the row's other entries; rows first … last-1.

    The result for entry p is written at mirror[p], the edge that leaves r towards where p came from; with `turn_first`
    the vectors are read at mirror[p] and written at p instead, which is the transposed map.
    """
    width = h.shape[2]
    total = np.zeros(width, h.dtype)
    for r in range(first, last):
        total[:] = 0
        for p in range(indptr[r], indptr[r + 1]):
            q = mirror[p] if turn_first else p
            for k in range(width):
                total[k] += h[q, 0, k]
        for p in range(indptr[r], indptr[r + 1]):
            source, target = (mirror[p], p) if turn_first else (p, mirror[p])
            for k in range(width):
                out[target, 0, k] = total[k] - h[source, 0, k]
