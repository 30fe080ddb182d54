"""Whether a structure is its own transpose, found in one pass."""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray, WeightArray


def is_symmetric(indptr: IntArray, indices: IndexArray, weight: WeightArray | None) -> bool:
    """Say whether every entry is there in both directions with the same weight.

    Args: indptr, indices: square, ascending rows, checked. weight: float32 [E] or None.
    """
    nothing = np.empty(0, np.float32)
    return bool(_mirrors(indptr, indices, nothing if weight is None else weight, indptr[:-1].copy()))


@compiled
def _mirrors(indptr, indices, weight, following):  # type: ignore[no-untyped-def]  # numba infers
    """Walk through the rows in order: the entries that mirror them come up in every other row in order, too.

    `following` holds the first entry of each row and is used up.
    """
    for row in range(len(indptr) - 1):
        for p in range(indptr[row], indptr[row + 1]):
            other = indices[p]
            q = following[other]
            if q == indptr[other + 1] or indices[q] != row:
                return False
            if len(weight) and weight[q] != weight[p]:
                return False
            following[other] = q + 1
    return True
