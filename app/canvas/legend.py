"""What the colours and shapes mean, with counts; a click on a line asks for its nodes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from app.canvas.marks import shape_path
from app.canvas.painting import painting
from app.canvas.scene import Colouring
from app.kit import theme
from app.kit.plain import plain_tip
from app.kit.translate import tr

_MARGIN = 10
_MOST_LINES = 14
_LEAST_LINES = 3
_SHARE = 0.55  # of the canvas's height
_LONGEST = 190  # pixels of text
_RAMP = 10  # height of the scale


class Legend(QWidget):
    """The legend of a colouring. Click, or Enter with the keyboard, asks for the nodes of one line."""

    spoken_role = QAccessible.Role.List
    chosen = Signal(object)  # (code, add)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Legend"))
        self._colouring: Colouring | None = None
        self._line = -1
        self._most = _MOST_LINES
        self.hide()

    def show_colouring(self, colouring: Colouring) -> None:
        """Explain these colours."""
        if colouring is self._colouring:
            return
        self._colouring = colouring
        self._line = -1
        shown = [f"{one.text} {one.count}" for one in colouring.legend[:_MOST_LINES]]
        self.setAccessibleDescription(f"{colouring.title}: {', '.join(shown)}")
        self.resize(self.sizeHint())
        self.update()

    def fit_into(self, height: int) -> None:
        """Show as many lines as leave the canvas its room. Args: height: of the canvas."""
        self._most = max(_LEAST_LINES, min(_MOST_LINES, int(_SHARE * height / self._step()) - 1))
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """Room for every line."""
        if self._colouring is None:
            return QSize(0, 0)
        metrics, small = self.fontMetrics(), QFontMetrics(self._title_font())
        wide = small.horizontalAdvance(self._colouring.title.upper()) + 8
        if self._colouring.is_ramp:
            return QSize(max(150, wide) + 2 * _MARGIN, 2 * _MARGIN + small.height() + _RAMP + metrics.height() + 12)
        for one in self._lines():
            count = "" if one[2] is None else f"{one[2]:,}"
            text = min(_LONGEST, metrics.horizontalAdvance(one[0]))
            wide = max(wide, 22 + text + 18 + metrics.horizontalAdvance(count))
        return QSize(wide + 2 * _MARGIN, 2 * _MARGIN + small.height() + 6 + len(self._lines()) * self._step())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title and lines."""
        if self._colouring is None:
            return
        with painting(self) as painter:
            painter.setPen(QPen(theme.colour("focus" if self.hasFocus() else "border"), 1))
            painter.setBrush(theme.colour("panel", 232))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
            painter.setFont(self._title_font())
            painter.setPen(theme.colour("muted"))
            small = QFontMetrics(painter.font())
            painter.drawText(QPoint(_MARGIN, _MARGIN + small.ascent()), self._colouring.title.upper())
            painter.setFont(self.font())
            if self._colouring.is_ramp:
                self._draw_ramp(painter, _MARGIN + small.height() + 8)
            else:
                self._draw_lines(painter, _MARGIN + small.height() + 6)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the line under the pointer."""
        self._set_line(self._line_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Light up nothing."""
        if not self.hasFocus():
            self._set_line(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the nodes of a line."""
        self._choose(self._line_at(event.position().toPoint()), event.modifiers())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down move, Enter or Space ask."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._lines():
            self._set_line((self._line + step) % len(self._lines()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
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

    def line_rect(self, line: int) -> QRect:
        """Return where a line is."""
        top = _MARGIN + QFontMetrics(self._title_font()).height() + 6
        return QRect(4, top + line * self._step(), self.width() - 8, self._step())

    def _lines(self) -> list[tuple[str, int, int | None]]:
        """Return text, code (-1 for the rest) and count of each line."""
        if self._colouring is None:
            return []
        entries = self._colouring.legend
        shown = entries[: self._most] if len(entries) > self._most + 1 else entries
        lines: list[tuple[str, int, int | None]] = [(one.text, one.code, one.count) for one in shown]
        if len(shown) < len(entries):
            rest = entries[self._most :]
            counts = [one.count for one in rest if one.count is not None]
            lines.append((tr("{count} more", count=len(rest)), -1, sum(counts) if counts else None))
        return lines

    def _draw_lines(self, painter: QPainter, top: int) -> None:
        assert self._colouring is not None
        metrics = self.fontMetrics()
        for number, (text, code, count) in enumerate(self._lines()):
            box = self.line_rect(number)
            if number == self._line:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("hover"))
                painter.drawRoundedRect(box, 4, 4)
            middle = box.center().y() + 1
            if code >= 0:
                painter.save()
                painter.translate(QPointF(_MARGIN + 6, middle))
                shape = theme.SHAPES[int(self._colouring.shapes[code]) % len(theme.SHAPES)]
                painter.fillPath(shape_path(shape, 5.0), QColor(*(int(c) for c in self._colouring.palette[code, :3])))
                painter.restore()
            base = middle + metrics.ascent() // 2 - 1
            painter.setPen(theme.colour("text" if code >= 0 else "muted"))
            painter.drawText(_MARGIN + 20, base, metrics.elidedText(text, Qt.TextElideMode.ElideRight, _LONGEST))
            if count is not None:
                painter.setPen(theme.colour("muted"))
                shown = f"{count:,}"
                painter.drawText(self.width() - _MARGIN - metrics.horizontalAdvance(shown), base, shown)

    def _draw_ramp(self, painter: QPainter, top: int) -> None:
        assert self._colouring is not None
        box = QRectF(_MARGIN, top, self.width() - 2 * _MARGIN, _RAMP)
        gradient = QLinearGradient(box.topLeft(), box.topRight())
        ramp = self._colouring.palette[: max(2, (self._colouring.colours or len(self._colouring.palette)) - 1)]
        for at in np.linspace(0, 1, 9):
            gradient.setColorAt(float(at), QColor(*(int(c) for c in ramp[round(at * (len(ramp) - 1)), :3])))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme.colour("text"))
        metrics = self.fontMetrics()
        base = round(box.bottom()) + 4 + metrics.ascent()
        low, high = self._colouring.legend[0].text, self._colouring.legend[-1].text
        painter.drawText(_MARGIN, base, low)
        painter.drawText(self.width() - _MARGIN - metrics.horizontalAdvance(high), base, high)

    def _choose(self, line: int, modifiers: Qt.KeyboardModifier) -> None:
        lines = self._lines()
        if self._colouring is None or self._colouring.is_ramp or not 0 <= line < len(lines) or lines[line][1] < 0:
            return
        add = bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        self.chosen.emit((lines[line][1], add))

    def _line_at(self, point: QPoint) -> int:
        if self._colouring is None or self._colouring.is_ramp:
            return -1
        return next((i for i in range(len(self._lines())) if self.line_rect(i).contains(point)), -1)

    def _set_line(self, line: int) -> None:
        if line != self._line:
            self._line = line
            lines = self._lines()
            self.setToolTip(plain_tip(lines[line][0]) if 0 <= line < len(lines) else "")
            self.update()

    def _step(self) -> int:
        return self.fontMetrics().height() + 5

    def _title_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(self.font().pointSizeF() * 0.82)
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        return font
