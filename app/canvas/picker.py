"""Which nodes of a scene lie under the pointer or in a drawn outline, and which are worth a name in view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.canvas.frame import extremes, radii
from app.canvas.pick_index import PickIndex
from app.canvas.picking import in_polygon, nearest
from app.canvas.scene import Scene, State
from app.canvas.viewport import Viewport

_AT_ONCE = 20_000  # nodes whose index takes a few milliseconds
_MANY = 50  # part of all nodes from which on some are many


class Picker(QObject):
    """Keeps an index of the places in view. Until it is there every node is looked at, to the same answer."""

    indexed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._xy: NDArray[np.float32] | None = None
        self.index: PickIndex | None = None
        self._background = Background(self)
        self._background.finished.connect(self._on_indexed)

    def look_at(self, xy: NDArray[np.float32] | None) -> None:
        """Have an index of these places soon."""
        if xy is self._xy:
            return
        self._xy = xy
        self.index = None
        self._background.drop()
        if xy is None:
            return
        if len(xy) <= _AT_ONCE:
            self.index = PickIndex(xy)
        else:
            self._background.submit(lambda: PickIndex(xy), tag=xy)

    def at(self, scene: Scene, view: Viewport, usual: float, x: float, y: float, reach: float) -> int | None:
        """Return the node under a pixel, or None. Args: usual: radius. reach: pixels beside a node that still count."""
        around = extremes(scene, usual)[1] + reach
        nodes = self._near(view, x, y, around)
        points = view.to_screen(scene.xy if nodes is None else scene.xy[nodes])
        radius = radii(scene, usual) if nodes is None else radii(scene, usual, nodes)
        shown = scene.shown() if nodes is None else scene.shown(nodes)
        found = nearest(points, radius, shown, x, y, reach)
        return found if found is None or nodes is None else int(nodes[found])

    def inside(self, scene: Scene, view: Viewport, outline: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the visible nodes in a closed outline, ascending, int64 [K]. Args: outline: pixels, float64 [C, 2]."""
        if self.index is None:
            return np.flatnonzero(in_polygon(view.to_screen(scene.xy), scene.visible(), outline.astype(np.float32)))
        corners = np.array([view.to_scene(x, y) for x, y in outline.tolist()], dtype=np.float64).reshape(-1, 2)
        found = self.index.in_polygon(corners)
        if len(found) < scene.num_nodes // _MANY:
            return np.sort(found[scene.shown(found)])
        # One pass over all nodes is quicker than sorting many; what the index holds has a place.
        caught = np.zeros(scene.num_nodes, dtype=bool)
        caught[found] = True
        caught &= scene.state != State.HIDDEN
        return np.flatnonzero(caught)

    def in_view(self, view: Viewport, most: int) -> NDArray[np.int64] | None:
        """Return the nodes in view where they are few enough, else None."""
        if self.index is None:
            return None
        left, top = view.to_scene(0, 0)
        right, bottom = view.to_scene(view.width, view.height)
        if self.index.count_near(left, bottom, right, top) > most:
            return None
        return self.index.in_box(left, bottom, right, top)

    def in_rectangle(self, view: Viewport, left: float, top: float, right: float, bottom: float) -> NDArray[np.int64]:
        """Return the nodes whose middle lies in a rectangle of pixels; none before there is an index."""
        if self.index is None:
            return np.zeros(0, dtype=np.int64)
        x1, y1 = view.to_scene(left, top)
        x2, y2 = view.to_scene(right, bottom)
        return self.index.in_box(x1, y2, x2, y1)

    def _near(self, view: Viewport, x: float, y: float, around: float) -> NDArray[np.int64] | None:
        if self.index is None:
            return None
        return self.in_rectangle(view, x - around, y - around, x + around, y + around)

    @Slot(object)
    def _on_indexed(self, outcome: Outcome) -> None:
        if outcome.tag is self._xy and outcome.value is not None:
            self.index = outcome.value
            self.indexed.emit()
