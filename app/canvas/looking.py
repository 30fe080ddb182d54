"""From where a widget looks at its scene: fit, zoom, pan, go to nodes, and what lies under a pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QTimer, Slot
from PySide6.QtWidgets import QWidget

from app.canvas.camera import Camera
from app.canvas.picker import Picker
from app.canvas.scene import Scene
from app.canvas.viewport import Viewport

_REACH = 3.0  # pixels beside a node that still count as on it
_RESTS_MS = 90  # without a move after which the view counts as resting, and names are placed anew
_FLASH_MS = 1600


class Looking(QWidget):
    """A widget with a scene, a camera and a picker. It draws nothing; who inherits says what a move costs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: Scene | None = None
        self.current: int | None = None
        self._camera = Camera(self.width(), self.height())
        self._picker = Picker(self)
        self._picker.indexed.connect(self.update)
        self._flash = self._timer(_FLASH_MS)
        self._rest = self._timer(_RESTS_MS)

    def set_current(self, node: int | None) -> None:
        """Ring the node one looks at."""
        if node != self.current:
            self.current = node
            self.update()

    @Slot()
    def fit(self) -> None:
        """Show everything."""
        if self.scene is not None:
            self._make_room()
            self._camera.fit(self.scene)
            self._move()

    def fit_nodes(self, nodes: NDArray[np.int64]) -> None:
        """Show these nodes as large as fits, within reason."""
        if self.scene is not None and len(nodes):
            self._camera.fit_nodes(self.scene, nodes)
            self._move()

    @Slot(object)
    def show_node(self, node: int) -> None:
        """Bring a node to the middle and ring it for a moment."""
        if self.scene is not None and np.isfinite(self.scene.xy[node]).all():
            self._camera.show_node(self.scene, node)
            self.set_current(node)
            self._flash.start()
            self._move()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify around a point, or around the middle."""
        point = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        self._camera.zoom(factor, point.x(), point.y())
        self._move()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by so many pixels."""
        self._camera.pan(dx, dy)
        self._move()

    @property
    def viewport(self) -> Viewport:
        """What is on screen."""
        return self._camera.view

    def screen_point(self, node: int) -> QPoint:
        """Return where a node is, in the widget's pixels."""
        assert self.scene is not None
        x, y = self.viewport.to_screen(self.scene.xy[node : node + 1])[0]
        return QPoint(round(float(x)), round(float(y)))

    def node_at(self, point: QPointF) -> int | None:
        """Return the node under a point of the widget."""
        if self.scene is None:
            return None
        usual = self._camera.usual_radius(self.scene)
        return self._picker.at(self.scene, self.viewport, usual, point.x(), point.y(), _REACH)

    def nodes_inside(self, outline: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the visible nodes inside a closed outline, ascending. Args: outline: pixels, float64 [C, 2]."""
        if self.scene is None:
            return np.zeros(0, dtype=np.int64)
        return self._picker.inside(self.scene, self.viewport, outline)

    def _make_room(self) -> None:
        """Tell the camera what stands beside the picture, before all of it is shown."""

    def _move(self) -> None:
        """Show the scene from the new place."""
        self._rest.start()
        self.update()

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(self.update)
        return timer
