"""Counts over a range of numbers; each bar can be chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from app.kit import theme
from app.kit.widgets.plot import Plot


class BarPlot(Plot):
    """Draws bars between edges, and a line at nought."""

    def __init__(self, name: str, below: str, beside: str) -> None:
        self._bars = pg.BarGraphItem(x=[0.0], height=[0.0], width=1.0)
        self._nought = pg.InfiniteLine(0.0, angle=90)
        super().__init__(name, below, beside)
        self.plot.addItem(self._bars)
        self.plot.addItem(self._nought)

    def show_counts(self, edges: Sequence[float], counts: Sequence[int], words: Sequence[str]) -> None:
        """Draw other bars. Args: edges: one more than counts. words: what each bar says."""
        ends = np.asarray(edges, float)
        centres, widths = (ends[1:] + ends[:-1]) / 2, np.diff(ends)
        self._bars.setOpts(x=centres, height=np.asarray(counts, float), width=widths * 0.92)
        self.plot.setXRange(float(ends[0]), float(ends[-1]), padding=0.02)
        self.plot.setYRange(0, max(1.0, float(max(counts, default=1))), padding=0.05)
        self.set_points([(float(x), count / 2) for x, count in zip(centres, counts, strict=True)], words)
        self.dress()

    def dress(self) -> None:
        """Take the theme's colours."""
        super().dress()
        self._bars.setOpts(brush=theme.category_colour(0), pen=None)
        self._nought.setPen(pg.mkPen(theme.tokens().text, width=1, style=Qt.PenStyle.DashLine))
