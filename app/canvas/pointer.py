"""The pointer on a canvas: click, hover, drag, and the cursor that tells what it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QToolTip

from app.canvas.gestures import MORE, Ask, Drag, Tool, begin
from app.kit.plain import plain_tip

if TYPE_CHECKING:
    from app.canvas.graph_canvas import GraphCanvas


_ALT = Qt.KeyboardModifier.AltModifier


class Pointer:
    """Turns mouse events of a canvas into what it asks for.

    `hover` is the node under the pointer, `echo` the one under it in another picture of the same nodes.
    """

    def __init__(self, canvas: GraphCanvas) -> None:
        self._canvas = canvas
        self.drag: Drag | None = None
        self.hover: int | None = None
        self.echo: int | None = None
        self._space = False

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag or a click."""
        middle = event.button() == Qt.MouseButton.MiddleButton
        if event.button() != Qt.MouseButton.LeftButton and not middle:
            return
        QToolTip.hideText()
        tool, pans = self._canvas.tool, middle or self._space
        if not pans and self._moves(event.modifiers()):
            held = self._canvas.carrying.grip(self._canvas.node_at(event.position()))
            tool, pans = Tool.MOVE, not len(held)
            if len(held):
                self._canvas.carrying.take(held)
        self.drag = begin(tool, event.modifiers() & ~_ALT, event.position(), pans=pans)
        self.set_cursor()

    def _moves(self, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether a drag that begins on a node moves it: with its tool, and with Alt whatever the tool."""
        if not self._canvas.moves_nodes or modifiers & MORE:
            return False
        return self._canvas.tool == Tool.MOVE or bool(modifiers & _ALT)

    def move(self, event: QMouseEvent) -> None:
        """Drag, or say what is under the pointer."""
        if self.drag is None:
            self._hover_at(event.position(), event.globalPosition().toPoint())
            return
        step = self.drag.move(event.position())
        if self.drag.tool == Tool.PAN and self.drag.is_moving:
            self._canvas.pan(step.x(), step.y())
        elif self.drag.tool == Tool.MOVE:
            self._canvas.carrying.carry(step.x(), step.y())
        else:
            self._canvas.update()

    def release(self, event: QMouseEvent) -> None:
        """End a drag: select what it caught; or answer a click."""
        drag, self.drag = self.drag, None
        self.set_cursor()
        if drag is None or self._canvas.scene is None:
            return
        self._canvas.carrying.let_go()
        if not drag.is_moving:
            if event.button() == Qt.MouseButton.LeftButton:
                self._click(event)
        elif drag.tool not in (Tool.PAN, Tool.MOVE):
            self._canvas.selection_asked.emit(Ask(self._canvas.nodes_inside(drag.outline()), drag.how))
        self._canvas.update()

    def leave(self) -> None:
        """Nothing is under the pointer any more."""
        self.set_hover(None)

    def set_space(self, held: bool) -> None:
        """Note whether Space is held down: then a drag pans whatever the tool."""
        self._space = held
        self.set_cursor()

    def abandon(self) -> bool:
        """Give up a drag. Returns: whether there was one."""
        had = self.drag is not None
        self.drag = None
        if had:
            self._canvas.carrying.abandon()
            self.set_cursor()
            self._canvas.update()
        return had

    def set_hover(self, node: int | None) -> None:
        """Note the node under the pointer."""
        if node != self.hover:
            self.hover = node
            self.set_cursor()
            self._canvas.hovered.emit(node)
            self._canvas.update()

    @property
    def marked(self) -> int | None:
        """The node to mark: under the pointer here, or in the other picture."""
        return self.echo if self.hover is None else self.hover

    def set_echo(self, node: int | None) -> None:
        """Mark the node that the pointer is on in another picture; None marks none."""
        if node != self.echo:
            self.echo = node
            self._canvas.update()

    def set_cursor(self) -> None:
        """Show what a press would do."""
        if self.drag is not None and self.drag.tool in (Tool.PAN, Tool.MOVE):
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._canvas.tool == Tool.MOVE:
            shape = Qt.CursorShape.SizeAllCursor if self.hover is not None else Qt.CursorShape.ArrowCursor
        elif self._canvas.tool != Tool.PAN:
            shape = Qt.CursorShape.CrossCursor
        elif self.hover is not None:
            shape = Qt.CursorShape.PointingHandCursor
        else:
            shape = Qt.CursorShape.ArrowCursor
        self._canvas.setCursor(shape)

    def _click(self, event: QMouseEvent) -> None:
        node = self._canvas.node_at(event.position())
        more = bool(event.modifiers() & MORE)
        if node is not None:
            self._canvas.selection_asked.emit(Ask(np.array([node]), "toggle" if more else "replace", node))
        elif not more:
            self._canvas.clear_asked.emit()

    def _hover_at(self, point: QPointF, on_screen: QPoint) -> None:
        node = self._canvas.node_at(point)
        if node != self.hover:
            self.set_hover(node)
            if node is not None:
                QToolTip.showText(on_screen, plain_tip(self._canvas.in_words(node)), self._canvas)
            else:
                QToolTip.hideText()
