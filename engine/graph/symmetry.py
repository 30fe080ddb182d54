"""Whether a structure is its own transpose, found in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray, WeightArray


def is_symmetric(
    indptr: IntArray, indices: IndexArray, weight: WeightArray | None, edge_attr: npt.NDArray[Any] | None = None
) -> bool:  # Any: float32 or uint8
    """Say whether every entry is there in both directions with the same weight and attributes.

    Args: indptr, indices: square, ascending rows, checked. weight: float32 [E] or None. edge_attr: [E, D] or None.
    """
    nothing = np.empty(0, np.float32)
    attributes = nothing.reshape(0, 0) if edge_attr is None else edge_attr
    return bool(_mirrors(indptr, indices, nothing if weight is None else weight, attributes, indptr[:-1].copy()))


@compiled
def _mirrors(indptr, indices, weight, attributes, following):  # type: ignore[no-untyped-def]  # numba infers
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
            for k in range(attributes.shape[1]):
                if attributes[q, k] != attributes[p, k]:
                    return False
            following[other] = q + 1
    return True
