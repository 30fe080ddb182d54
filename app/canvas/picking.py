"""Which of some points lie under a pixel, in a rectangle, in a lasso: one pass of numpy over all of them.

At 22,000 points that takes 0.1 ms. Larger scenes ask their index (`pick_index`) for candidates first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearest(
    points: NDArray[np.float32], radius: NDArray[np.float32], shown: NDArray[np.bool_], x: float, y: float, reach: float
) -> int | None:
    """Return the node under a point, or None.

    Args:
        points: pixels, float32 [N, 2]. radius: pixels, float32 [N]. shown: bool [N].
        reach: pixels beyond the rim of a node that still count.
    """
    dx, dy = np.abs(points[:, 0] - x), np.abs(points[:, 1] - y)
    within = radius + reach
    with np.errstate(invalid="ignore"):
        near = np.flatnonzero((dx <= within) & (dy <= within) & shown)
    if not len(near):
        return None
    distance = np.hypot(dx[near], dy[near])
    # Measured from the rim: in a crowd the point is inside several, and the nearest middle is the one meant.
    hit = distance <= within[near]
    if not hit.any():
        return None
    return int(near[hit][np.argmin(distance[hit])])


def in_rectangle(
    points: NDArray[np.float32], shown: NDArray[np.bool_], x1: float, y1: float, x2: float, y2: float
) -> NDArray[np.bool_]:
    """Return which nodes have their middle in a rectangle with two corners, bool [N]."""
    left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
    with np.errstate(invalid="ignore"):
        inside: NDArray[np.bool_] = (
            (points[:, 0] >= left) & (points[:, 0] <= right) & (points[:, 1] >= top) & (points[:, 1] <= bottom) & shown
        )
    return inside


def in_polygon(
    points: NDArray[np.float32], shown: NDArray[np.bool_], polygon: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Return which nodes have their middle in a closed polygon (even-odd rule), bool [N].

    Args: polygon: corners in pixels, float32 [K, 2].
    """
    inside = np.zeros(len(points), dtype=bool)
    if len(polygon) < 3:
        return inside
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    near = np.flatnonzero(in_rectangle(points, shown, float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    x, y = points[near, 0], points[near, 1]
    odd = np.zeros(len(near), dtype=bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        odd ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    inside[near[odd]] = True
    return inside
