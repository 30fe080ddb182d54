"""Two spaces of the same nodes beside each other: one turned onto the other, and which neighbours they share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.layout._base import Positions

# Rows compared at once, and cosines in memory at once (with the places of the largest about 100 MB).
_ROWS, _CELLS = 512, 8_000_000


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
    rows: npt.NDArray[np.int64] | None = None,
    cancel: CancelToken | None = None,
) -> npt.NDArray[np.float32]:
    """Return for some nodes which share of their k nearest others is the same in both spaces, by cosine, exactly.

    Args: first: shape [N, D]. second: shape [N, E]. k: at most N - 1 are compared. rows: the nodes, [Q]; None for all.
    Returns: shape [Q] float32, 0 to 1; ones where there are no others. Which of several that are equally near count
        among the k is left to chance.
    Raises: Cancelled: `cancel` was asked for. ValueError: the spaces are not of the same nodes.
    """
    if len(first) != len(second):
        raise ValueError(f"one space has {len(first)} nodes, the other {len(second)}")
    rows = np.arange(len(first)) if rows is None else rows
    k = min(k, len(first) - 1)
    if k < 1:
        return np.ones(len(rows), np.float32)
    token = cancel or CancelToken()
    spaces = [_directions(space) for space in (first, second)]
    found = np.empty(len(rows), np.float32)
    block = int(max(1, min(_ROWS, _CELLS // len(first))))
    for begin in range(0, len(rows), block):
        token.check()
        asked = rows[begin : begin + block]
        one, other = (_nearest(space, asked, k) for space in spaces)
        found[begin : begin + block] = (one[:, :, None] == other[:, None, :]).sum(axis=(1, 2)) / k
    return found


def _nearest(directions: npt.NDArray[np.float32], asked: npt.NDArray[np.int64], k: int) -> npt.NDArray[np.int64]:
    """Return the k of largest cosine for each row asked for, themselves left out, int64 [Q, k] in no order."""
    cosine = directions[asked] @ directions.T
    cosine[np.arange(len(asked)), asked] = -np.inf
    last = cosine.shape[1] - k
    return np.asarray(np.argpartition(cosine, last, axis=1)[:, last:], np.int64)


def _directions(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return unit vectors; zeros stay."""
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.ascontiguousarray(points / np.where(length == 0, 1, length), dtype=np.float32)
