"""What the pointer does on a canvas: pan, rectangle, lasso, moving nodes, and which nodes are meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.kit import theme

_CLICK = 4.0  # pixels the pointer may move in a click
MORE = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class Tool(Enum):
    """What dragging with the left button does."""

    PAN = "pan"
    RECTANGLE = "rectangle"
    LASSO = "lasso"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Ask:
    """A wish to change the selection. `nodes`: node numbers, int64 [K]. `how`: replace, add or toggle."""

    nodes: NDArray[np.int64]
    how: str
    current: int | None = None


@dataclass(frozen=True, slots=True)
class ContextAsk:
    """A wish for the context menu. `node`: under the pointer, or None. `at`: on the screen."""

    node: int | None
    at: QPoint


class Drag:
    """A drag under way. Args: tool: what it does. how: it selects. start: where it began."""

    def __init__(self, tool: Tool, how: str, start: QPointF) -> None:
        self.tool = tool
        self.how = how
        self.start = start
        self.last = start
        self.path = [start]
        self.is_moving = False

    def move(self, point: QPointF) -> QPointF:
        """Go on to a point. Returns: the step since the last one; nothing while it may still become a click."""
        away = point - self.start
        self.is_moving = self.is_moving or abs(away.x()) + abs(away.y()) > _CLICK
        if not self.is_moving:
            return QPointF()
        step = point - self.last
        self.last = point
        self.path.append(point)
        return step

    def outline(self) -> NDArray[np.float64]:
        """Return the corners of what was drawn around, in pixels, float64 [C, 2]."""
        if self.tool == Tool.RECTANGLE:
            x1, y1, x2, y2 = self.start.x(), self.start.y(), self.last.x(), self.last.y()
            return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])
        return np.array([[point.x(), point.y()] for point in self.path])

    def draw(self, painter: QPainter) -> None:
        """Draw the outline of what will be caught."""
        if not self.is_moving or self.tool in (Tool.PAN, Tool.MOVE):
            return
        pen = QPen(theme.colour("focus"), 1.4)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(theme.colour("focus", 34))
        if self.tool == Tool.RECTANGLE:
            painter.drawRect(QRectF(self.start, self.last).normalized())
        else:
            painter.drawPolygon(QPolygonF(self.path))


def begin(tool: Tool, modifiers: Qt.KeyboardModifier, start: QPointF, *, pans: bool) -> Drag:
    """Begin a drag: Shift draws a rectangle and adds, Ctrl draws a lasso whatever the tool.

    Args: tool: the one chosen. pans: whether Space, the middle button or a place without a node asks for panning.
    """
    if pans:
        return Drag(Tool.PAN, "replace", start)
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    lasso = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    chosen = Tool.LASSO if lasso else Tool.RECTANGLE if shift and tool in (Tool.PAN, Tool.MOVE) else tool
    return Drag(chosen, "add" if shift else "replace", start)
