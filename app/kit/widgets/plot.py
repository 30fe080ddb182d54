"""A plot in the theme's colours whose points can be chosen by mouse and by keys; the charts of results stand on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QColor, QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme

_LOW = 9  # lines of text
_NEAR = 30.0  # pixels between a click and the point it means


class Plot(QWidget):
    """One pair of axes and the points that can be chosen.

    `chosen` carries the number of a point when it is clicked, or Enter pressed on it; `marked` when the keys move on.
    Args: name: for screen readers. below, beside: titles of the axes, with units.
    """

    spoken_role = QAccessible.Role.Chart
    chosen = Signal(object)  # int
    marked = Signal(object)  # int

    def __init__(self, name: str, below: str, beside: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from app.kit.widgets.basics import column

        self._below, self._beside = below, beside
        self._at = np.zeros((0, 2))
        self._words: list[str] = []
        self._current = -1
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot = pg.PlotWidget(enableMenu=False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # It makes a menu all the same, which would outlive the chart without an owner.
        menu = self.plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self._mark = pg.ScatterPlotItem(size=13)
        self._mark.setZValue(100)
        self.plot.addItem(self._mark, ignoreBounds=True)
        self.plot.scene().sigMouseClicked.connect(self._on_clicked)
        self.setLayout(column(self.plot, spacing=0))
        self.dress()

    def set_points(self, at: Sequence[tuple[float, float]], words: Sequence[str]) -> None:
        """Say which points can be chosen. Args: at: in the axes' units. words: what each says."""
        self._at = np.array(at, dtype=np.float64).reshape(-1, 2)
        self._words = list(words)
        self.set_current(-1)

    def set_current(self, number: int) -> None:
        """Mark a point; -1 for none."""
        self._current = number if 0 <= number < len(self._at) else -1
        points = self._at[self._current : self._current + 1] if self._current >= 0 else np.zeros((0, 2))
        self._mark.setData(points[:, 0], points[:, 1])
        self.setAccessibleDescription(self._words[self._current] if self._current >= 0 else "")

    @property
    def current(self) -> int:
        """Number of the marked point, -1 for none."""
        return self._current

    def point_at(self, number: int) -> tuple[float, float]:
        """Return where a point is, in the widget's pixels, for who aims at it."""
        spot = self.plot.getViewBox().mapViewToScene(pg.Point(*self._at[number]))
        inner = self.plot.mapFromScene(spot)
        at = self.plot.mapTo(self, inner)
        return float(at.x()), float(at.y())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right move from point to point, Enter chooses."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step and len(self._at):
            self.set_current(min(max(0, self._current + step), len(self._at) - 1))
            self.marked.emit(self._current)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current >= 0:
            self.chosen.emit(self._current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys work here."""
        self._frame()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they work elsewhere."""
        self._frame()
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_mark"):
            self.dress()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the titles of the axes out where the chart is too low for them."""
        super().resizeEvent(event)
        is_low = event.size().height() < _LOW * self.fontMetrics().height()
        for side in ("left", "bottom"):
            self.plot.getAxis(side).showLabel(not is_low)

    def dress(self) -> None:
        """Take the theme's colours; charts add their own."""
        t = theme.tokens()
        self.plot.setBackground(QColor(t.panel))
        for side, title in (("left", self._beside), ("bottom", self._below)):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(t.strong_border))
            axis.setTextPen(pg.mkPen(t.muted))
            axis.setStyle(tickLength=-4, maxTickLevel=0)
            axis.setLabel(title, color=t.muted)
            axis.enableAutoSIPrefix(False)
        self.plot.showGrid(x=False, y=True, alpha=0.12)
        self._mark.setPen(pg.mkPen(t.text, width=2))
        self._mark.setBrush(pg.mkBrush(t.highlight))
        self._frame()

    def _frame(self) -> None:
        colour = theme.tokens().focus if self.hasFocus() else theme.tokens().panel
        self.plot.getViewBox().setBorder(pg.mkPen(colour))

    @Slot(object)
    def _on_clicked(self, event: object) -> None:
        self.setFocus()
        if not len(self._at):
            return
        spot = event.scenePos()  # type: ignore[attr-defined]
        box = self.plot.getViewBox()
        ends = [box.mapViewToScene(pg.Point(x, y)) for x, y in self._at]
        away = np.array([np.hypot(one.x() - spot.x(), one.y() - spot.y()) for one in ends])
        nearest = int(np.argmin(away))
        if away[nearest] <= _NEAR:
            self.set_current(nearest)
            self.chosen.emit(nearest)


def pen(colour: int, width: float = 2.0, *, dashed: bool = False) -> object:
    """Return the pen of a category's colour."""
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    return pg.mkPen(theme.category_colour(colour), width=width, style=style)
