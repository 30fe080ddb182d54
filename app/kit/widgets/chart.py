"""A line chart in the theme's colours whose curves are labelled directly at their ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme

_AROUND = 0.05  # of the heights shown, above and below them
_FAR = 1.0  # spans of what follows by which a curve's beginning may stretch the axis


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve.

    Args: colour: number of a category colour. dashed, thin: how it is drawn. name: shown at its end. band: lower and
        upper edge at each point of what is shaded about it; None for nothing.
    """

    name: str
    points: Sequence[tuple[int, float]]
    colour: int
    dashed: bool = False
    thin: bool = False
    band: tuple[Sequence[float], Sequence[float]] | None = None


class LineChart(QWidget):
    """Shows some curves over one horizontal axis.

    Args: title, below: heading and name of the axis. delay: milliseconds between being told and drawing; charts side
        by side take different ones, so that they are not all drawn within one turn of the event loop.
    """

    def __init__(self, title: str, below: str, delay: int = 150, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._below = below
        self._curves: list[Curve] = []
        self._waiting: list[Curve] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay)
        self._timer.timeout.connect(self.draw)
        self._plot = pg.PlotWidget(enableMenu=False)
        # It makes a menu all the same, which would outlive the chart without an owner.
        menu = self._plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())
        self._plot.hideButtons()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setAccessibleName(title)
        self._items: list[pg.PlotDataItem] = []
        self._bands: list[tuple[pg.FillBetweenItem, pg.PlotCurveItem, pg.PlotCurveItem]] = []
        self._names: list[pg.TextItem] = []
        from app.kit.widgets.basics import column, label

        self._heading = label(title, "section")
        self.setLayout(column(self._heading, self._plot, spacing=2))
        self._dress()

    def curves(self) -> list[Curve]:
        """Return what is shown."""
        return self._curves

    def set_title(self, title: str) -> None:
        """Change the heading."""
        self._heading.setText(title)
        self._plot.setAccessibleName(title)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Show these curves and no others, a moment later."""
        wanted = [replace(curve, points=tuple(curve.points)) for curve in curves if curve.points]
        if wanted != (self._curves if self._waiting is None else self._waiting):
            self._waiting = wanted
            if not self._timer.isActive():
                self._timer.start()

    @Slot()
    def draw(self) -> None:
        """Draw what was told last."""
        curves, self._waiting = self._waiting, None
        if curves is None:
            return
        while len(self._items) > len(curves):
            self._plot.removeItem(self._items.pop())
            self._plot.removeItem(self._names.pop())
            self._plot.removeItem(self._bands.pop()[0])
        while len(self._items) < len(curves):
            # Peaks stay, and a long run costs no more to draw than a short one.
            item = pg.PlotDataItem(antialias=True, autoDownsample=True, downsampleMethod="peak", clipToView=True)
            name = pg.TextItem(anchor=(0, 0.5))
            edges = (pg.PlotCurveItem(), pg.PlotCurveItem())
            shade = pg.FillBetweenItem(*edges)
            self._plot.addItem(shade, ignoreBounds=True)
            self._bands.append((shade, *edges))
            self._plot.addItem(item)
            self._plot.addItem(name, ignoreBounds=True)
            self._items.append(item)
            self._names.append(name)
        for curve, item, (shade, low, high) in zip(curves, self._items, self._bands, strict=True):
            xs = [float(x) for x, _ in curve.points]
            ys = [y for _, y in curve.points]
            item.setData(xs, ys, symbol="o" if len(xs) == 1 else None, symbolSize=5)
            shade.setVisible(curve.band is not None)
            if curve.band is not None:
                low.setData(xs, list(curve.band[0]))
                high.setData(xs, list(curve.band[1]))
        self._curves = curves
        self._dress_curves()
        self._place_names()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for the names."""
        super().resizeEvent(event)
        self._place_names()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_plot"):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        t = theme.tokens()
        self._plot.setBackground(QColor(t.panel))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(pg.mkPen(t.strong_border))
            axis.setTextPen(pg.mkPen(t.muted))
            # Without minor ticks: they were a third of the time that drawing takes.
            axis.setStyle(tickLength=-4, maxTickLevel=0)
        self._plot.getAxis("bottom").setLabel(self._below, color=t.muted)
        self._plot.showGrid(x=False, y=True, alpha=0.12)
        self._dress_curves()

    def _dress_curves(self) -> None:
        sharp = self.devicePixelRatioF()  # such pens count the screen's own pixels
        for curve, item, name, band in zip(self._curves, self._items, self._names, self._bands, strict=False):
            colour = theme.category_colour(curve.colour)
            faded = QColor(colour)
            faded.setAlpha(110)
            style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
            item.setPen(pg.mkPen(faded if curve.thin else colour, width=(1 if curve.thin else 2) * sharp, style=style))
            item.setSymbolBrush(colour)
            shaded = QColor(colour)
            shaded.setAlpha(50)
            band[0].setBrush(shaded)
            name.setText(curve.name, color=colour)

    def _place_names(self) -> None:
        """Put the names beside the ends of their curves, apart from each other, with room at the right."""
        ends = [(curve.points[-1][1], name) for curve, name in zip(self._curves, self._names, strict=False)]
        named = sorted(((y, name) for y, name in ends if name.toPlainText()), key=lambda one: one[0])
        last = max((curve.points[-1][0] for curve in self._curves), default=1)
        box = self._plot.getViewBox()
        # As much room at the right as the longest name needs, in the axis' own units.
        widest = max((name.boundingRect().width() for _, name in named), default=0.0) + 10.0
        room = max(box.width(), widest + 40.0)
        self._plot.setXRange(0, max(last, 1) * room / (room - widest), padding=0)
        low, high = extent(self._curves)
        self._plot.setYRange(low, high, padding=_AROUND)
        gap = max(high - low, 1e-9) * self.fontMetrics().height() / max(box.height(), 30.0)
        # A name stands about its height: half of it reaches above, and must not reach out of the picture.
        top = min(high, high + _AROUND * (high - low) - gap / 2)
        for (_, name), at in zip(named, apart([y for y, _ in named], gap, top), strict=True):
            name.setPos(last, at)


def extent(curves: Sequence[Curve]) -> tuple[float, float]:
    """Return the lowest and highest value to show; first epochs far off the rest may run out of the picture.

    One loss of 300 before hundreds of about 1 would press everything that is worth seeing flat.
    """
    every = [y for curve in curves for _, y in curve.points if math.isfinite(y)]
    # A twentieth of each curve, and five points, count as its beginning.
    later = [y for curve in curves for _, y in curve.points[max(5, len(curve.points) // 20) :] if math.isfinite(y)]
    if not every:
        return 0.0, 1.0
    low, high = min(every), max(every)
    if later:
        span = max(later) - min(later)
        low, high = max(low, min(later) - _FAR * span), min(high, max(later) + _FAR * span)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


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
