"""Heads that tell which way an edge leads, where there is room for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from app.canvas import toning
from app.canvas.edges import edge_colours, tints
from app.canvas.look import Look
from app.canvas.scene import Scene, State

MOST_HEADS = 2_500
_LONG, _WIDE = 7.0, 2.6  # of a head and of half its base, in device-independent pixels
_ROOM = 3.0  # how many heads long a line has to be between the rims of its nodes
_SOLID = 1.25  # a head is a little stronger than its line, so that it is seen on it
_CONTEXT = 0.4


def draw_heads(
    painter: QPainter,
    scene: Scene,
    points: NDArray[np.float32],
    radius: NDArray[np.float32],
    look: Look,
    *,
    size: tuple[int, int],
    ratio: float,
) -> int:
    """Draw a head before the rim of each target node.

    Args:
        points, radius: of all nodes, in the painter's units. size: of the picture, in them
            too. ratio: such units for one device-independent pixel.
    Returns: how many were drawn; none where most edges have no room or where there are too many in sight.
    """
    if not scene.directed or not scene.num_edges:
        return 0
    chosen = _with_room(scene, points, radius, size, ratio)
    if not len(chosen) or len(chosen) > MOST_HEADS:
        return 0
    ends = scene.edges[chosen]
    start, tip = points[ends[:, 0]].astype(np.float64), points[ends[:, 1]].astype(np.float64)
    line = tip - start
    ahead = line / np.maximum(np.hypot(line[:, 0], line[:, 1]), 1e-9)[:, None]
    tip = tip - ahead * (radius[ends[:, 1]] + ratio)[:, None]
    base = tip - ahead * (_LONG * ratio)
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * (_WIDE * ratio)
    colours = _colours(scene, ends, look, toning.of_one(len(chosen)))
    painter.setPen(Qt.PenStyle.NoPen)
    for colour, corners in zip(colours, np.stack([tip, base + aside, base - aside], axis=1).tolist(), strict=True):
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    return len(chosen)


def _with_room(
    scene: Scene, points: NDArray[np.float32], radius: NDArray[np.float32], size: tuple[int, int], ratio: float
) -> NDArray[np.int64]:
    """Return the edges whose target is in sight and that are long enough for a head, int64 [K]."""
    shown = scene.visible()
    source, target = scene.edges[:, 0], scene.edges[:, 1]
    x, y = points[target, 0], points[target, 1]
    with np.errstate(invalid="ignore"):
        seen = (x > 0) & (x < size[0]) & (y > 0) & (y < size[1]) & shown[source] & shown[target]
    near = np.flatnonzero(seen)
    a, b = source[near], target[near]
    long = np.hypot(points[a, 0] - points[b, 0], points[a, 1] - points[b, 1]) - radius[a] - radius[b]
    room: NDArray[np.int64] = near[long > _ROOM * _LONG * ratio]
    return room


def _colours(scene: Scene, ends: NDArray[np.int32], look: Look, one: float) -> list[QColor]:
    rgb = edge_colours(scene.colouring, look)
    codes = scene.colouring.codes[ends].astype(np.int64)
    row = np.where((codes[:, 0] == codes[:, 1]) & tints(scene.colouring), codes[:, 0], len(rgb) - 1)
    state = scene.state[ends]
    lit = (state == State.SELECTED).any(axis=1) | (state == State.NORMAL).all(axis=1)
    alpha = np.where(lit, min(1.0, _SOLID * one), _CONTEXT * one)
    return [_colour(rgb[k].tolist(), a) for k, a in zip(row.tolist(), alpha.tolist(), strict=True)]


def _colour(rgb: list[float], alpha: float) -> QColor:
    red, green, blue = (int(c) for c in rgb)
    return QColor(red, green, blue, round(255 * alpha))
