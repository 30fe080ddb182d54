"""What every dialog does: a title, a body, and a row of buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QDialog, QWidget

from app.kit.widgets.basics import column, label


class Dialog(QDialog):
    """Base of the dialogs; it is deleted when it is closed."""

    def __init__(self, title: str, parent: QWidget | None, *, width: int = 560) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width)
        self._title = title

    def fill(self, *parts: QWidget | QBoxLayout | int | None) -> None:
        """Put title and parts below each other."""
        self.setLayout(column(label(self._title, "heading"), *parts, margins=20, spacing=12))
