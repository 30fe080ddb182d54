"""The keys of a canvas: one table of what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.canvas.gestures import Ask, Tool
from app.canvas.scene import State
from app.canvas.stepping import next_towards

if TYPE_CHECKING:
    from app.canvas.graph_canvas import GraphCanvas

STEP = 60  # pixels for one arrow key
NUDGE = 10  # pixels that one arrow key moves nodes
ZOOM = 1.25
_Key = Qt.Key
_ARROWS = {_Key.Key_Left: (-1, 0), _Key.Key_Right: (1, 0), _Key.Key_Up: (0, -1), _Key.Key_Down: (0, 1)}
_ZOOMS = {_Key.Key_Plus: ZOOM, _Key.Key_Equal: ZOOM, _Key.Key_Minus: 1 / ZOOM}
_TOOLS = {_Key.Key_V: Tool.PAN, _Key.Key_R: Tool.RECTANGLE, _Key.Key_L: Tool.LASSO, _Key.Key_M: Tool.MOVE}
_ENTERS = (_Key.Key_Return, _Key.Key_Enter)


def press(canvas: GraphCanvas, event: QKeyEvent) -> bool:
    """Do what a key asks for. Returns: whether it was one of the canvas's.

    Arrows pan (Shift: farther), Alt and an arrow goes to the next node, Enter selects it (Shift: adds or takes out),
    + and - zoom, F and Home fit, Z goes near to the selection, C to the current node, V R L M choose the tool, Space
    held down pans, Esc gives up a drag or clears. With the tool that moves nodes, arrows move the selection.
    """
    key = Qt.Key(event.key())
    modifiers = event.modifiers()
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return False
    if key in _ARROWS:
        _arrow(canvas, key, by_node=bool(modifiers & Qt.KeyboardModifier.AltModifier), far=shift)
        return True
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return False
    if key in _ENTERS:
        return _select_current(canvas, more=shift)
    return _view(canvas, key) or _other(canvas, key)


def _arrow(canvas: GraphCanvas, key: Qt.Key, *, by_node: bool, far: bool) -> None:
    dx, dy = _ARROWS[key]
    times = 4 if far else 1
    if by_node:
        _step(canvas, dx, dy)
    elif canvas.tool != Tool.MOVE or not canvas.carrying.step(dx * NUDGE * times, dy * NUDGE * times):
        # The picture goes the other way, as when a window moves over it.
        canvas.pan(-dx * STEP * times, -dy * STEP * times)


def _step(canvas: GraphCanvas, dx: int, dy: int) -> None:
    """Ask for the next node in a direction, from the current one or from the middle, and keep it in view."""
    scene = canvas.scene
    if scene is None:
        return
    at = canvas.rect().center() if canvas.current is None else canvas.screen_point(canvas.current)
    nodes = np.flatnonzero(scene.visible())
    found = next_towards(canvas.viewport.to_screen(scene.xy[nodes]), nodes, (at.x(), at.y()), dx, dy)
    if found is None:
        return
    canvas.current_asked.emit(found)
    point = canvas.screen_point(found)
    if not canvas.rect().contains(point):
        canvas.pan(canvas.width() / 2 - point.x(), canvas.height() / 2 - point.y())


def _view(canvas: GraphCanvas, key: Qt.Key) -> bool:
    scene = canvas.scene
    if key in _ZOOMS:
        canvas.zoom(_ZOOMS[key])
    elif key in (_Key.Key_F, _Key.Key_Home):
        canvas.fit()
    elif key == _Key.Key_Z and scene is not None:
        canvas.fit_nodes(np.flatnonzero(scene.state == State.SELECTED))
    elif key == _Key.Key_C and canvas.current is not None:
        canvas.show_node(canvas.current)
    else:
        return False
    return True


def _other(canvas: GraphCanvas, key: Qt.Key) -> bool:
    if key in _TOOLS and (canvas.moves_nodes or _TOOLS[key] != Tool.MOVE):
        canvas.set_tool(_TOOLS[key])
    elif key == _Key.Key_Space:
        canvas.pointer.set_space(True)
    elif key == _Key.Key_Escape:
        if not canvas.pointer.abandon():
            canvas.clear_asked.emit()
    else:
        return False
    return True


def _select_current(canvas: GraphCanvas, *, more: bool) -> bool:
    if canvas.current is None:
        return False
    canvas.selection_asked.emit(Ask(np.array([canvas.current]), "toggle" if more else "replace", canvas.current))
    return True
