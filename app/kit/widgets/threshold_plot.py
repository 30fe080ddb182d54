"""How the scores of a class are spread over its nodes and over the others, with a threshold that moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent

from app.kit import theme
from app.kit.widgets.plot import Plot

_STEP = 0.01


class ThresholdPlot(Plot):
    """Bars of both kinds over the score, and a line to drag; the arrow keys move it too, Enter takes it."""

    moved = Signal(object)  # float: the threshold, while it moves
    taken = Signal(object)  # float: the threshold, once it is let go

    def __init__(self, name: str, below: str, beside: str) -> None:
        self._below_bars = pg.BarGraphItem(x=[0.0], height=[0.0], width=1.0)
        self._above_bars = pg.BarGraphItem(x=[0.0], height=[0.0], width=1.0)
        self._line = pg.InfiniteLine(0.5, angle=90, movable=True, bounds=(0.0, 1.0))
        self._colour = 0
        super().__init__(name, below, beside)
        self.plot.addItem(self._below_bars)
        self.plot.addItem(self._above_bars)
        self.plot.addItem(self._line)
        self.plot.setXRange(0, 1, padding=0.02)
        self._line.sigPositionChanged.connect(self._on_moved)
        self._line.sigPositionChangeFinished.connect(self._on_let_go)

    @property
    def threshold(self) -> float:
        """Where the line stands, 0 to 1."""
        return float(self._line.value())

    def show_scores(self, positive: Sequence[int], negative: Sequence[int], colour: int) -> None:
        """Draw other bars. Args: positive, negative: counts in equally wide bins of [0, 1]. colour: of the class."""
        self._colour = colour
        width = 1.0 / max(1, len(positive))
        centres = (np.arange(len(positive)) + 0.5) * width
        # On the scale of square roots, as few wrong ones beside many right ones are what one looks for.
        up, down = np.sqrt(np.asarray(positive, float)), np.sqrt(np.asarray(negative, float))
        self._below_bars.setOpts(x=centres, height=-down, width=width * 0.9)
        self._above_bars.setOpts(x=centres, height=up, width=width * 0.9)
        top = max(float(up.max(initial=1.0)), float(down.max(initial=1.0)))
        self.plot.setYRange(-top, top, padding=0.05)
        ticks = [(sign * float(np.sqrt(n)), f"{n:,}") for n in _round_counts(top**2) for sign in (-1, 1)]
        self.plot.getAxis("left").setTicks([[(0.0, "0"), *ticks]])
        self.dress()

    def set_threshold(self, value: float) -> None:
        """Put the line somewhere; announced as moved."""
        self._line.setValue(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right move the line, ten times as far with Shift; Enter takes it."""
        step = {Qt.Key.Key_Right: _STEP, Qt.Key.Key_Left: -_STEP}.get(Qt.Key(event.key()), 0.0)
        if step:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.set_threshold(round(min(1.0, max(0.0, self.threshold + far * step)), 4))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.taken.emit(self.threshold)
        else:
            super().keyPressEvent(event)

    def dress(self) -> None:
        """Take the theme's colours."""
        super().dress()
        t = theme.tokens()
        self._above_bars.setOpts(brush=theme.category_colour(self._colour), pen=None)
        self._below_bars.setOpts(brush=QColor(t.strong_border), pen=None)
        self._line.setPen(pg.mkPen(t.highlight, width=2))
        self._line.setHoverPen(pg.mkPen(t.highlight, width=4))

    @Slot()
    def _on_moved(self) -> None:
        self.moved.emit(self.threshold)

    @Slot()
    def _on_let_go(self) -> None:
        self.taken.emit(self.threshold)


def _round_counts(top: float) -> list[int]:
    """Return two or three round numbers up to the largest count."""
    found = [n for power in range(7) for n in (10**power, 3 * 10**power) if n <= top]
    return found[-3::2] if len(found) > 2 else found
