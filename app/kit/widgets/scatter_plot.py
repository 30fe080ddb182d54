"""Points over two axes of the same unit, with the line on which both are equal; each point can be chosen."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from app.kit import theme
from app.kit.widgets.plot import Plot


class ScatterPlot(Plot):
    """Draws points, those that are selected in another colour and on top."""

    def __init__(self, name: str, below: str, beside: str) -> None:
        self._points = pg.ScatterPlotItem(size=6)
        self._lit = pg.ScatterPlotItem(size=8)
        self._equal = pg.PlotDataItem(antialias=True)
        self._xs = self._ys = np.zeros(0)
        super().__init__(name, below, beside)
        for item in (self._equal, self._points, self._lit):
            self.plot.addItem(item)

    def show_pairs(self, xs: NDArray[np.float64], ys: NDArray[np.float64], words: list[str]) -> None:
        """Draw other points. Args: xs, ys: finite, [M]. words: what each says."""
        self._xs, self._ys = xs, ys
        self._points.setData(xs, ys)
        low = float(min(xs.min(initial=np.inf), ys.min(initial=np.inf))) if len(xs) else 0.0
        high = float(max(xs.max(initial=-np.inf), ys.max(initial=-np.inf))) if len(xs) else 1.0
        self._equal.setData([low, high], [low, high])
        self.plot.setXRange(low, high, padding=0.03)
        self.plot.setYRange(low, high, padding=0.03)
        self.set_points(list(zip(xs.tolist(), ys.tolist(), strict=True)), words)

    def show_selected(self, lit: NDArray[np.bool_]) -> None:
        """Light up some of the points. Args: lit: bool [M]."""
        self._lit.setData(self._xs[lit], self._ys[lit])

    def dress(self) -> None:
        """Take the theme's colours."""
        super().dress()
        t = theme.tokens()
        self._points.setPen(None)
        self._points.setBrush(pg.mkBrush(theme.category_colour(0)))
        self._lit.setPen(pg.mkPen(t.text, width=1))
        self._lit.setBrush(pg.mkBrush(t.highlight))
        self._equal.setPen(pg.mkPen(t.faint, width=1, style=Qt.PenStyle.DashLine))
