"""A curve over the unit square, such as ROC, with the line that chance would draw."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt

from app.kit import theme
from app.kit.widgets.plot import Plot


class CurvePlot(Plot):
    """Draws one curve; every point of it can be chosen."""

    def __init__(self, name: str, below: str, beside: str) -> None:
        self._curve = pg.PlotDataItem(antialias=True)
        self._chance = pg.PlotDataItem(antialias=True)
        self._colour = 0
        super().__init__(name, below, beside)
        self.plot.addItem(self._chance)
        self.plot.addItem(self._curve)
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(0, 1, padding=0.02)

    def show_curve(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        words: Sequence[str],
        *,
        colour: int = 0,
        chance: tuple[float, float] | None = None,
        dots: bool = False,
    ) -> None:
        """Draw another curve.

        Args: words: what each point says. colour: of a category. chance: height at the left and right end of the line
            that chance would draw. dots: draw the points, where they are few.
        """
        self._colour = colour
        self._curve.setData(list(xs), list(ys), symbol="o" if dots else None, symbolSize=7)
        self._chance.setData([0, 1] if chance else [], list(chance) if chance else [])
        self.set_points(list(zip(xs, ys, strict=True)), words)
        self.dress()

    def dress(self) -> None:
        """Take the theme's colours."""
        super().dress()
        colour = theme.category_colour(self._colour)
        self._curve.setPen(pg.mkPen(colour, width=2))
        self._curve.setSymbolBrush(colour)
        self._curve.setSymbolPen(pg.mkPen(colour))
        self._chance.setPen(pg.mkPen(theme.tokens().faint, width=1, style=Qt.PenStyle.DashLine))
