"""Which part of the scene is on screen: a centre, a scale and a size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MARGIN = 36.0  # device-independent pixels kept free around the scene when it is fitted
_TOP = 58.0  # the same above it, where the tools are
_HIGH = 230  # in a lower widget the picture needs the room more


@dataclass(frozen=True, slots=True)
class Viewport:
    """Maps the scene to device-independent pixels; y points up in the scene and down on screen.

    Args: x, y: the scene's point in the middle. scale: pixels for one unit. width, height: pixels.
    """

    x: float
    y: float
    scale: float
    width: int
    height: int

    def to_screen(self, xy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return pixels, float32 [K, 2]. Args: xy: points of the scene, [K, 2]."""
        out = np.empty((len(xy), 2), dtype=np.float32)
        out[:, 0] = (xy[:, 0] - self.x) * self.scale + self.width / 2
        out[:, 1] = (self.y - xy[:, 1]) * self.scale + self.height / 2
        return out

    def to_scene(self, px: float, py: float) -> tuple[float, float]:
        """Return the scene's point under a pixel."""
        return (self.x + (px - self.width / 2) / self.scale, self.y - (py - self.height / 2) / self.scale)

    def panned(self, dx: float, dy: float) -> Viewport:
        """Return the viewport after the picture was dragged by so many pixels."""
        return Viewport(self.x - dx / self.scale, self.y + dy / self.scale, self.scale, self.width, self.height)

    def zoomed(self, factor: float, px: float, py: float) -> Viewport:
        """Return the viewport magnified by `factor` with the point under the pixel kept in place."""
        x, y = self.to_scene(px, py)
        scale = self.scale * factor
        return Viewport(
            x - (px - self.width / 2) / scale, y + (py - self.height / 2) / scale, scale, self.width, self.height
        )

    def resized(self, width: int, height: int) -> Viewport:
        """Return the viewport of another size around the same middle."""
        return Viewport(self.x, self.y, self.scale, max(1, width), max(1, height))

    def centred(self, x: float, y: float) -> Viewport:
        """Return the viewport with another middle."""
        return Viewport(x, y, self.scale, self.width, self.height)

    def grown(self, share: float) -> Viewport:
        """Return a larger viewport around the same middle, by a share of the size on each side."""
        return Viewport(
            self.x, self.y, self.scale, round(self.width * (1 + 2 * share)), round(self.height * (1 + 2 * share))
        )


def fitted(bounds: tuple[float, float, float, float], width: int, height: int, beside: int = 0) -> Viewport:
    """Return the viewport that shows all of `bounds` (left, top, right, bottom of the scene).

    Args: beside: pixels on the left that stay clear.
    """
    left, top, right, bottom = bounds
    across, down = right - left, bottom - top
    above = _TOP if height >= _HIGH else _MARGIN
    room_x, room_y = max(1.0, width - beside - 2 * _MARGIN), max(1.0, height - _MARGIN - above)
    # Everything in one point (one node, or all alike): any finite scale will do.
    scale = min(room_x / across if across > 0 else np.inf, room_y / down if down > 0 else np.inf)
    if not np.isfinite(scale):
        scale = 1.0
    middle = (top + bottom) / 2 + (above - _MARGIN) / 2 / scale
    across_middle = (left + right) / 2 - beside / 2 / scale
    return Viewport(across_middle, middle, float(scale), max(1, width), max(1, height))
