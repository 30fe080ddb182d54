"""Pairs of scores before and after, one line for each pair: what changed, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.painting import painting
from app.kit import theme
from app.kit.plain import plain_tip

_SIDE = 62.0
_TOP, _BOTTOM = 18.0, 30.0
_REACH = 7.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair. `name`: which split and seed. `before`, `after`: in the unit shown."""

    name: str
    before: float
    after: float


class PairsChart(QWidget):
    """Two columns of points joined by lines; the means stand out.

    Args: before, after: titles of the columns. unit: behind the numbers ("%").
    """

    def __init__(self, before: str, after: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles = (before, after)
        self._pairs: tuple[Pair, ...] = ()
        self._unit = ""
        self._less_is_better = False
        self._lit = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_pairs(self, pairs: Sequence[Pair], unit: str, *, less_is_better: bool) -> None:
        """Show other pairs."""
        self._pairs = tuple(pairs)
        self._unit = unit
        self._less_is_better = less_is_better
        self._lit = -1
        words = [f"{pair.name}: {pair.before:.4g} → {pair.after:.4g}" for pair in self._pairs]
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a readable size."""
        return QSize(320, 240)

    def minimumSizeHint(self) -> QSize:
        """Be content with little."""
        return QSize(200, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, lines, points and means."""
        if not self._pairs:
            return
        with painting(self) as painter:
            self._draw_axis(painter)
            for number, pair in enumerate(self._pairs):
                self._draw_pair(painter, pair, lit=number == self._lit)
            self._draw_means(painter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the pair under the pointer."""
        lit = self._pair_at(event.position())
        if lit != self._lit:
            self._lit = lit
            if lit >= 0:
                pair = self._pairs[lit]
                tip = f"{pair.name}\n{pair.before:.4g} → {pair.after:.4g} {self._unit}"
                self.setToolTip(plain_tip(tip))
            else:
                self.setToolTip("")
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._lit = -1
        self.update()
        super().leaveEvent(event)

    def point(self, number: int, after: bool) -> QPointF:
        """Return where a pair's point is."""
        pair = self._pairs[number]
        return QPointF(self._x(after), self._y(pair.after if after else pair.before))

    def _draw_axis(self, painter: QPainter) -> None:
        low, high = self._range()
        metrics = self.fontMetrics()
        for value in _ticks(low, high):
            y = self._y(value)
            painter.setPen(QPen(theme.colour("border"), 1))
            painter.drawLine(QPointF(_SIDE - 8, y), QPointF(self.width() - 8, y))
            painter.setPen(theme.colour("muted"))
            shown = f"{value:g} {self._unit}".strip()
            painter.drawText(
                QPointF(_SIDE - 14 - metrics.horizontalAdvance(shown), y + metrics.ascent() / 2 - 1), shown
            )
        painter.setPen(theme.colour("muted"))
        for title, after in ((self._titles[0], False), (self._titles[1], True)):
            box = QRectF(self._x(after) - 90, self.height() - _BOTTOM + 8, 180, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, title)

    def _draw_pair(self, painter: QPainter, pair: Pair, *, lit: bool) -> None:
        gained = (pair.after < pair.before) if self._less_is_better else (pair.after > pair.before)
        name = "good" if gained else "problem" if pair.after != pair.before else "muted"
        colour = theme.colour(name, 255 if lit else 130)
        start, end = QPointF(self._x(False), self._y(pair.before)), QPointF(self._x(True), self._y(pair.after))
        pen = QPen(colour, 2.2 if lit else 1.4)
        if not gained:
            pen.setStyle(Qt.PenStyle.DashLine)  # told apart without colour, too
        painter.setPen(pen)
        painter.drawLine(start, end)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for point in (start, end):
            painter.drawEllipse(point, 3.4, 3.4)

    def _draw_means(self, painter: QPainter) -> None:
        before = float(np.mean([pair.before for pair in self._pairs]))
        after = float(np.mean([pair.after for pair in self._pairs]))
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        metrics = painter.fontMetrics()
        for value, x, is_left in ((before, self._x(False), True), (after, self._x(True), False)):
            y = self._y(value)
            painter.setPen(QPen(theme.colour("text"), 2.4))
            painter.drawLine(QPointF(x - 11, y), QPointF(x + 11, y))
            shown = f"{value:.1f}" if self._unit else f"{value:.4g}"
            wide = metrics.horizontalAdvance(shown)
            at = QPointF(x - 17 - wide if is_left else x + 17, y + metrics.ascent() / 2 - 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("panel", 220))
            painter.drawRect(QRectF(at.x() - 2, at.y() - metrics.ascent(), wide + 4, metrics.height()))
            painter.setPen(theme.colour("text"))
            painter.drawText(at, shown)

    def _pair_at(self, point: QPointF) -> int:
        best, found = _REACH, -1
        for number in range(len(self._pairs)):
            for after in (False, True):
                away = self.point(number, after) - point
                distance = float(np.hypot(away.x(), away.y()))
                if distance < best:
                    best, found = distance, number
        return found

    def _range(self) -> tuple[float, float]:
        values = [value for pair in self._pairs for value in (pair.before, pair.after)]
        low, high = min(values), max(values)
        room = max((high - low) * 0.15, abs(high) * 0.005, 1e-9)
        return low - room, high + room

    def _x(self, after: bool) -> float:
        room = self.width() - _SIDE - 8
        return _SIDE + room * (0.74 if after else 0.26)

    def _y(self, value: float) -> float:
        low, high = self._range()
        return _TOP + (self.height() - _TOP - _BOTTOM) * (1 - (value - low) / (high - low))


def _ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers between two values."""
    raw = (high - low) / 4
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= raw))
    first = float(np.ceil(low / step) * step)
    return [round(first + i * step, 10) for i in range(7) if first + i * step <= high + 1e-12]
