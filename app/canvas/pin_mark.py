"""The mark of a pinned node: a small pin that sticks in it from the upper right."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.canvas.look import Look
from app.canvas.painting import painting

_HEAD, _MORE = 2.2, 0.12  # radius of the head in pixels, and what it gains with each pixel of the node's radius
_MOST = 1_000  # pins drawn; of more every so-manieth
_LARGEST = 40.0


class PinPainter:
    """Draws pins, one picture for each size of a node."""

    def __init__(self) -> None:
        self._pictures: dict[float, QImage] = {}
        self._look: Look | None = None

    def draw(self, painter: QPainter, points: NDArray[np.float32], radius: NDArray[np.float32], look: Look) -> None:
        """Draw a pin in each node. Args: points: pixels, float32 [K, 2]. radius: of the nodes, float32 [K]."""
        if look != self._look:
            self._pictures.clear()
            self._look = look
        step = -(-len(points) // _MOST) or 1
        sizes = np.minimum(np.round(radius[::step] * 2) / 2, _LARGEST)
        for (x, y), size in zip(points[::step].tolist(), sizes.tolist(), strict=True):
            image = self._pictures.get(size)
            if image is None:
                image = self._pictures[size] = pin_picture(size, look)
            painter.drawImage(QPointF(x, y - image.height() / look.ratio), image)


def pin_picture(radius: float, look: Look) -> QImage:
    """Return a pin, in the colour of text with a rim in that of the ground; its lower left corner is the node's middle.

    Args: radius: of the node, in device-independent pixels.
    """
    head = _HEAD + _MORE * radius
    middle = 0.7 * radius + 1.6 * head
    side = math.ceil(middle + head + 2)
    image = QImage(round(side * look.ratio), round(side * look.ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(look.ratio)
    image.fill(Qt.GlobalColor.transparent)
    tip, end = QPointF(0.35 * radius, side - 0.35 * radius), QPointF(middle, side - middle)
    with painting(image) as painter:
        painter.setBrush(QColor(*look.text))
        for colour, width in ((look.ground, 3.2), (look.text, 1.3)):
            painter.setPen(QPen(QColor(*colour), width))
            painter.drawLine(tip, end)
            painter.drawEllipse(end, head, head)
    return image
