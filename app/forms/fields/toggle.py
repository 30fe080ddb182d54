"""A field for yes or no."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from app.forms.fields._base import Field
from app.forms.schema import FieldSpec
from app.kit.widgets.basics import row


class ToggleField(Field):
    """A check box."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._box = QCheckBox()
        self._box.clicked.connect(self._on_clicked)
        self.setLayout(row(self._box, None))
        self._dress()

    def editor(self) -> QWidget:
        """Return the check box."""
        return self._box

    def show_value(self, value: Any) -> None:  # Any: a truth value
        """Show yes or no."""
        self._box.setChecked(bool(value))

    @Slot()
    def _on_clicked(self) -> None:
        self.edited.emit(self._box.isChecked())
