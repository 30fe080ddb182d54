"""Nodes that were moved since the picture was drawn, on top of it: only they are drawn, however large the graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.canvas.frame import Frame, radii
from app.canvas.look import Look
from app.canvas.marks import Mark, draw_mark
from app.canvas.scene import Scene, State
from app.canvas.viewport import Viewport
from app.kit import theme

_MOST = 400  # nodes drawn, and edges; of more that are held every so-manieth
_SMOOTH = 100  # edges up to which they are drawn antialiased
_DUST = 3.0  # radius up to which a square covers a place as well as a disc
_GROUND, _EDGE = 215, 120  # opacity of what covers the place a node has left, and of its edges


class Ahead:
    """Finds and draws them; keeps what it found while the same nodes are ahead of the same picture."""

    def __init__(self) -> None:
        self._marks: dict[Mark, QImage] = {}
        self._look: Look | None = None
        self._spokes: tuple[object, NDArray[np.int64], NDArray[np.int32]] | None = None

    def draw(self, painter: QPainter, frame: Frame, scene: Scene, view: Viewport, usual: float, look: Look) -> None:
        """Draw what differs. Args: frame: the picture below. usual: radius of a node of size 1, in pixels."""
        nodes = moved_since(frame.scene, scene)
        if not len(nodes):
            return
        if look != self._look:
            self._marks.clear()
            self._look = look
        some = nodes[:: -(-len(nodes) // _MOST)]
        radius = radii(scene, usual, some)
        _cover(painter, view.to_screen(frame.scene.xy[some]), radius, QColor(*look.ground, _GROUND))
        edges = self._edges_at(scene, nodes)
        ends = view.to_screen(scene.xy[edges.reshape(-1)]).reshape(-1, 4)
        painter.setPen(QPen(QColor(*look.edge, _EDGE), 1.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(ends) <= _SMOOTH)
        painter.drawLines([QLineF(*line) for line in ends.tolist()])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        points = view.to_screen(scene.xy[some])
        for node, (x, y), r in zip(some.tolist(), points.tolist(), radius.tolist(), strict=True):
            image = self._mark(scene, node, r, look)
            wide, high = image.width() / look.ratio, image.height() / look.ratio
            painter.drawImage(QPointF(x - wide / 2, y - high / 2), image)

    def _edges_at(self, scene: Scene, nodes: NDArray[np.int64]) -> NDArray[np.int32]:
        known = self._spokes
        if known is None or known[0] is not scene.edges or not np.array_equal(known[1], nodes):
            mine = np.zeros(scene.num_nodes, dtype=bool)
            mine[nodes] = True
            shown = scene.shown()
            ends = scene.edges
            found = ends[(mine[ends[:, 0]] | mine[ends[:, 1]]) & shown[ends[:, 0]] & shown[ends[:, 1]]]
            self._spokes = known = (scene.edges, nodes, found[:: -(-len(found) // _MOST) or 1])
        return known[2]

    def _mark(self, scene: Scene, node: int, radius: float, look: Look) -> QImage:
        r, g, b = (int(c) for c in scene.colouring.palette[scene.colouring.codes[node], :3])
        shape = theme.SHAPES[scene.shape_of(node) % len(theme.SHAPES)]
        half = max(1.0, round(radius * look.ratio * 2)) / 2
        mark = Mark((r, g, b), shape, half, State(int(scene.state[node])))
        image = self._marks.get(mark)
        if image is None:
            image = self._marks[mark] = draw_mark(mark, look)
            image.setDevicePixelRatio(look.ratio)
        return image


def _cover(painter: QPainter, points: NDArray[np.float32], radius: NDArray[np.float32], colour: QColor) -> None:
    """Cover the places that nodes have left."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for (x, y), r in zip(points.tolist(), radius.tolist(), strict=True):
        wide = 1.3 * r + 1
        if r <= _DUST:
            painter.fillRect(round(x - wide), round(y - wide), round(2 * wide), round(2 * wide), colour)
        else:
            painter.drawEllipse(QPointF(x, y), wide, wide)


def moved_since(drawn: Scene, scene: Scene) -> NDArray[np.int64]:
    """Return the nodes in sight of which a picture shows another place, int64 [K].

    None where most of them went each its own way: then a layout goes on, and a true picture is on its way.
    """
    if drawn.xy is scene.xy or drawn.num_nodes != scene.num_nodes:
        return np.zeros(0, dtype=np.int64)
    nodes = np.flatnonzero((drawn.xy[:, 0] != scene.xy[:, 0]) | (drawn.xy[:, 1] != scene.xy[:, 1]))
    nodes = nodes[scene.shown(nodes) & drawn.shown(nodes)]
    if len(nodes) > scene.num_nodes // 2 and not _is_one_step(drawn.xy[nodes], scene.xy[nodes]):
        return np.zeros(0, dtype=np.int64)
    return nodes


def _is_one_step(before: NDArray[np.float32], after: NDArray[np.float32]) -> bool:
    """Whether all went the same way, as nodes that one holds do."""
    by = after - before
    size = float(np.abs(after).max(initial=0.0)) + float(np.abs(before).max(initial=0.0))
    return bool(np.allclose(by, by[0], atol=1e-6 * size))
