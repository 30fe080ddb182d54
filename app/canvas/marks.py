"""The marks that stand for nodes: one small picture for each colour, shape, size and state."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainterPath, QPen

from app.canvas.look import Look
from app.canvas.painting import painting
from app.canvas.scene import State
from app.kit import theme

_DIM = 0.56  # how far a dimmed mark goes towards the ground
_STAR = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one mark from another. `radius` is in device pixels, a multiple of a half."""

    rgb: tuple[int, int, int]
    shape: str
    radius: float
    state: State


def shape_path(shape: str, radius: float) -> QPainterPath:
    """Return the outline of a shape around the origin; shapes have about the same area."""
    path = QPainterPath()
    r = radius
    if shape == "square":
        path.addRoundedRect(QRectF(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r), 0.2 * r, 0.2 * r)
    elif shape == "triangle":
        _polygon(path, [(math.tau * (i / 3 - 0.25), 1.3 * r) for i in range(3)], down=0.22 * r)
    elif shape == "diamond":
        _polygon(path, [(math.tau * i / 4, 1.22 * r) for i in range(4)])
    elif shape == "cross":
        path.addRect(QRectF(-1.1 * r, -0.42 * r, 2.2 * r, 0.84 * r))
        upright = QPainterPath()
        upright.addRect(QRectF(-0.42 * r, -1.1 * r, 0.84 * r, 2.2 * r))
        path = path.united(upright)
    elif shape == "star":
        turns = [(math.tau * (i / (2 * _STAR) - 0.25), (1.3 if i % 2 == 0 else 0.6) * r) for i in range(2 * _STAR)]
        _polygon(path, turns)
    else:
        path.addEllipse(QPointF(0, 0), r, r)
    return path


def dimmed(rgb: tuple[int, int, int], look: Look) -> tuple[int, int, int]:
    """Return a colour that steps back towards the ground and keeps its hue."""
    r, g, b = (round(c + (back - c) * _DIM) for c, back in zip(rgb, look.ground, strict=True))
    return (r, g, b)


def mark_colours(rgb: tuple[int, int, int], look: Look, *, dim: bool) -> tuple[QColor, QColor]:
    """Return the colours of a mark's fill and rim."""
    fill = dimmed(rgb, look) if dim else rgb
    # A rim between the fill and the ground keeps neighbours of one colour apart without drawing attention.
    rim = (round(0.35 * c + 0.65 * back) for c, back in zip(fill, look.ground, strict=True))
    return QColor(*fill), QColor(*rim)


def draw_mark(mark: Mark, look: Look) -> QImage:
    """Return a mark as a picture; its middle is the middle of the picture."""
    fill, rim = mark_colours(mark.rgb, look, dim=mark.state == State.DIMMED)
    return plain_mark(mark.shape, mark.radius, fill, rim)


def plain_mark(shape: str, radius: float, fill: QColor, rim: QColor) -> QImage:
    """Return a mark in two colours as a picture of odd size."""
    edge = rim_width(radius)
    side = 2 * math.ceil(1.35 * radius + edge + 1) + 1
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with painting(image) as painter:
        painter.translate(side / 2, side / 2)
        painter.setPen(QPen(rim, edge))
        painter.setBrush(fill)
        painter.drawPath(shape_path(shape, radius))
    return image


def rim_width(radius: float) -> float:
    """Return how wide the rim of a mark is: hardly there on a mark of two pixels, which it would darken."""
    return max(min(1.0, 0.4 * radius), min(2.0, 0.22 * radius))


def swatch(code_rgb: tuple[int, int, int], shape_number: int, radius: float, ratio: float) -> QImage:
    """Return a mark for a legend or a table cell, sharp at the screen's ratio."""
    shape = theme.SHAPES[shape_number % len(theme.SHAPES)]
    side = math.ceil(2.7 * radius * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with painting(image) as painter:
        painter.translate(side / 2, side / 2)
        painter.fillPath(shape_path(shape, radius * ratio), QColor(*code_rgb))
    image.setDevicePixelRatio(ratio)
    return image


def _polygon(path: QPainterPath, turns: list[tuple[float, float]], down: float = 0.0) -> None:
    for number, (angle, radius) in enumerate(turns):
        point = QPointF(radius * math.cos(angle), radius * math.sin(angle) + down)
        path.moveTo(point) if number == 0 else path.lineTo(point)
    path.closeSubpath()
