"""The marks as the compiled renderer wants them: for each shape and size the pixels it covers, drawn by the painter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.canvas.marks import plain_mark
from app.kit import theme

LARGEST = 96  # twice the radius, in device pixels
_FILL, _RIM = QColor(255, 0, 0), QColor(0, 255, 0)  # so that the channels of a picture tell them apart


class MarkSheet:
    """Grows as sizes are asked for; its pictures are those of `marks.draw_mark`. `version` grows with it."""

    def __init__(self) -> None:
        self.version = 0
        self.where = np.zeros((len(theme.SHAPES), LARGEST + 1, 2), dtype=np.int32)
        self._spots: list[NDArray[np.int16]] = []
        self._shares: list[NDArray[np.uint8]] = []
        self._known: set[tuple[int, int]] = set()
        self._length = 0

    def need(self, shapes: NDArray[np.uint8], least: float, most: float) -> None:
        """Have the marks of these shapes for every radius between two, in device pixels."""
        first, last = max(1, round(2 * least)), min(LARGEST, max(1, round(2 * most)))
        for shape in np.unique(shapes).tolist():
            for twice in range(first, last + 1):
                if (shape, twice) not in self._known:
                    self._known.add((shape, twice))
                    self._draw(shape, twice)

    def arrays(self) -> dict[str, NDArray]:
        """Return `where` int32 [S, R, 2], `spots` int16 [K, 2], `shares` uint8 [K, 2], see `raster.kernels.stamp`."""
        return {
            "where": self.where,
            "spots": np.concatenate(self._spots) if self._spots else np.zeros((0, 2), np.int16),
            "shares": np.concatenate(self._shares) if self._shares else np.zeros((0, 2), np.uint8),
        }

    def _draw(self, shape: int, twice: int) -> None:
        image = plain_mark(theme.SHAPES[shape], twice / 2, _FILL, _RIM)
        side = image.width()
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(side, image.bytesPerLine())[:, : 4 * side]
        shares = pixels.reshape(side, side, 4)[:, :, [2, 1]]
        rows, columns = np.nonzero(shares.any(axis=2))
        spots = np.stack([rows - side // 2, columns - side // 2], axis=1).astype(np.int16)
        self._spots.append(spots)
        self._shares.append(shares[rows, columns].copy())
        self.where[shape, twice] = (self._length, self._length + len(spots))
        self._length += len(spots)
        self.version += 1
