"""Checks of large sparse rows in one pass and without further memory: compiled twins of those in csr and graph."""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled


@compiled
def rows_fault(indptr, indices, num_columns):  # type: ignore[no-untyped-def]  # numba infers types
    """Return 0 for sound rows, 1 where an index lies outside, 2 where a row is not ascending.

    Args: indptr: sound itself. indices: not trusted.
    """
    for row in range(len(indptr) - 1):
        last = np.int64(-1)
        for k in range(indptr[row], indptr[row + 1]):
            column = np.int64(indices[k])
            if column < 0 or column >= num_columns:
                return 1
            if column <= last:
                # The range of all indices is told before their order.
                for other in range(k, len(indices)):
                    if indices[other] < 0 or indices[other] >= num_columns:
                        return 1
                return 2
            last = column
    return 0


@compiled
def is_symmetric(indptr, indices, weight):  # type: ignore[no-untyped-def]  # numba infers types
    """Say whether each entry stands in both directions, with the same weight. Args: weight: empty for none."""
    # Rows are gone through from the first to the last and are ascending, so the entries of each column come up in the
    # order in which its own row lists them.
    place = indptr[:-1].copy()
    has_weight = len(weight) > 0
    for row in range(len(indptr) - 1):
        for k in range(indptr[row], indptr[row + 1]):
            column = indices[k]
            there = place[column]
            if there >= indptr[column + 1] or indices[there] != row:
                return False
            if has_weight and weight[there] != weight[k]:
                return False
            place[column] = there + 1
    return True
