"""The confusion matrix as a grid of cells to click, or to walk with the arrow keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QFont,
    QFontMetricsF,
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
from app.kit.translate import tr

_LONGEST = 120.0  # of a class name, in pixels
_LEAST, _READABLE, _MOST = 17.0, 24.0, 62.0  # side of a cell
_FEW = 10  # classes whose cells stay readable at least; more are an overview first
_TITLE = 20.0
_MARK = 16.0
_SMALLEST_FONT = 0.62  # of the usual size; smaller numbers are left to the tooltip

Cell = tuple[int | None, int | None]  # true row, predicted column; None for a whole column or row


class ConfusionGrid(QWidget):
    """Rows are true classes, columns predicted ones; the shade is the share of the row."""

    spoken_role = QAccessible.Role.Table
    chosen = Signal(object, object)  # Cell, add: bool

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Confusion matrix"))
        self._classes: tuple[str, ...] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self._at: Cell = (0, 0)
        self._hover: Cell | None = None

    def set_counts(self, classes: tuple[str, ...], counts: NDArray[np.int64]) -> None:
        """Show other counts. Args: counts: rows true, columns predicted, int64 [C, C]."""
        if classes != self._classes:
            self._at = (0, 0)
        self._classes = classes
        self._counts = counts
        self._hover = None
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for cells of a readable size."""
        side = len(self._classes) * 34.0
        return QSize(round(side + self._left() + 8), round(side + self._top() + 8))

    def minimumSizeHint(self) -> QSize:
        """Be content with small cells."""
        side = len(self._classes) * self._least()
        return QSize(round(side + self._left() + 8), round(side + self._top() + 8))

    def cell_rect(self, true: int, predicted: int) -> QRectF:
        """Return where a cell is."""
        side = self._side()
        return QRectF(self._left() + predicted * side, self._top() + true * side, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes and cells."""
        if not self._classes:
            return
        with painting(self) as painter:
            self._draw_axes(painter)
            sums = np.maximum(1, self._counts.sum(axis=1))
            for row in range(len(self._classes)):
                for column in range(len(self._classes)):
                    self._draw_cell(painter, row, column, self._counts[row, column] / sums[row])
            self._draw_focus(painter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the pointer."""
        cell = self._cell_at(event.position())
        if cell != self._hover:
            self._hover = cell
            self.setToolTip(plain_tip(self.describe(cell)) if cell is not None else "")
            self.setCursor(Qt.CursorShape.PointingHandCursor if cell is not None else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._hover = None
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the members of a cell, a row or a column."""
        cell = self._cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            if cell[0] is not None and cell[1] is not None:
                self._at = cell
            self.chosen.emit(cell, self._adds(event.modifiers()))
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Enter or Space ask."""
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        size = len(self._classes)
        key = Qt.Key(event.key())
        if key in steps and size:
            row, column = (self._at[0] or 0) + steps[key][0], (self._at[1] or 0) + steps[key][1]
            self._at = (row % size, column % size)
            self.setAccessibleDescription(self.describe(self._at))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and size:
            self.chosen.emit(self._at, self._adds(event.modifiers()))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show nothing."""
        self.update()
        super().focusOutEvent(event)

    def describe(self, cell: Cell) -> str:
        """Return a cell in words."""
        row, column = cell
        if row is not None and column is not None:
            count, total = int(self._counts[row, column]), max(1, int(self._counts[row].sum()))
            return tr(
                "{count} of {total} that are {true} were predicted as {predicted} ({share} %).",
                count=count,
                total=int(self._counts[row].sum()),
                true=self._classes[row],
                predicted=self._classes[column],
                share=f"{100 * count / total:.1f}",
            )
        if row is not None:
            return tr("{count} are {true}.", count=int(self._counts[row].sum()), true=self._classes[row])
        assert column is not None
        total = int(self._counts[:, column].sum())
        return tr("{count} were predicted as {predicted}.", count=total, predicted=self._classes[column])

    def _draw_axes(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(self.font())
        side, left, top = self._side(), self._left(), self._top()
        long = side * len(self._classes)
        small = QFont(self.font())
        small.setPointSizeF(self.font().pointSizeF() * 0.85)
        painter.setFont(small)
        painter.setPen(theme.colour("muted"))
        centred = Qt.AlignmentFlag.AlignCenter
        painter.drawText(QRectF(left, 0, max(long, 90), _TITLE - 3), Qt.AlignmentFlag.AlignLeft, tr("Predicted →"))
        painter.save()
        painter.translate(9, top + long / 2)
        painter.rotate(-90)
        painter.drawText(QRectF(-80, -9, 160, 16), centred, tr("← True"))
        painter.restore()
        painter.setFont(self.font())
        flat = self._is_flat()
        for number, name in enumerate(self._classes):
            lit = self._hover is not None and number in (self._hover[0],)
            painter.setPen(theme.colour("text" if lit else "muted"))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST)
            middle = top + (number + 0.5) * side
            box = QRectF(_TITLE, middle - 10, left - _TITLE - _MARK - 4, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown)
            self._draw_mark(painter, number, QPointF(left - 9, middle))
            across = left + (number + 0.5) * side
            self._draw_mark(painter, number, QPointF(across, top - 9))
            lit = self._hover is not None and number in (self._hover[1],)
            painter.setPen(theme.colour("text" if lit else "muted"))
            if flat:
                fits = metrics.elidedText(name, Qt.TextElideMode.ElideRight, side - 4)
                painter.drawText(QRectF(across - side / 2, top - _MARK - 20, side, 18), centred, fits)
            else:
                painter.save()
                painter.translate(across, top - _MARK - 3)
                painter.rotate(-90)
                painter.drawText(QPointF(0, metrics.ascent() / 2 - 1), shown)
                painter.restore()

    def _draw_mark(self, painter: QPainter, code: int, middle: QPointF) -> None:
        painter.save()
        painter.translate(middle)
        painter.fillPath(shape_path(theme.category_shape(code), 4.2), theme.category_colour(code))
        painter.restore()

    def _draw_cell(self, painter: QPainter, row: int, column: int, share: float) -> None:
        box = self.cell_rect(row, column).adjusted(1, 1, -1, -1)
        count = int(self._counts[row, column])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(box, 3, 3)
        if count:
            shade = theme.colour("good" if row == column else "problem", round(34 + 200 * share**0.6))
            painter.setBrush(shade)
            painter.drawRoundedRect(box, 3, 3)
        font = QFont(self.font())
        shown = f"{count:,}"
        room = (box.width() - 2) / max(1.0, QFontMetricsF(font).horizontalAdvance(shown))
        if count and room >= _SMALLEST_FONT:
            font.setPointSizeF(font.pointSizeF() * min(1.0, room))
            strong = share > 0.35
            on = "window" if theme.tokens().name == "dark" and strong else "on_accent" if strong else "text"
            painter.setFont(font)
            painter.setPen(theme.colour(on))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)

    def _draw_focus(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cell, colour in ((self._hover, "text"), (self._at if self.hasFocus() else None, "focus")):
            if cell is not None and cell[0] is not None and cell[1] is not None:
                painter.setPen(QPen(theme.colour(colour), 1.8))
                painter.drawRoundedRect(self.cell_rect(cell[0], cell[1]).adjusted(1, 1, -1, -1), 3, 3)

    def _cell_at(self, point: QPointF) -> Cell | None:
        side, size = self._side(), len(self._classes)
        if not size:
            return None
        column = int((point.x() - self._left()) // side)
        row = int((point.y() - self._top()) // side)
        inside_row, inside_column = 0 <= row < size, 0 <= column < size
        if inside_row and inside_column:
            return (row, column)
        if inside_row and column < 0:
            return (row, None)
        if inside_column and row < 0:
            return (None, column)
        return None

    def _widest(self) -> float:
        metrics = QFontMetricsF(self.font())
        return min(_LONGEST, max((metrics.horizontalAdvance(name) for name in self._classes), default=0.0))

    def _left(self) -> float:
        return _TITLE + self._widest() + _MARK + 8

    def _top(self) -> float:
        return _TITLE + _MARK + 6 + (18.0 if self._is_flat() else self._widest())

    def _is_flat(self) -> bool:
        """Whether class names fit above their columns without being turned."""
        return len(self._classes) <= 4

    def _side(self) -> float:
        size = max(1, len(self._classes))
        room = min(self.width() - self._left() - 4, self.height() - self._top() - 4) / size
        return float(min(max(room, self._least()), _MOST))

    def _least(self) -> float:
        return _READABLE if len(self._classes) <= _FEW else _LEAST

    def _adds(self, modifiers: Qt.KeyboardModifier) -> bool:
        return bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
