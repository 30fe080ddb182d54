"""Compiled for the CPU, column by column: the largest of what each row of a graph hears, and sums of runs of rows."""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled


@compiled
def largest(indptr, indices, x, out, winner, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[r, k] with the largest x[j, k] over row r, rows first … last-1, and winner[r, k] with its j.

    The first of equal ones wins; an empty row gives 0 and the winner -1. NaN wins over every number.
    """
    width = x.shape[2]
    for r in range(first, last):
        begin, end = indptr[r], indptr[r + 1]
        for k in range(width):
            out[r, 0, k] = 0
            winner[r, 0, k] = -1
        if begin == end:
            continue
        j = np.int64(indices[begin])
        for k in range(width):
            out[r, 0, k] = x[j, 0, k]
            winner[r, 0, k] = j
        for p in range(begin + 1, end):
            j = np.int64(indices[p])
            for k in range(width):
                # Written so that NaN passes on, as it does in torch.
                keeps = out[r, 0, k] >= x[j, 0, k] or out[r, 0, k] != out[r, 0, k]
                out[r, 0, k] = out[r, 0, k] if keeps else x[j, 0, k]
                winner[r, 0, k] = winner[r, 0, k] if keeps else j


@compiled
def largest_by_source(indptr, indices, winner, g, by_x, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill by_x[j], rows first … last-1 of the transpose, with the gradients of the rows where j has won."""
    width = g.shape[2]
    for j in range(first, last):
        for k in range(width):
            by_x[j, 0, k] = 0
        for p in range(indptr[j], indptr[j + 1]):
            i = np.int64(indices[p])
            for k in range(width):
                by_x[j, 0, k] += g[i, 0, k] if winner[i, 0, k] == j else 0


@compiled
def sums(starts, x, out, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill out[b] with the sum of the rows of x from starts[b] up to starts[b + 1], runs first … last-1."""
    width = x.shape[2]
    for b in range(first, last):
        for k in range(width):
            out[b, 0, k] = 0
        for r in range(starts[b], starts[b + 1]):
            for k in range(width):
                out[b, 0, k] += x[r, 0, k]
