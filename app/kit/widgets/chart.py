"""A line chart in the theme's colours whose curves are labelled directly at their ends.

Drawn here and not by a chart library: three of pyqtgraph's plots, repainted while a run trains on a busy machine, kept
the event loop for 80 to 280 ms at a time; these take a few.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.widgets.basics import column, label

_PAD = 8.0
_TICKS = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve. Args: colour: number of a category colour. dashed, thin: how it is drawn. name: shown at its end."""

    name: str
    points: Sequence[tuple[int, float]]
    colour: int
    dashed: bool = False
    thin: bool = False


class LineChart(QWidget):
    """Shows some curves over one horizontal axis, with what lies under the mouse in words.

    Args: title, below: heading and name of the axis. delay: milliseconds between being told and drawing; charts side
        by side take different ones, so that they are not all drawn within one turn of the event loop.
    """

    def __init__(self, title: str, below: str, delay: int = 150, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = label(title, "section")
        self._area = _Area(below)
        self._area.setAccessibleName(title)
        self._waiting: list[Curve] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay)
        self._timer.timeout.connect(self.draw)
        self.setLayout(column(self._heading, self._area, spacing=2))

    def curves(self) -> list[Curve]:
        """Return what is shown."""
        return self._area.curves

    def set_title(self, title: str) -> None:
        """Change the heading."""
        self._heading.setText(title)
        self._area.setAccessibleName(title)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Show these curves and no others, a moment later."""
        wanted = [replace(curve, points=tuple(curve.points)) for curve in curves if curve.points]
        if wanted != (self._area.curves if self._waiting is None else self._waiting):
            self._waiting = wanted
            if not self._timer.isActive():
                self._timer.start()

    @Slot()
    def draw(self) -> None:
        """Draw what was told last."""
        if self._waiting is not None:
            self._area.show_curves(self._waiting)
            self._waiting = None


class _Area(QWidget):
    """The picture: axes, curves, names, and a line under the mouse."""

    def __init__(self, below: str) -> None:
        super().__init__()
        self._below = below
        self._hover: float | None = None
        self.curves: list[Curve] = []
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return a size at which a curve can be read."""
        return QSize(320, 220)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size that still says something."""
        return QSize(160, 110)

    def show_curves(self, curves: list[Curve]) -> None:
        self.curves = curves
        ends = [f"{curve.name}: {number_words(curve.points[-1][1])}" for curve in curves if curve.name]
        self.setAccessibleDescription("; ".join(ends))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what lies under the mouse."""
        self._hover = event.position().x()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Say nothing any more."""
        self._hover = None
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.StyleChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw everything."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.panel))
        painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
        frame = self._frame(QFontMetricsF(self.font()))
        self._paint_axes(painter, frame, t)
        if self.curves:
            for curve in self.curves:
                self._paint_curve(painter, frame, curve)
            self._paint_names(painter, frame)
            self._paint_hover(painter, frame, t)

    def _frame(self, metrics: QFontMetricsF) -> Frame:
        """Return where values lie on the widget, with room for numbers at the left and names at the right."""
        ys = [y for curve in self.curves for _, y in curve.points] or [0.0, 1.0]
        last = max((curve.points[-1][0] for curve in self.curves), default=1)
        low, high = min(ys), max(ys)
        if high - low < 1e-12:
            low, high = low - 0.5, high + 0.5
        space = (high - low) * 0.05
        low, high = low - space, high + space
        line = metrics.height()
        widest = max((metrics.horizontalAdvance(tick_words(y, low, high)) for y in ticks(low, high)), default=20.0)
        names = max((metrics.horizontalAdvance(curve.name) for curve in self.curves), default=0.0)
        right = min(names + 2 * _PAD, self.width() * 0.45)
        area = QRectF(widest + 2 * _PAD, _PAD, 0, 0)
        area.setRight(max(area.left() + 20, self.width() - right))
        area.setBottom(max(area.top() + 20, self.height() - 2 * line - 2 * _PAD))
        return Frame(area, float(max(last, 1)), low, high)

    def _paint_axes(self, painter: QPainter, frame: Frame, t: theme.Tokens) -> None:
        metrics = QFontMetricsF(painter.font())
        line, area = metrics.height(), frame.area
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        for y in ticks(frame.low, frame.high):
            at = frame.place(0, y).y()
            painter.setPen(QPen(QColor(t.border), 1))
            painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at))
            painter.setPen(QColor(t.muted))
            words = tick_words(y, frame.low, frame.high)
            painter.drawText(QRectF(0, at - line / 2, area.left() - _PAD, line), right, words)
        painter.setPen(QPen(QColor(t.strong_border), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QColor(t.muted))
        for x in ticks(0, frame.last):
            if x != int(x):
                continue
            at = frame.place(x, frame.low).x()
            painter.drawText(QRectF(at - 40, area.bottom() + 3, 80, line), middle, f"{int(x):,}")
        painter.drawText(QRectF(area.left(), area.bottom() + 3 + line, area.width(), line), middle, self._below)

    @staticmethod
    def _paint_curve(painter: QPainter, frame: Frame, curve: Curve) -> None:
        colour = theme.category_colour(curve.colour)
        if curve.thin:
            colour.setAlpha(110)
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 1.0 if curve.thin else 1.8, style))
        points = thinned(curve.points, int(frame.area.width()))
        if len(points) == 1:
            painter.setBrush(colour)
            painter.drawEllipse(frame.place(*points[0]), 2.5, 2.5)
        else:
            painter.drawPolyline(QPolygonF([frame.place(x, y) for x, y in points]))

    def _paint_names(self, painter: QPainter, frame: Frame) -> None:
        line = QFontMetricsF(painter.font()).height()
        named = sorted(
            ((frame.place(*curve.points[-1]).y(), curve) for curve in self.curves if curve.name),
            key=lambda one: -one[0],
        )
        # Pixels grow downwards: what is to keep below the top keeps above the bottom when turned over.
        heights = apart([-y for y, _ in named], line, -(frame.area.top() + line / 2))
        for height, (_, curve) in zip(heights, named, strict=True):
            painter.setPen(theme.category_colour(curve.colour))
            room = QRectF(frame.area.right() + _PAD, -height - line / 2, self.width() - frame.area.right() - _PAD, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, curve.name)

    def _paint_hover(self, painter: QPainter, frame: Frame, t: theme.Tokens) -> None:
        if self._hover is None or not frame.area.left() <= self._hover <= frame.area.right():
            return
        epoch = round((self._hover - frame.area.left()) / max(frame.area.width(), 1) * frame.last)
        at = frame.place(epoch, frame.low).x()
        painter.setPen(QPen(QColor(t.strong_border), 1))
        painter.drawLine(QPointF(at, frame.area.top()), QPointF(at, frame.area.bottom()))
        words = [f"{self._below} {epoch}"]
        for curve in self.curves:
            value = dict(curve.points).get(epoch)
            if value is not None and curve.name:
                words.append(f"{curve.name} {number_words(value)}")
        text = "\n".join(words)
        box = painter.boundingRect(QRectF(0, 0, 400, 400), Qt.AlignmentFlag.AlignLeft, text).adjusted(-6, -4, 6, 4)
        left = at + 10 if at + 20 + box.width() < self.width() else at - 10 - box.width()
        box.moveTo(left, frame.area.top() + 4)
        painter.setBrush(QColor(t.raised))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(t.text))
        painter.drawText(box.adjusted(6, 4, -6, -4), Qt.AlignmentFlag.AlignLeft, text)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values lie: epochs 0 … last and values low … high fill the area."""

    area: QRectF
    last: float
    low: float
    high: float

    def place(self, x: float, y: float) -> QPointF:
        """Return the point of a value; one that is not finite lies on the upper edge."""
        share = (y - self.low) / (self.high - self.low) if math.isfinite(y) else 1.0
        return QPointF(
            self.area.left() + x / self.last * self.area.width(), self.area.bottom() - share * self.area.height()
        )


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two values, at most seven: steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return []
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_words(value: float, low: float, high: float) -> str:
    """Return a tick with as many places as its step needs."""
    places = max(0, -math.floor(math.log10((high - low) / _TICKS)))
    return f"{value:.{min(places, 6)}f}" if places <= 6 else f"{value:.1e}"


def number_words(value: float) -> str:
    """Return a value with four digits."""
    return f"{value:.4g}"


def thinned(points: Sequence[tuple[int, float]], pixels: int) -> list[tuple[int, float]]:
    """Return at most two points for each pixel: the lowest and the highest of those that share it, in order."""
    if len(points) <= 2 * max(pixels, 1):
        return list(points)
    size = math.ceil(len(points) / max(pixels, 1))
    kept: list[tuple[int, float]] = []
    for start in range(0, len(points), size):
        group = points[start : start + size]
        pair = {min(group, key=lambda point: point[1]), max(group, key=lambda point: point[1])}
        kept.extend(sorted(pair))
    return kept


def apart(heights: Sequence[float], gap: float, top: float) -> list[float]:
    """Return heights at least a gap apart and not above the top, as near to where they were as that allows.

    Args: heights: ascending.
    """
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else height)
    for number in range(len(placed) - 1, -1, -1):
        ceiling = top if number == len(placed) - 1 else placed[number + 1] - gap
        placed[number] = min(placed[number], ceiling)
    return placed
