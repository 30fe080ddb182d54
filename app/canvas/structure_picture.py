"""One structure, large, with the colours of its contributions and the bar that says what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.painting import painting
from app.kit import theme
from app.kit.translate import tr

_LEAST, _MOST = 11, 32  # height in lines of text
_SHAPE = 5 / 7  # height of a width, as structures are drawn
_BAR = 8  # height of the colour bar


@dataclass(frozen=True, slots=True)
class Scale:
    """What the colours mean.

    Args: bound: score of the strongest. colours: `#rrggbb` from -bound to bound. of_number: what is explained is a
        number, which parts raise or lower, and no class.
    """

    bound: float
    colours: Sequence[str]
    of_number: bool = False


class StructurePicture(QWidget):
    """Shows one drawing as large as it fits; nothing while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer: QSvgRenderer | None = None
        self._scale: Scale | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Structure"))

    def show_drawing(self, svg: bytes | None, scale: Scale | None = None) -> None:
        """Show a drawing. Args: svg: None shows nothing. scale: of its colours, None where it has none."""
        self._renderer = None if svg is None else QSvgRenderer(svg)
        self._scale = scale
        self.updateGeometry()
        self.update()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return self._renderer is None

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        width = _LEAST * self.fontMetrics().height() * 2
        return QSize(width, self.heightForWidth(width))

    def hasHeightForWidth(self) -> bool:
        """Say that a wider place makes it higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at which a drawing fills the width, within bounds."""
        line = self.fontMetrics().height()
        return round(min(max(_SHAPE * width, _LEAST * line), _MOST * line)) + self._below()

    def _below(self) -> int:
        """Return the room for the bar of colours."""
        return 0 if self._scale is None else _BAR + self.fontMetrics().height() + 6

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the structure, and the bar below it."""
        if self._renderer is None:
            return
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            room = QRectF(0, 0, self.width(), self.height() - self._below())
            size = self._renderer.defaultSize()
            shrink = min(room.width() / max(1, size.width()), room.height() / max(1, size.height()))
            width, height = size.width() * shrink, size.height() * shrink
            place = QRectF((room.width() - width) / 2, (room.height() - height) / 2, width, height)
            self._renderer.render(painter, place)
            if self._scale is not None:
                self._draw_scale(painter, self._scale)

    def _draw_scale(self, painter: QPainter, scale: Scale) -> None:
        metrics = self.fontMetrics()
        left, width = self.width() * 0.15, self.width() * 0.7
        top = self.height() - _BAR - metrics.height() - 3
        gradient = QLinearGradient(QPointF(left, 0), QPointF(left + width, 0))
        for place, colour in enumerate(scale.colours):
            gradient.setColorAt(place / max(1, len(scale.colours) - 1), QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(QRectF(left, top, width, _BAR), 3, 3)
        painter.setPen(QColor(theme.tokens().muted))
        words = QRectF(left, top + _BAR + 2, width, metrics.height())
        low, high = tr("speaks against"), tr("speaks for it")
        if scale.of_number:
            low, high = tr("lowers it"), tr("raises it")
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter, "0")
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, high)
