"""A grid of small pictures, one an item, as many as fit: only what is on screen is drawn or asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.canvas.painting import painting
from app.kit import theme
from app.kit.translate import tr

_PICTURE = QSize(196, 140)  # of a cell's drawing, in device-independent pixels
_GAP = 10
_PAD = 6
_KEPT = 600  # pictures; more than a large screen shows


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell. `title`, `below`: text under the drawing. `colour`: a bar in the item's colour, or none.

    `empty`: what stands in place of a drawing that there is none of, empty while it is on its way.
    """

    title: str
    below: str = ""
    colour: QColor | None = None
    svg: bytes | None = None
    empty: str = ""


class StructureGrid(QAbstractScrollArea):
    """Shows items in an order; the selection is shown, not held: it only tells what the user asks for.

    Args: cell: item number → what stands in its cell.
    """

    items_asked = Signal(object, object)  # list[int] items, how: replace, add or toggle
    current_asked = Signal(object)  # int
    menu_asked = Signal(object, object)  # int | None, QPoint
    opened = Signal(object)  # int: double click or Enter on what is selected alone
    clear_asked = Signal()
    view_moved = Signal()  # other items are on screen

    def __init__(self, cell: Callable[[int], Cell], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = cell
        self._order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._mask: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._place = 0
        self._anchor = 0
        self._pictures: dict[tuple[int, int], QImage] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Structures"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # What is shown

    @property
    def order(self) -> NDArray[np.int64]:
        """The items in the order shown."""
        return self._order

    def set_order(self, order: NDArray[np.int64]) -> None:
        """Show these items in this order; the current one stays where it is among them."""
        current = self.current()
        self._order = order
        found = np.flatnonzero(order == (-1 if current is None else current))
        self._place = int(found[0]) if len(found) else 0
        self._measure()
        self._redraw()

    def set_selected(self, mask: NDArray[np.bool_]) -> None:
        """Mark these items. Args: mask: bool [N]."""
        self._mask = mask
        self.viewport().update()

    def refresh(self) -> None:
        """Draw every cell anew: what they say has changed."""
        self._pictures.clear()
        self._redraw()

    def picture_size(self) -> QSize:
        """Return the size of a drawing, in device-independent pixels."""
        return _PICTURE

    def current(self) -> int | None:
        """Return the item that the keyboard is at, None of nothing."""
        return int(self._order[self._place]) if self._place < len(self._order) else None

    def show_item(self, item: int) -> None:
        """Make an item the current one and scroll to it; tells nobody."""
        found = np.flatnonzero(self._order == item)
        if len(found):
            self._place = self._anchor = int(found[0])
            self._reveal(self._place)
            self.viewport().update()

    def on_screen(self) -> Sequence[int]:
        """Return the items in view, and those of one more row."""
        first, last = self._rows_on_screen()
        columns = self._columns()
        return [int(item) for item in self._order[first * columns : (last + 2) * columns]]

    # Geometry

    def _cell_size(self) -> QSize:
        line = QFontMetrics(self.font()).height()
        return QSize(_PICTURE.width() + 2 * _PAD, _PICTURE.height() + 2 * line + 3 * _PAD)

    def _columns(self) -> int:
        return max(1, (self.viewport().width() - _GAP) // (self._cell_size().width() + _GAP))

    def _step(self) -> int:
        return self._cell_size().height() + _GAP

    def _rows_on_screen(self) -> tuple[int, int]:
        top = self.verticalScrollBar().value()
        return max(0, (top - _GAP) // self._step()), (top + self.viewport().height()) // self._step()

    def _rect(self, place: int) -> QRect:
        size, columns = self._cell_size(), self._columns()
        # What is left of a line is shared out, so that the grid fills the width.
        spare = (self.viewport().width() - _GAP - columns * (size.width() + _GAP)) // (columns + 1)
        left = _GAP + spare + (place % columns) * (size.width() + _GAP + spare)
        top = _GAP + (place // columns) * self._step() - self.verticalScrollBar().value()
        return QRect(QPoint(left, top), size)

    def _place_at(self, at: QPoint) -> int | None:
        row = (at.y() + self.verticalScrollBar().value() - _GAP) // self._step()
        for place in range(max(0, row) * self._columns(), (max(0, row) + 1) * self._columns()):
            if place < len(self._order) and self._rect(place).contains(at):
                return place
        return None

    def _measure(self) -> None:
        rows = -(-len(self._order) // self._columns())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * self._step() + _GAP - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._step() // 3)

    def _reveal(self, place: int) -> None:
        rect, bar = self._rect(place), self.verticalScrollBar()
        if rect.top() < _GAP:
            bar.setValue(bar.value() + rect.top() - _GAP)
        elif rect.bottom() > self.viewport().height() - _GAP:
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + _GAP)

    def _redraw(self) -> None:
        self.viewport().update()
        self.view_moved.emit()

    def _on_scrolled(self, value: int) -> None:
        self._redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit as many in a line as there is room for."""
        super().resizeEvent(event)
        self._measure()
        self._redraw()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells on screen."""
        t = theme.tokens()
        with painting(self.viewport()) as painter:
            painter.fillRect(event.rect(), QColor(t.window))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            first, last = self._rows_on_screen()
            for place in range(first * self._columns(), min(len(self._order), (last + 1) * self._columns())):
                self._draw(painter, place)

    def _draw(self, painter: QPainter, place: int) -> None:
        t, item, rect = theme.tokens(), int(self._order[place]), self._rect(place)
        cell = self._cell(item)
        is_selected = item < len(self._mask) and bool(self._mask[item])
        painter.setPen(QPen(QColor(t.highlight if is_selected else t.border), 2 if is_selected else 1))
        painter.setBrush(QColor(t.panel))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if place == self._place and self.hasFocus():
            painter.setPen(QPen(QColor(t.focus), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8)
        inner = QRect(rect.topLeft() + QPoint(_PAD, _PAD), _PICTURE)
        if cell.svg is not None:
            painter.drawImage(inner, self._picture(item, cell.svg))
        elif cell.empty:
            painter.setPen(QColor(t.muted))
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, cell.empty)
        self._draw_words(painter, cell, rect)

    def _draw_words(self, painter: QPainter, cell: Cell, rect: QRect) -> None:
        t, metrics = theme.tokens(), painter.fontMetrics()
        left, width = rect.left() + _PAD + 2, rect.width() - 2 * _PAD - 4
        line = QRect(left, rect.top() + _PICTURE.height() + 2 * _PAD, width, metrics.height())
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for text, colour, font in ((cell.title, t.text, bold), (cell.below, t.muted, self.font())):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            short = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)
            line.translate(0, metrics.height())
        if cell.colour is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(cell.colour)
            painter.drawRoundedRect(QRectF(rect.left() + 10, rect.bottom() - 3, rect.width() - 20, 3), 1.5, 1.5)

    def _picture(self, item: int, svg: bytes) -> QImage:
        """Return a drawing as pixels, made once: an SVG takes about three milliseconds to draw."""
        key = (item, hash(svg))
        found = self._pictures.get(key)
        if found is None:
            if len(self._pictures) >= _KEPT:
                self._pictures.clear()
            found = self._pictures[key] = picture_of(svg, _PICTURE, self.devicePixelRatioF())
        return found

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Click selects an item, Ctrl toggles it, Shift selects up to it."""
        place = self._place_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if place is None:
            self.clear_asked.emit()
            return
        self._place = place
        self._ask(place, event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Everything was done when it was pressed."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look at one item closely."""
        place = self._place_at(event.position().toPoint())
        if place is not None:
            self.opened.emit(int(self._order[place]))

    def _ask(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        item = int(self._order[place])
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            first, last = sorted((self._anchor, place))
            self.items_asked.emit([int(one) for one in self._order[first : last + 1]], "replace")
        else:
            self._anchor = place
            how = "toggle" if modifiers & Qt.KeyboardModifier.ControlModifier else "replace"
            self.items_asked.emit([item], how)
        self.current_asked.emit(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, with Shift they select, Space toggles, Enter selects, Ctrl+A selects all that is shown."""
        columns = self._columns()
        page = max(1, self.viewport().height() // self._step()) * columns
        last = len(self._order) - 1
        moves = {
            Qt.Key.Key_Left: self._place - 1,
            Qt.Key.Key_Right: self._place + 1,
            Qt.Key.Key_Up: self._place - columns,
            Qt.Key.Key_Down: self._place + columns,
            Qt.Key.Key_PageUp: self._place - page,
            Qt.Key.Key_PageDown: self._place + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = event.key()
        if last < 0:
            super().keyPressEvent(event)
        elif key in moves:
            self._move_to(min(last, max(0, moves[Qt.Key(key)])), event.modifiers())
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._anchor = self._place
            how = "toggle" if key == Qt.Key.Key_Space else "replace"
            self.items_asked.emit([int(self._order[self._place])], how)
        elif key == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.items_asked.emit([int(one) for one in self._order], "replace")
        elif key == Qt.Key.Key_Escape:
            self.clear_asked.emit()
        else:
            super().keyPressEvent(event)

    def _move_to(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        self._place = place
        self._reveal(place)
        self.viewport().update()
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._ask(place, modifiers)
            return
        self._anchor = place
        cell = self._cell(int(self._order[place]))
        self.setAccessibleDescription(f"{cell.title}, {cell.below}" if cell.below else cell.title)
        self.current_asked.emit(int(self._order[place]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of an item."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self._rect(self._place).center())
            self.menu_asked.emit(self.current(), at)
            return
        place = self._place_at(self.viewport().mapFromGlobal(event.globalPos()))
        self.menu_asked.emit(None if place is None else int(self._order[place]), event.globalPos())


def picture_of(svg: bytes, size: QSize, ratio: float) -> QImage:
    """Return a drawing as pixels on a clear ground. Args: size: in points. ratio: device pixels to a point."""
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(svg).render(painter, QRectF(0, 0, image.width(), image.height()))
    image.setDevicePixelRatio(ratio)
    return image
