"""From node to node by keyboard: the next one in a direction, as the eye would go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SIDEWAYS = 2.0  # how much a step aside counts against a step ahead


def next_towards(
    points: NDArray[np.float32], nodes: NDArray[np.int64], start: tuple[float, float], dx: int, dy: int
) -> int | None:
    """Return the node that lies next in a direction, or None.

    Args: points: pixels of some nodes, float32 [K, 2]. nodes: their numbers, int64 [K]. start: pixel one comes from.
        dx, dy: direction on the screen, one of them 0.
    """
    x, y = points[:, 0] - start[0], points[:, 1] - start[1]
    ahead, aside = x * dx + y * dy, np.abs(x * dy - y * dx)
    # A cone of 45 degrees to each side: every node can be reached, none of them against the arrow.
    front = np.flatnonzero((ahead > 0.5) & (aside <= ahead))
    if not len(front):
        return None
    return int(nodes[front[np.argmin(ahead[front] + _SIDEWAYS * aside[front])]])
