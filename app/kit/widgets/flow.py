"""Widgets one behind the other, in as many lines as the width asks for."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP = 6


class Flow(QWidget):
    """Holds small widgets such as chips."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Put a widget behind the others."""
        widget.setParent(self)
        widget.show()
        self._parts.append(widget)
        self._arrange()
        self.updateGeometry()

    def clear(self) -> None:
        """Hold nothing."""
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts = []
        self.updateGeometry()

    def parts(self) -> list[QWidget]:
        """Return what it holds."""
        return list(self._parts)

    def hasHeightForWidth(self) -> bool:
        """Tell Qt that lines break."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        return self._places(width)[1]

    def sizeHint(self) -> QSize:
        """Ask for the lines that the width of now needs."""
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        """Be content with the width of the widest part."""
        return QSize(60, self.heightForWidth(max(self.width(), 120)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._arrange()
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def _arrange(self) -> None:
        for part, place in zip(self._parts, self._places(self.width())[0], strict=True):
            part.setGeometry(place)

    def _places(self, width: int) -> tuple[list[QRect], int]:
        places: list[QRect] = []
        corner, tallest = QPoint(0, 0), 0
        for part in self._parts:
            size = part.sizeHint().boundedTo(QSize(max(width, 60), 10_000))
            if corner.x() and corner.x() + size.width() > width:
                corner, tallest = QPoint(0, corner.y() + tallest + _GAP), 0
            places.append(QRect(corner, size))
            corner.setX(corner.x() + size.width() + _GAP)
            tallest = max(tallest, size.height())
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            places = [place.translated(width - 2 * place.x() - place.width(), 0) for place in places]
        return places, corner.y() + tallest
