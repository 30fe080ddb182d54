"""A histogram that is a range filter: drag in it to select, drag its handles to filter, or use the keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.translate import tr

_HEIGHT = 46  # of the bars
_AXIS = 14  # below them: the line with the handles
_HANDLE = 6.0  # radius
_REACH = 9.0  # how near to a handle a press takes hold of it


class HistogramBars(QWidget):
    """Bars over bins of equal width on screen.

    `bins_selected` carries (first, last, add): the bins dragged over. `filtered` carries (first, last) of the bins
    that the handles enclose, None where a handle is at its end.
    """

    spoken_role = QAccessible.Role.Chart
    bins_selected = Signal(object)  # (int, int, bool)
    filtered = Signal(object)  # (int | None, int | None)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._counts: list[int] = []
        self._part: list[int] = []
        self._labels = ("", "")
        self._low, self._high = 0, 0  # the bins that pass
        self._drag: str = ""  # what is dragged: low, high or bins
        self._from = self._cursor = 0
        self._shows_range = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Histogram of {column}", column=name))
        self.setToolTip(
            tr("Drag over bars to select, drag the handles to filter. Keys: arrows, Shift, Enter selects, F filters.")
        )

    def show_counts(self, counts: Sequence[int], labels: tuple[str, str]) -> None:
        """Show other bars. Args: labels: what stands at both ends."""
        changed = len(counts) != len(self._counts)
        self._counts, self._labels = [int(one) for one in counts], labels
        if changed:
            self._part = []
            self._low, self._high = 0, len(self._counts) - 1
            self._from = self._cursor = 0
        self._describe()
        self.update()

    def show_part(self, counts: Sequence[int]) -> None:
        """Show how many of each bin are selected."""
        self._part = [int(one) for one in counts]
        self.update()

    def show_filter(self, first: int | None, last: int | None) -> None:
        """Put the handles where a filter is. Args: None: at the end."""
        self._low = 0 if first is None else first
        self._high = len(self._counts) - 1 if last is None else last
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for bars, handles and the numbers at both ends."""
        return QSize(220, _HEIGHT + _AXIS + self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Be content with a narrow column."""
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bars, the selected part of each, handles and numbers."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._counts:
            self._draw_bars(painter)
            self._draw_axis(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _draw_bars(self, painter: QPainter) -> None:
        top = max(max(self._counts), 1)
        first, last = sorted((self._from, self._cursor))
        painter.setPen(Qt.PenStyle.NoPen)
        for number, count in enumerate(self._counts):
            left, right = self._left(number), self._left(number + 1)
            if self._shows_range and first <= number <= last:
                painter.fillRect(QRectF(left, 0, right - left, _HEIGHT), theme.colour("selection", 130))
            passes = self._low <= number <= self._high
            self._bar(painter, left, right, count / top, theme.colour("accent" if passes else "strong_border"))
            if number < len(self._part) and self._part[number]:
                self._bar(painter, left, right, self._part[number] / top, theme.colour("highlight"))

    def _bar(self, painter: QPainter, left: float, right: float, share: float, colour: object) -> None:
        if share > 0:
            # A bin with a single node is seen too.
            high = max(1.5, share**0.5 * (_HEIGHT - 4))
            width = max(1.0, right - left - 1.0)
            painter.fillRect(QRectF(left, _HEIGHT - high, width, high), colour)  # type: ignore[call-overload]

    def _draw_axis(self, painter: QPainter) -> None:
        y = _HEIGHT + _AXIS / 2
        painter.setPen(QPen(theme.colour("strong_border"), 2))
        painter.drawLine(QPointF(self._left(0), y), QPointF(self._left(len(self._counts)), y))
        low, high = self._left(self._low), self._left(self._high + 1)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        for x in (low, high):
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(theme.colour("text"))
            painter.drawEllipse(QPointF(x, y), _HANDLE - 1, _HANDLE - 1)
        painter.setPen(theme.colour("muted"))
        base = self.height() - self.fontMetrics().descent() - 1
        painter.drawText(QPointF(_HANDLE, base), self._labels[0])
        wide = self.fontMetrics().horizontalAdvance(self._labels[1])
        painter.drawText(QPointF(self.width() - _HANDLE - wide, base), self._labels[1])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a handle, or begin to drag over bars."""
        if event.button() != Qt.MouseButton.LeftButton or not self._counts:
            return
        spot = event.position()
        ends = {"low": self._left(self._low), "high": self._left(self._high + 1)}
        near = {name: abs(spot.x() - x) for name, x in ends.items()}
        if spot.y() > _HEIGHT - 1 and min(near.values()) <= _REACH:
            # Handles on top of each other: the one that can move that way.
            self._drag = "low" if near["low"] < near["high"] or spot.x() < ends["low"] else "high"
        else:
            self._drag = "bins"
            self._from = self._cursor = self._bin(spot.x())
            self._shows_range = True
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held."""
        x = event.position().x()
        if self._drag == "bins":
            self._cursor = self._bin(x)
            self.update()
        elif self._drag:
            edge = round((x - self._left(0)) / max(self._step(), 1e-9))
            if self._drag == "low":
                self._set_filter(min(max(0, edge), self._high), self._high)
            else:
                self._set_filter(self._low, max(min(len(self._counts), edge) - 1, self._low))
        else:
            at = self._bin(x)
            if 0 <= at < len(self._counts):
                self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell what was dragged over."""
        if self._drag == "bins":
            self._select(event.modifiers())
        self._drag = ""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Filter no longer."""
        self._set_filter(0, len(self._counts) - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, with Shift they widen; Enter selects, F filters to the range, Delete ends filtering."""
        key, last = event.key(), len(self._counts) - 1
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(key), 0)
        if last < 0:
            super().keyPressEvent(event)
        elif step or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
            self._cursor = ends.get(Qt.Key(key), min(max(0, self._cursor + step), last))
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._from = self._cursor
            self._shows_range = True
            self._describe()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._select(event.modifiers())
        elif key == Qt.Key.Key_F:
            self._set_filter(*sorted((self._from, self._cursor)))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._set_filter(0, last)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the range that the keys are about."""
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._shows_range = True
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no range."""
        self._shows_range = False
        self.update()
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint with the theme."""
        if event.type() == QEvent.Type.StyleChange:
            self.update()
        super().changeEvent(event)

    def bin_centre(self, number: int) -> QPointF:
        """Return where the middle of a bin is, for who aims at it."""
        return QPointF((self._left(number) + self._left(number + 1)) / 2, _HEIGHT / 2)

    def handle(self, name: str) -> QPointF:
        """Return where a handle is. Args: name: low or high."""
        at = self._low if name == "low" else self._high + 1
        return QPointF(self._left(at), _HEIGHT + _AXIS / 2)

    def _select(self, modifiers: Qt.KeyboardModifier) -> None:
        first, last = sorted((self._from, self._cursor))
        add = bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        self.bins_selected.emit((first, last, add))

    def _set_filter(self, first: int, last: int) -> None:
        if (first, last) != (self._low, self._high):
            self._low, self._high = first, last
            self._describe()
            self.update()
            self.filtered.emit((first or None, None if last == len(self._counts) - 1 else last))

    def _describe(self) -> None:
        if not self._counts:
            return
        first, last = sorted((self._from, min(self._cursor, len(self._counts) - 1)))
        text = tr(
            "Bars {first} to {last} of {count}: {nodes} nodes. From {low} to {high}.",
            first=first + 1,
            last=last + 1,
            count=len(self._counts),
            nodes=sum(self._counts[first : last + 1]),
            low=self._labels[0],
            high=self._labels[1],
        )
        self.setAccessibleDescription(text)

    def _step(self) -> float:
        return (self.width() - 2 * _HANDLE) / max(1, len(self._counts))

    def _left(self, number: int) -> float:
        return _HANDLE + number * self._step()

    def _bin(self, x: float) -> int:
        return min(max(0, int((x - _HANDLE) / max(self._step(), 1e-9))), len(self._counts) - 1)
