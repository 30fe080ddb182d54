"""Checks of large sparse rows in one pass and without further memory: the compiled twin of the one in csr."""

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
