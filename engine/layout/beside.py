"""Two spaces of the same nodes beside each other: one turned onto the other, and which neighbours they share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.layout._base import Positions
from engine.layout.projections.tsne.neighbours import nearest

_ROWS = 4096


def turned_onto(points: npt.NDArray[np.floating], onto: npt.NDArray[np.floating]) -> Positions:
    """Turn, mirror and shift points so that each lies as near to its counterpart as a rigid motion brings them all.

    Args: points, onto: shape [N, D], both of the same shape.
    Returns: shape [N, D] float32; distances between its rows are those between the rows of `points`.
    Raises: ValueError: the shapes differ.
    Source: Schönemann (1966): the orthogonal R of least |X R - Y| is U Vᵀ, where U S Vᵀ is the singular value
        decomposition of Xᵀ Y; X and Y centred. Mirroring is allowed: two projections differ by it at random.
    """
    if points.shape != onto.shape:
        raise ValueError(f"points have the shape {points.shape}, those to lie on {onto.shape}")
    if not len(points):
        return np.zeros(points.shape, np.float32)
    x, y = points.astype(np.float64), onto.astype(np.float64)
    middle = y.mean(axis=0)
    x = x - x.mean(axis=0)
    left, _, right = np.linalg.svd(x.T @ (y - middle))
    return np.asarray(x @ (left @ right) + middle, dtype=np.float32)


def shared_neighbours(
    first: npt.NDArray[np.float32],
    second: npt.NDArray[np.float32],
    k: int = 15,
    *,
    seed: int = 0,
    cancel: CancelToken | None = None,
) -> npt.NDArray[np.float32]:
    """Return for each node which share of its k nearest others is the same in both spaces, by cosine.

    Above 4,000 nodes a few of the farther neighbours may be missed, see the search for neighbours of t-SNE.

    Args: first: shape [N, D]. second: shape [N, E]. k: at most N - 1 are compared. seed: of the search.
    Returns: shape [N] float32, 0 to 1; ones where there are no others.
    Raises: Cancelled: `cancel` was asked for. ValueError: the spaces are not of the same nodes.
    """
    if len(first) != len(second):
        raise ValueError(f"one space has {len(first)} nodes, the other {len(second)}")
    k = min(k, len(first) - 1)
    if k < 1:
        return np.ones(len(first), np.float32)
    token = cancel or CancelToken()
    one, other = (nearest(_directions(space), k, np.random.default_rng(seed), token).index for space in (first, second))
    found = np.empty(len(one), np.float32)
    for begin in range(0, len(one), _ROWS):
        token.check()
        rows = slice(begin, begin + _ROWS)
        found[rows] = (one[rows, :, None] == other[rows, None, :]).sum(axis=(1, 2)) / k
    return found


def _directions(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return unit vectors: of these, the nearest by distance are the nearest by cosine; zeros stay."""
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.ascontiguousarray(points / np.where(length == 0, 1, length), dtype=np.float32)
