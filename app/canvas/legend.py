"""The legend on a canvas: a click on a line asks for its nodes, a drag moves it out of the way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.canvas.legend_page import LEAST_LINES, MOST_LINES, LegendPage, draw_frame
from app.canvas.painting import painting
from app.canvas.scene import Scene
from app.kit.plain import plain_tip
from app.kit.translate import tr

_SHARE = 0.55  # of the canvas's height
_EDGE = 12  # pixels to the rim of the canvas
_TOP = 56  # the same above, where the tools are
_CLICK = 4  # pixels the pointer may move in a click
_NUDGE = 16  # pixels for one key
_ARROWS = {
    Qt.Key.Key_Left: QPoint(-_NUDGE, 0),
    Qt.Key.Key_Right: QPoint(_NUDGE, 0),
    Qt.Key.Key_Up: QPoint(0, -_NUDGE),
    Qt.Key.Key_Down: QPoint(0, _NUDGE),
}
_MORE = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class Legend(QWidget):
    """The legend of a scene. Click, or Enter with the keyboard, asks for the nodes of one line.

    A drag moves it, and so does Ctrl with an arrow key; it keeps its place relative to the canvas.
    """

    spoken_role = QAccessible.Role.List
    chosen = Signal(object)  # (Worn, add)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Legend"))
        self.where = QPointF(0.0, 1.0)  # share of the room that is left beside and above it
        self.was_moved = False
        self._scene: Scene | None = None
        self._page: LegendPage | None = None
        self._line = -1
        self._canvas_high = 0
        self._pressed: QPoint | None = None
        self._is_moving = False
        self.hide()

    @property
    def explains(self) -> bool:
        """Whether there is anything to explain."""
        return self._page is not None and not self._page.size.isEmpty()

    def show_scene(self, scene: Scene) -> None:
        """Explain what this scene shows."""
        before, self._scene = self._scene, scene
        if before is not None and all(
            a is b
            for a, b in (
                (before.colouring, scene.colouring),
                (before.sizing, scene.sizing),
                (before.shaping, scene.shaping),
                (before.strength, scene.strength),
            )
        ):
            return
        self._line = -1
        self._lay_out()
        shown = [f"{one.text} {one.count}" for one in scene.colouring.legend[:MOST_LINES]]
        self.setAccessibleDescription(f"{scene.colouring.title}: {', '.join(shown)}")

    def place(self, canvas: QSize) -> None:
        """Show as many lines as leave the canvas its room, and stand where one was put. Args: canvas: its size."""
        if canvas.height() != self._canvas_high or self._page is None or self._page.font != self.font():
            self._canvas_high = canvas.height()
            self._lay_out()
        room = self._room(canvas)
        self.move(_EDGE + round(self.where.x() * room.x()), _TOP + round(self.where.y() * room.y()))

    def sizeHint(self) -> QSize:
        """Room for every line."""
        return QSize(0, 0) if self._page is None else self._page.size

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title and lines."""
        if self._page is None:
            return
        with painting(self) as painter:
            draw_frame(painter, QRectF(self.rect()), focused=self.hasFocus())
            self._page.draw(painter, line=self._line)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
            self._is_moving = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the legend, or light up the line under the pointer."""
        point = event.position().toPoint()
        if self._pressed is None:
            self._set_line(-1 if self._page is None else self._page.line_at(point))
            return
        step = point - self._pressed
        if self._is_moving or step.manhattanLength() > _CLICK:
            self._is_moving = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.nudge(step)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the nodes of a line."""
        moved, pressed = self._is_moving, self._pressed
        self._pressed, self._is_moving = None, False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if pressed is not None and not moved and self._page is not None:
            self._choose(self._page.line_at(event.position().toPoint()), event.modifiers())

    def leaveEvent(self, event: QEvent) -> None:
        """Light up nothing."""
        if not self.hasFocus():
            self._set_line(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down move, Enter or Space ask; with Ctrl the arrows move the legend."""
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key, 0)
        lines = [] if self._page is None else self._page.lines
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and key in _ARROWS:
            self.nudge(_ARROWS[key])
        elif step and lines:
            self._set_line((self._line + step) % len(lines))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._line, event.modifiers())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first line."""
        self._set_line(max(0, self._line))
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Light up nothing."""
        self._set_line(-1)
        self.update()
        super().focusOutEvent(event)

    def nudge(self, step: QPoint) -> None:
        """Move by so many pixels, within the canvas."""
        canvas = self.parentWidget()
        if canvas is None:
            return
        room = self._room(canvas.size())
        at = self.pos() + step - QPoint(_EDGE, _TOP)
        x, y = (min(1.0, max(0.0, a / b)) if b > 0 else 0.0 for a, b in ((at.x(), room.x()), (at.y(), room.y())))
        self.where, self.was_moved = QPointF(x, y), True
        self.place(canvas.size())

    def line_rect(self, line: int) -> QRect:
        """Return where a line is."""
        return QRect() if self._page is None else self._page.line_rect(line)

    def _lay_out(self) -> None:
        if self._scene is None:
            return
        high = self._canvas_high or 10_000  # it is laid out anew once it is on a canvas
        step = self.fontMetrics().height() + 5
        most = max(LEAST_LINES, min(MOST_LINES, int(_SHARE * high / step) - 1))
        pages = (LegendPage(self._scene, self.font(), lines) for lines in range(most, LEAST_LINES - 1, -1))
        fits = (page for page in pages if page.size.height() <= high - _TOP - _EDGE)
        self._page = next(fits, None) or LegendPage(self._scene, self.font(), LEAST_LINES, is_brief=True)
        self.resize(self._page.size)
        self.update()

    def _room(self, canvas: QSize) -> QPoint:
        free = canvas - self.size()
        return QPoint(max(0, free.width() - 2 * _EDGE), max(0, free.height() - _TOP - _EDGE))

    def _choose(self, line: int, modifiers: Qt.KeyboardModifier) -> None:
        if self._page is None or not 0 <= line < len(self._page.lines):
            return
        asks = self._page.lines[line].asks
        if asks is not None:
            self.chosen.emit((asks, bool(modifiers & _MORE)))

    def _set_line(self, line: int) -> None:
        if line != self._line:
            self._line = line
            lines = [] if self._page is None else self._page.lines
            self.setToolTip(plain_tip(lines[line].text) if 0 <= line < len(lines) else "")
            self.update()
