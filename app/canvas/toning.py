"""How many lines through one pixel become how much opacity. Both renderers ask here, so that their pictures agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PEAK = 0.82  # opacity of the densest place: what lies below is still seen
STEPS = 8  # values of a curve for one line
_FEW = 1200  # lines in sight up to which each is as strong as one can be
_STRONG, _FAINT = 0.62, 0.11  # opacity of one line among few, and among millions
_LIT = 1.36  # how much stronger lines of a selection are


def of_one(count: int, *, lit: bool = False) -> float:
    """Return the opacity of a single line. Args: count: lines in sight. lit: lines of a selection."""
    usual = _STRONG * (_FEW / max(_FEW, count)) ** 0.33
    return min(0.9, max(_FAINT, usual) * (_LIT if lit else 1.0))


def curve(one: float, ceiling: float) -> NDArray[np.float32]:
    """Return the opacity of 0, 1/8, 2/8 … lines, float32 [L], up to where it no longer grows.

    A single line has its own opacity, and the peak is reached where a painter would reach it, or at the ceiling where
    that is higher: between them the opacity grows with the logarithm, so that one line is seen beside a thousand.

    Args: one: opacity of one line. ceiling: lines through a pixel that few pixels exceed.
    """
    peak = max(PEAK, one)
    painted = np.log(1 - PEAK) / np.log(1 - min(one, 0.8))
    top = max(float(ceiling), float(painted), 1.001)
    bend = _bend(min(one / peak, 0.999), top)
    lines = np.arange(int(np.ceil(top * STEPS)) + 1, dtype=np.float64) / STEPS
    share = lines / top if bend == 0 else np.log1p(bend * lines) / np.log1p(bend * top)
    # A line that covers half of a pixel is half as opaque there.
    return np.where(lines < 1, one * lines, np.minimum(peak * share, peak)).astype(np.float32)


def _bend(share: float, top: float) -> float:
    """Return k with log(1 + k) / log(1 + k top) = share; 0 where a straight line does it."""
    if share <= 1 / top:
        return 0.0
    low, high = 1e-6, 1e9
    for _ in range(80):
        middle = float(np.sqrt(low * high))
        if np.log1p(middle) / np.log1p(middle * top) < share:
            low = middle
        else:
            high = middle
    return high
