"""Horizontal bars with their names and numbers: class counts, probabilities, floors beside a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.marks import shape_path
from app.canvas.painting import painting
from app.kit import theme
from app.kit.plain import plain_tip

_GAP = 12
_NAME_SHARE = 0.42  # of the width, at most
_BAR = 9  # height


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Args:
        name: text before it. value: its length, not negative. shown: the number after it.
        category: number whose colour and shape it wears; None for the plain colour.
        error: half the length of the whisker at its end; None for none.
        is_strong: whether it is the one that matters. note: for the tooltip.
    """

    name: str
    value: float
    shown: str
    category: int | None = None
    error: float | None = None
    is_strong: bool = False
    note: str = ""


class Bars(QWidget):
    """Draws bars from zero; a click, or Enter with the keyboard, tells which one was chosen."""

    spoken_role = QAccessible.Role.List
    chosen = Signal(object)  # int: number of the bar

    def __init__(self, name: str, *, clickable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self._top = 1.0
        self._line = -1
        self._clickable = clickable
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if clickable:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_bars(self, bars: Sequence[Bar], *, top: float | None = None) -> None:
        """Show other bars. Args: top: the value as long as the widget; None for the largest shown."""
        self.bars = tuple(bars)
        longest = max((bar.value + (bar.error or 0.0) for bar in bars), default=0.0)
        self._top = max(top if top is not None else longest, 1e-12)
        self._line = -1
        self.setAccessibleDescription(", ".join(f"{bar.name} {bar.shown}" for bar in self.bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for every bar."""
        return QSize(240, len(self.bars) * self._step() + 2)

    def minimumSizeHint(self) -> QSize:
        """Be content with a narrow column."""
        return QSize(140, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars in sight."""
        metrics = self.fontMetrics()
        names = max((metrics.horizontalAdvance(bar.name) for bar in self.bars), default=0)
        marks = 18 if any(bar.category is not None for bar in self.bars) else 0
        left = min(names, round(self.width() * _NAME_SHARE)) + marks + _GAP
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        right = max((QFontMetrics(bold).horizontalAdvance(bar.shown) for bar in self.bars), default=0) + _GAP
        with painting(self) as painter:
            for number, bar in enumerate(self.bars):
                box = self.line_rect(number)
                if box.intersects(event.rect()):
                    self._draw(painter, bar, number, box, marks, left, right, bold)

    def line_rect(self, number: int) -> QRect:
        """Return where a bar's line is."""
        return QRect(0, number * self._step(), self.width(), self._step())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the line under the pointer."""
        self._set_line(self._line_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Light up nothing."""
        if not self.hasFocus():
            self._set_line(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a bar."""
        line = self._line_at(event.position())
        if self._clickable and line >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down move, Enter or Space choose."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self.bars:
            self._set_line((self._line + step) % len(self.bars))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._line >= 0:
            self.chosen.emit(self._line)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first bar."""
        self._set_line(max(0, self._line) if self.bars else -1)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Light up nothing."""
        self._set_line(-1)
        super().focusOutEvent(event)

    def _draw(
        self, painter: QPainter, bar: Bar, number: int, box: QRect, marks: int, left: int, right: int, bold: QFont
    ) -> None:
        metrics = self.fontMetrics()
        if number == self._line and self._clickable:
            painter.setPen(QPen(theme.colour("focus"), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 1, -0.5, -1), 4, 4)
        middle = box.center().y() + 0.5
        base = round(middle + metrics.ascent() / 2 - 1.5)
        colour = theme.category_colour(bar.category) if bar.category is not None else theme.colour("faint")
        if bar.is_strong and bar.category is None:
            colour = theme.colour("accent")
        if bar.category is not None:
            painter.save()
            painter.translate(QPointF(8, middle))
            painter.fillPath(shape_path(theme.category_shape(bar.category), 4.6), colour)
            painter.restore()
        painter.setFont(bold if bar.is_strong else self.font())
        painter.setPen(theme.colour("text"))
        name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, left - marks - _GAP + 2)
        painter.drawText(marks, base, name)
        room = max(1.0, self.width() - left - right)
        long = room * min(1.0, bar.value / self._top)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("hover"))
        painter.drawRoundedRect(QRectF(left, middle - _BAR / 2, room, _BAR), 2, 2)
        if bar.value > 0:
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(left, middle - _BAR / 2, max(2.0, long), _BAR), 2, 2)
        if bar.error:
            self._draw_whisker(painter, left, room, bar, middle)
        painter.setPen(theme.colour("text" if bar.is_strong else "muted"))
        wide = painter.fontMetrics().horizontalAdvance(bar.shown)
        painter.drawText(self.width() - wide - 2, base, bar.shown)

    def _draw_whisker(self, painter: QPainter, left: int, room: float, bar: Bar, middle: float) -> None:
        assert bar.error is not None
        low = left + room * max(0.0, (bar.value - bar.error) / self._top)
        high = left + room * min(1.0, (bar.value + bar.error) / self._top)
        for colour, width in ((QColor(theme.colour("panel")), 3.4), (QColor(theme.colour("text")), 1.4)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            for x in (low, high):
                painter.drawLine(QPointF(x, middle - 4), QPointF(x, middle + 4))

    def _line_at(self, point: QPointF) -> int:
        line = int(point.y() // self._step())
        return line if 0 <= line < len(self.bars) else -1

    def _set_line(self, line: int) -> None:
        if line != self._line:
            self._line = line
            bar = self.bars[line] if 0 <= line < len(self.bars) else None
            self.setToolTip(plain_tip("\n".join(filter(None, (bar.name, bar.note)))) if bar is not None else "")
            self.update()

    def _step(self) -> int:
        return self.fontMetrics().height() + 7
