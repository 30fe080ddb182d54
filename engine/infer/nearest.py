"""Which nodes a model takes for alike: the nearest in the space of its embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Rows compared at once: a block of the cosines of all nodes stays below 100 MB for a million of them.
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest others of some nodes, the most alike first.

    Args: index: their rows, int64 [Q, k]. cosine: of the angle between both vectors, float32 [Q, k], -1 to 1.
    """

    index: npt.NDArray[np.int64]
    cosine: npt.NDArray[np.float32]


def nearest(points: npt.NDArray[np.float32], rows: npt.NDArray[np.int64], k: int) -> Nearest:
    """Find the k rows of largest cosine for some rows, exactly; a row is not its own neighbour.

    Args: points: shape [N, D]. rows: whose neighbours are asked for, [Q]. k: how many; at most N - 1 come back.
    Returns: ties in the order of the rows; a vector of length zero has cosine 0 with all others.
    """
    k = max(0, min(k, len(points) - 1))
    length = np.linalg.norm(points, axis=1)
    length[length == 0] = 1.0
    index = np.empty((len(rows), k), np.int64)
    cosine = np.empty((len(rows), k), np.float32)
    for first in range(0, len(rows), _BLOCK):
        asked = rows[first : first + _BLOCK]
        alike = (points[asked] / length[asked, None]) @ points.T / length
        alike[np.arange(len(asked)), asked] = -np.inf
        for place, row in enumerate(alike, start=first):
            # Everything as good as the k-th, so that ties are settled by the order of rows and not by the partition.
            least = np.partition(row, len(row) - k)[len(row) - k] if k else np.inf
            good = np.flatnonzero(row >= least)
            index[place] = good[np.argsort(-row[good], kind="stable")][:k]
            cosine[place] = row[index[place]]
    return Nearest(index, np.clip(cosine, -1.0, 1.0))
