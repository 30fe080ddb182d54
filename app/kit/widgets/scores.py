"""Scores side by side as bars with their spread, each with its name and number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme


@dataclass(frozen=True, slots=True)
class Score:
    """One bar. Args: mean, std: over the trainings. colour: of a category, -1 for a floor. strong: the result."""

    name: str
    mean: float
    std: float
    colour: int
    strong: bool = False

    def words(self) -> str:
        """Return the number with its spread: percent for shares, plain for the rest."""
        if 0.0 <= self.mean <= 1.0:
            spread = f" ± {100 * self.std:.1f}" if self.std else ""
            return f"{100 * self.mean:.1f} %{spread}"
        spread = f" ± {self.std:.3g}" if self.std else ""
        return f"{self.mean:.4g}{spread}"


class ScoreBars(QWidget):
    """Draws the bars; floors are grey and hatched, the result is strong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scores: list[Score] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def scores(self) -> list[Score]:
        """Return what is shown."""
        return self._scores

    def show_scores(self, scores: Sequence[Score]) -> None:
        """Show these scores."""
        if list(scores) != self._scores:
            self._scores = list(scores)
            self.setAccessibleName("; ".join(f"{score.name}: {score.words()}" for score in scores))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return one line for each score."""
        return QSize(420, len(self._scores) * self._line() + 4)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.StyleChange:
            self.update()
        super().changeEvent(event)

    def _line(self) -> int:
        return self.fontMetrics().height() + 8

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name, bar, spread and number of each score."""
        if not self._scores:
            return
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(bold)
        left = max(metrics.horizontalAdvance(score.name) for score in self._scores) + 16
        right = max(metrics.horizontalAdvance(score.words()) for score in self._scores) + 16
        room = max(40, self.width() - left - right)
        top = max(score.mean + score.std for score in self._scores)
        scale = room / max(1.0 if top <= 1.0 else top, 1e-9)
        for number, score in enumerate(self._scores):
            y = number * self._line()
            area = QRectF(0, y, left - 8, self._line())
            painter.setFont(bold if score.strong else self.font())
            painter.setPen(QColor(t.text if score.strong else t.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, score.name)
            colour = theme.category_colour(score.colour)
            bar = QRectF(left, y + 5, max(1.0, score.mean * scale), self._line() - 10)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour if score.colour >= 0 else QColor(t.raised))
            painter.drawRoundedRect(bar, 3, 3)
            if score.colour < 0:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(t.strong_border), 1, Qt.PenStyle.DashLine))
                painter.drawRoundedRect(bar, 3, 3)
            if score.std:
                painter.setPen(QPen(QColor(t.text), 1.5))
                middle = bar.center().y()
                reach = score.std * scale
                painter.drawLine(QPointF(bar.right() - reach, middle), QPointF(bar.right() + reach, middle))
            painter.setPen(QColor(t.text if score.strong else t.muted))
            number_area = QRectF(self.width() - right + 8, y, right - 8, self._line())
            painter.drawText(number_area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, score.words())
