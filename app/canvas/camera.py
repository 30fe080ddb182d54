"""From where a scene is looked at, and how one moves: fit, zoom, pan, go to nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.canvas.frame import node_radius
from app.canvas.scene import Scene
from app.canvas.viewport import Viewport, fitted

_LEAST, _MOST = 0.05, 4000.0  # zoom relative to the fitted view
_NEAREST = 12.0  # zoom at which a few nodes are shown
_SURROUNDINGS = 12.0  # a found node is shown with about the nodes of such a square around it


class Camera:
    """The viewport, and the fitted view it is measured against. Args: width, height: of the widget, in pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.view = Viewport(0.0, 0.0, 1.0, max(1, width), max(1, height))
        self.is_fitted = True
        self.beside = 0  # pixels on the left that stay clear when everything is shown
        self._fit_scale = 1.0
        self._fit_area = 1.0

    @property
    def zoomed_by(self) -> float:
        """Zoom relative to the fitted view."""
        return self.view.scale / self._fit_scale

    def usual_radius(self, scene: Scene) -> float:
        """Return the radius of a node of size 1, in pixels."""
        return node_radius(scene.num_nodes, self._fit_area, self.zoomed_by)

    def measure(self, scene: Scene) -> Viewport:
        """Return the view that shows everything, and note how large that is."""
        left, top, right, bottom = bounds = scene.bounds()
        view = fitted(bounds, self.view.width, self.view.height, self.beside)
        self._fit_scale = view.scale
        whole = float(view.width * view.height)
        self._fit_area = min(whole, (right - left) * (bottom - top) * view.scale**2) or whole
        return view

    def fit(self, scene: Scene) -> None:
        """Show everything."""
        self.view = self.measure(scene)
        self.is_fitted = True

    def fit_nodes(self, scene: Scene, nodes: NDArray[np.int64]) -> None:
        """Show these nodes as large as fits, within reason."""
        points = scene.xy[nodes]
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        close = fitted((left, top, right, bottom), self.view.width, self.view.height)
        alone = max(self.view.scale, self._fit_scale)
        scale = min(close.scale, _NEAREST * self._fit_scale) if len(points) > 1 else alone
        self._look_from(Viewport(close.x, close.y, scale, self.view.width, self.view.height))

    def show_node(self, scene: Scene, node: int) -> None:
        """Bring a node to the middle, near enough to see its surroundings."""
        x, y = (float(value) for value in scene.xy[node])
        near = min(_SURROUNDINGS / 2, max(1.0, scene.num_nodes**0.5 / _SURROUNDINGS)) * self._fit_scale
        self._look_from(Viewport(x, y, max(self.view.scale, near), self.view.width, self.view.height))

    def zoom(self, factor: float, px: float, py: float) -> None:
        """Magnify around a pixel, within reason."""
        scale = self.view.scale * factor
        factor *= min(max(scale, _LEAST * self._fit_scale), _MOST * self._fit_scale) / scale
        self._look_from(self.view.zoomed(factor, px, py))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by so many pixels."""
        self._look_from(self.view.panned(dx, dy))

    def resize(self, width: int, height: int, scene: Scene | None) -> None:
        """Keep the middle, or all of the scene where it was fitted."""
        self.view = self.view.resized(width, height)
        if scene is not None and self.is_fitted:
            self.fit(scene)

    def _look_from(self, view: Viewport) -> None:
        self.view = view
        self.is_fitted = False
