"""What lies on top of a frame: edges and ring of the node under the pointer, ring of the current one, pins, names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.canvas import labels as labelling
from app.canvas.frame import extremes, radii
from app.canvas.labels import Label, Named
from app.canvas.look import Look
from app.canvas.picker import Picker
from app.canvas.pin_mark import PinPainter
from app.canvas.scene import Reasons, Scene
from app.canvas.viewport import Viewport
from app.kit import theme
from app.kit.translate import tr

_MOST_SPOKES = 1500  # edges lit up around the node under the pointer
_AWAY, _FLASH = 2.5, 3.0  # pixels between node and ring, and more for a moment after a search
_MANY_IN_VIEW = 5_000  # nodes beyond which only the most important ones of the scene are asked for their names
_LEGIBLE = 2.6  # usual radius from which a name must not cover nodes; smaller ones are dust, and lie everywhere


@dataclass(frozen=True, slots=True)
class OnTop:
    """What is drawn on top.

    Args: scene, view, usual: as shown; usual is the radius of a node of size 1. picker: knows where nodes are.
        taken: where other things lie, in pixels. hover, current: nodes. flashes: whether the current one was just
        found. names: whether names are shown. moving: whether the view is on its way. drags: whether something is
        dragged. reasons: edges that counted. pins: pinned nodes.
    """

    scene: Scene
    view: Viewport
    usual: float
    picker: Picker
    taken: tuple[QRectF, ...] = ()
    hover: int | None = None
    current: int | None = None
    flashes: bool = False
    names: bool = True
    moving: bool = False
    drags: bool = False
    reasons: Reasons | None = None
    pins: NDArray[np.int64] | None = None

    def points(self, nodes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return pixels, float32 [K, 2]."""
        return self.view.to_screen(self.scene.xy[nodes])

    def is_placed(self, node: int | None) -> bool:
        """Whether a node is one of the scene's and has a place."""
        return node is not None and node < self.scene.num_nodes and bool(np.isfinite(self.scene.xy[node]).all())

    def named(self, nodes: NDArray[np.int64], first: list[int]) -> list[Named]:
        """Return what naming these nodes needs; `first` are those that one looks at, with a ring around them."""
        points, radius = self.points(nodes), radii(self.scene, self.usual, nodes)
        return [
            Named(node, str(self.scene.ids[node]), x, y, r + 2 * _AWAY * (node in first), node in first)
            for node, (x, y), r in zip(nodes.tolist(), points.tolist(), radius.tolist(), strict=True)
        ]


class Overlay:
    """Draws on top of frames; keeps the names where they stand while the view moves, and the pictures of them."""

    def __init__(self) -> None:
        self._pictures = labelling.LabelPainter()
        self._important = labelling.Important()
        self._pins = PinPainter()
        self._placed: list[Label] = []
        self._placed_in: Viewport | None = None
        self._placed_xy: NDArray[np.float32] | None = None
        self._spokes: tuple[object, int | None, NDArray[np.int32]] = (None, None, np.zeros((0, 2), np.int32))

    def draw(self, painter: QPainter, top: OnTop, bounds: QRectF, font: QFont, look: Look) -> None:
        """Draw everything. Args: bounds: of the widget."""
        if top.hover is not None and not top.drags:
            _draw_spokes(painter, top, self.incident(top.scene, top.hover)[:_MOST_SPOKES], look)
        if top.reasons is not None:
            _draw_reasons(painter, top, top.reasons)
        if top.pins is not None:
            self._draw_pins(painter, top, top.pins, look)
        for node, width in ((top.hover, 1.6), (top.current, 2.2)):
            if node is not None and top.is_placed(node):
                at = np.array([node])
                away = float(radii(top.scene, top.usual, at)[0]) + _AWAY + (_FLASH if top.flashes else 0.0)
                _draw_ring(painter, top.points(at)[0], away, width)
        if top.names:
            self._pictures.draw(painter, self.labels(top, bounds, font), font, look)

    def labels(self, top: OnTop, bounds: QRectF, font: QFont) -> list[Label]:
        """Return the names; while the view moves they go with their nodes, and are placed anew when it rests."""
        if top.moving and self._placed_in is not None:
            return self._carried(top, bounds)
        near = top.picker.in_view(top.view, _MANY_IN_VIEW)
        want = self._important.wanted(top.scene, top.view, near)
        first = [node for node in dict.fromkeys((top.hover, top.current)) if node is not None and top.is_placed(node)]
        nodes = np.array(first + [node for node in want.nodes.tolist() if node not in first], dtype=np.int64)
        self._placed = labelling.place(
            top.named(nodes, first),
            QFontMetricsF(font),
            bounds.adjusted(2, 2, -2, -2),
            most=want.most + len(first),
            covers=Crowd(top, near).under,
            taken=top.taken,
        )
        self._placed_in, self._placed_xy = top.view, top.scene.xy
        return self._placed

    def _draw_pins(self, painter: QPainter, top: OnTop, pins: NDArray[np.int64], look: Look) -> None:
        points = top.points(pins)
        with np.errstate(invalid="ignore"):
            seen = (points >= 0).all(axis=1) & (points[:, 0] <= top.view.width) & (points[:, 1] <= top.view.height)
        seen &= top.scene.shown(pins)
        self._pins.draw(painter, points[seen], radii(top.scene, top.usual, pins[seen]), look)

    def incident(self, scene: Scene, node: int) -> NDArray[np.int32]:
        """Return the edges at a node, int32 [K, 2]; looked for once, not at every painting."""
        if self._spokes[0] is not scene.edges or self._spokes[1] != node:
            ends = scene.edges
            self._spokes = (ends, node, ends[(ends[:, 0] == node) | (ends[:, 1] == node)])
        return self._spokes[2]

    def in_words(self, scene: Scene, node: int) -> str:
        """Return what a tooltip says about a node: its name, its class, its degree."""
        colouring = scene.colouring
        names = {one.code: one.text for one in colouring.legend}
        lines = [str(scene.ids[node])]
        if not colouring.is_ramp and int(colouring.codes[node]) in names:
            lines.append(f"{colouring.title}: {names[int(colouring.codes[node])]}")
        if scene.num_edges:
            lines.append(tr("Degree: {degree}", degree=len(self.incident(scene, node))))
        return "\n".join(lines)

    def _carried(self, top: OnTop, bounds: QRectF) -> list[Label]:
        assert self._placed_in is not None
        assert self._placed_xy is not None
        kept = [label for label in self._placed if label.node < top.scene.num_nodes]
        nodes = np.array([label.node for label in kept], dtype=np.int64)
        step = top.points(nodes) - self._placed_in.to_screen(self._placed_xy[nodes])
        moved = [
            Label(label.text, label.node, label.box.translated(dx, dy), label.strong)
            for label, (dx, dy) in zip(kept, step.tolist(), strict=True)
        ]
        return [label for label in moved if bounds.intersects(label.box)]


class Crowd:
    """The nodes in view that a name must not cover. Args: near: them, where they are few; None asks for each box."""

    def __init__(self, top: OnTop, near: NDArray[np.int64] | None) -> None:
        self._top = top
        self._is_dust = top.usual < _LEGIBLE
        self._known = None if near is None or self._is_dust else self._places(near)

    def under(self, box: QRectF) -> int:
        """Return how many nodes a box would cover; none where they are too small to be told apart."""
        if self._is_dust:
            return 0
        points, radius = self._known if self._known is not None else self._places(self._around(box))
        dx = np.maximum(np.maximum(box.left() - points[:, 0], points[:, 0] - box.right()), 0)
        dy = np.maximum(np.maximum(box.top() - points[:, 1], points[:, 1] - box.bottom()), 0)
        return int((dx**2 + dy**2 < radius**2).sum())

    def _around(self, box: QRectF) -> NDArray[np.int64]:
        most = extremes(self._top.scene, self._top.usual)[1]
        wide = box.adjusted(-most, -most, most, most)
        return self._top.picker.in_rectangle(self._top.view, wide.left(), wide.top(), wide.right(), wide.bottom())

    def _places(self, nodes: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        nodes = nodes[self._top.scene.shown(nodes)]
        return self._top.points(nodes), radii(self._top.scene, self._top.usual, nodes)


def _draw_spokes(painter: QPainter, top: OnTop, mine: NDArray[np.int32], look: Look) -> None:
    """Light up the edges of the node under the pointer."""
    mine = mine[top.scene.shown(mine[:, 0].astype(np.int64)) & top.scene.shown(mine[:, 1].astype(np.int64))]
    faint = min(1.0, (40 / max(1, len(mine))) ** 0.5)  # a hub must not become a blot
    painter.setPen(QPen(QColor(*look.highlight, round(40 + 150 * faint)), 1.0))
    ends = top.points(mine.reshape(-1).astype(np.int64)).reshape(-1, 4)
    for x1, y1, x2, y2 in ends.tolist():
        painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))


def _draw_reasons(painter: QPainter, top: OnTop, reasons: Reasons) -> None:
    """Draw the edges that counted, the weightier the thicker, with a rim that sets them off from other edges."""
    order = np.argsort(reasons.weight, kind="stable")  # the weightiest on top
    for number in order.tolist():
        pair = reasons.edges[number]
        if not (all(top.is_placed(node) for node in pair.tolist()) and top.scene.shown(pair).all()):
            continue
        # From rim to rim, so that the nodes stay in sight.
        start, end = top.points(pair)
        near, far = radii(top.scene, top.usual, pair).tolist()
        line = end - start
        long = float(np.hypot(*line))
        if long <= near + far:
            continue
        start, end = start + line * (near / long), end - line * (far / long)
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
