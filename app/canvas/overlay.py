"""What lies on top of a frame: edges and ring of the node under the pointer, ring of the current one, names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.canvas import labels as labelling
from app.canvas.look import Look
from app.canvas.scene import Reasons, Scene
from app.kit import theme
from app.kit.translate import tr

_MOST_SPOKES = 1500  # edges lit up around the node under the pointer
_AWAY, _FLASH = 2.5, 3.0  # pixels between node and ring, and more for a moment after a search


@dataclass(frozen=True, slots=True)
class OnTop:
    """What is drawn on top.

    Args: scene: as shown. points: of its nodes in pixels, float32 [N, 2]. radius: pixels, float32 [N].
        hover, current: nodes. flashes: whether the current one was just found. names: whether names are shown.
        still: whether nothing is being dragged. reasons: edges that counted for a prediction; None for none.
    """

    scene: Scene
    points: NDArray[np.float32]
    radius: NDArray[np.float32]
    hover: int | None
    current: int | None
    flashes: bool
    names: bool
    still: bool
    reasons: Reasons | None = None

    def is_placed(self, node: int | None) -> bool:
        """Whether a node is one of the scene's and has a place."""
        return node is not None and node < len(self.points) and bool(np.isfinite(self.points[node]).all())


class Overlay:
    """Draws on top of frames and keeps the pictures of names."""

    def __init__(self) -> None:
        self._names = labelling.LabelPainter()

    def draw(self, painter: QPainter, top: OnTop, bounds: QRectF, font: QFont, look: Look) -> None:
        """Draw everything. Args: bounds: of the widget."""
        if top.hover is not None and top.still:
            _draw_spokes(painter, top, look)
        if top.reasons is not None:
            _draw_reasons(painter, top, top.reasons)
        for node, width in ((top.hover, 1.6), (top.current, 2.2)):
            if node is not None and top.is_placed(node):
                away = float(top.radius[node]) + _AWAY + (_FLASH if top.flashes else 0.0)
                _draw_ring(painter, top.points[node], away, width)
        if top.names:
            self._names.draw(painter, _labels(top, bounds, font), font, look)


def in_words(scene: Scene, node: int) -> str:
    """Return what a tooltip says about a node: its name, its class, its degree."""
    colouring = scene.colouring
    names = {one.code: one.text for one in colouring.legend}
    lines = [str(scene.ids[node])]
    code = int(colouring.colour_codes()[node])
    if not colouring.is_ramp and code in names:
        lines.append(f"{colouring.title}: {names[code]}")
    if scene.num_edges:
        lines.append(tr("Degree: {degree}", degree=int((scene.edges == node).sum())))
    return "\n".join(lines)


def _labels(top: OnTop, bounds: QRectF, font: QFont) -> list[labelling.Label]:
    want = labelling.wanted(top.scene, top.points, round(bounds.width()), round(bounds.height()))
    first = [node for node in dict.fromkeys((top.hover, top.current)) if node is not None and top.is_placed(node)]
    order = first + [int(node) for node in want.nodes if int(node) not in first]
    texts = [(node, str(top.scene.ids[node])) for node in order]
    radius = top.radius.copy()
    radius[first] += 2 * _AWAY  # the ring is around it
    return labelling.place(
        texts,
        top.points,
        radius,
        QFontMetricsF(font),
        bounds.adjusted(2, 2, -2, -2),
        most=want.most + len(first),
        strong=frozenset(first),
    )


def _draw_spokes(painter: QPainter, top: OnTop, look: Look) -> None:
    """Light up the edges of the node under the pointer."""
    ends = top.scene.edges
    if not len(ends):
        return
    mine = ends[(ends[:, 0] == top.hover) | (ends[:, 1] == top.hover)][:_MOST_SPOKES]
    shown = top.scene.visible()
    faint = min(1.0, (40 / max(1, len(mine))) ** 0.5)  # a hub must not become a blot
    painter.setPen(QPen(QColor(*look.highlight, round(40 + 150 * faint)), 1.0))
    points = top.points
    for a, b in mine.tolist():
        if shown[a] and shown[b]:
            painter.drawLine(
                QPointF(float(points[a, 0]), float(points[a, 1])), QPointF(float(points[b, 0]), float(points[b, 1]))
            )


def _draw_reasons(painter: QPainter, top: OnTop, reasons: Reasons) -> None:
    """Draw the edges that counted, the weightier the thicker, with a rim that sets them off from other edges."""
    shown = top.scene.visible()
    order = np.argsort(reasons.weight, kind="stable")  # the weightiest on top
    for number in order.tolist():
        a, b = (int(node) for node in reasons.edges[number])
        if not (top.is_placed(a) and top.is_placed(b) and shown[a] and shown[b]):
            continue
        # From rim to rim, so that the nodes stay in sight.
        line = top.points[b] - top.points[a]
        long = float(np.hypot(*line))
        if long <= top.radius[a] + top.radius[b]:
            continue
        start, end = top.points[a] + line * (top.radius[a] / long), top.points[b] - line * (top.radius[b] / long)
        weight = float(reasons.weight[number])
        for colour, width in (("window", 3.0 + 3.0 * weight), ("text", 0.8 + 3.0 * weight)):
            painter.setPen(QPen(theme.colour(colour, 220), width, c=Qt.PenCapStyle.FlatCap))
            painter.drawLine(QPointF(*start.tolist()), QPointF(*end.tolist()))


def _draw_ring(painter: QPainter, point: NDArray[np.float32], away: float, width: float) -> None:
    middle = QPointF(float(point[0]), float(point[1]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("window", 200), width + 2.2))
    painter.drawEllipse(middle, away, away)
    painter.setPen(QPen(theme.colour("text"), width))
    painter.drawEllipse(middle, away, away)
