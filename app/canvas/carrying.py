"""Nodes on their way with the pointer or by the arrow keys: shown where they are held, told when they are let go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.canvas.scene import Scene, State

if TYPE_CHECKING:
    from app.canvas.graph_canvas import GraphCanvas


@dataclass(frozen=True, slots=True, eq=False)
class MoveAsk:
    """A wish to put nodes elsewhere. `nodes`: int64 [K]. `places`: float32 [K, 2]. `by_key`: one of several steps."""

    nodes: NDArray[np.int64]
    places: NDArray[np.float32]
    by_key: bool = False


class Carrying:
    """What the pointer holds. The canvas shows a scene of its own meanwhile; only letting go asks for the move.

    Of a scene that comes while nodes are held (a layout goes on) the other nodes are shown at once.
    """

    def __init__(self, canvas: GraphCanvas) -> None:
        self._canvas = canvas
        self._from: Scene | None = None  # as it is without the move
        self._by = (0.0, 0.0)
        self.nodes: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    @property
    def is_busy(self) -> bool:
        """Whether nodes are held."""
        return self._from is not None

    def grip(self, node: int | None) -> NDArray[np.int64]:
        """Return what moves with a node, int64 [K]: all that is selected where it is, else the node alone."""
        scene = self._canvas.scene
        if scene is None or node is None:
            return np.zeros(0, dtype=np.int64)
        if scene.state[node] != State.SELECTED:
            return np.array([node], dtype=np.int64)
        selected = np.flatnonzero(scene.state == State.SELECTED)
        return selected[scene.shown(selected)]

    def take(self, nodes: NDArray[np.int64]) -> None:
        """Hold these nodes from now on."""
        self._from, self.nodes, self._by = self._canvas.scene, nodes, (0.0, 0.0)

    def carry(self, dx: float, dy: float) -> None:
        """Move what is held by so many pixels more."""
        if self._from is not None:
            scale = self._canvas.viewport.scale
            self._by = (self._by[0] + dx / scale, self._by[1] - dy / scale)
            self._canvas.show_carried(self._moved(self._from))

    def let_go(self) -> None:
        """Ask for what was done."""
        scene, nodes = self._from, self.nodes
        self._from = None
        if scene is not None and self._by != (0.0, 0.0):
            self._canvas.move_asked.emit(MoveAsk(nodes, self._moved(scene).xy[nodes]))

    def abandon(self) -> None:
        """Put everything back where it was."""
        scene, self._from = self._from, None
        if scene is not None:
            self._canvas.show_carried(scene)

    def base(self, scene: Scene) -> Scene:
        """Return the scene that is shown, as it is without the move."""
        return scene if self._from is None else self._from

    def over(self, scene: Scene | None) -> Scene | None:
        """Return a scene that has just come as it is shown: with the nodes where they are held."""
        if self._from is None:
            return scene
        if scene is None or scene.num_nodes != self._from.num_nodes:
            self._from = None
            return scene
        self._from = scene
        return self._moved(scene)

    def step(self, dx: float, dy: float) -> bool:
        """Ask to move the selection, or the current node where none is, by pixels. Returns: whether there is one."""
        scene, current = self._canvas.scene, self._canvas.current
        if scene is None or self.is_busy:
            return False
        nodes = np.flatnonzero(scene.state == State.SELECTED)
        if not len(nodes) and current is not None:
            nodes = np.array([current], dtype=np.int64)
        nodes = nodes[scene.shown(nodes)]
        if not len(nodes):
            return False
        scale = self._canvas.viewport.scale
        by = np.array([dx / scale, -dy / scale], dtype=np.float32)
        self._canvas.move_asked.emit(MoveAsk(nodes, scene.xy[nodes] + by, by_key=True))
        return True

    def _moved(self, scene: Scene) -> Scene:
        if self._by == (0.0, 0.0):
            return scene
        xy = scene.xy.copy()
        xy[self.nodes] += np.array(self._by, dtype=np.float32)
        return replace(scene, xy=xy)
