"""Fields for one or several columns of the user's tables."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from app.forms.fields._base import Field
from app.forms.schema import FieldSpec
from app.kit.widgets.basics import column as column_layout
from app.kit.widgets.basics import row


class ColumnField(Field):
    """One column. Args: columns: the names to choose from."""

    def __init__(self, spec: FieldSpec, columns: list[str], parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._combo = QComboBox()
        for name in columns:
            self._combo.addItem(name, name)
        self._combo.activated.connect(self._on_activated)
        self.setLayout(row(self._combo))
        self._dress()

    def editor(self) -> QWidget:
        """Return the combo box."""
        return self._combo

    def show_value(self, value: Any) -> None:  # Any: a column's name or None
        """Show a column, also one that is not among those offered."""
        if value is not None and self._combo.findData(value) < 0:
            self._combo.addItem(str(value), value)
        self._combo.setCurrentIndex(self._combo.findData(value))

    @Slot(int)
    def _on_activated(self, number: int) -> None:
        self.edited.emit(self._combo.itemData(number))


class ColumnsField(Field):
    """Several columns; none ticked means all that have the role."""

    def __init__(self, spec: FieldSpec, columns: list[str], parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._boxes = [QCheckBox(name) for name in columns]
        for box in self._boxes:
            box.setAccessibleName(f"{spec.label}: {box.text()}")
            box.clicked.connect(self._on_clicked)
        self.setLayout(column_layout(*self._boxes, spacing=2))
        if self._boxes:
            self.setFocusProxy(self._boxes[0])
        self.setToolTip(spec.help)

    def editor(self) -> QWidget:
        """Return the field itself: its boxes take the keys."""
        return self

    def show_value(self, value: Any) -> None:  # Any: a list of names or None
        """Tick the columns."""
        chosen = set(value or [box.text() for box in self._boxes])
        for box in self._boxes:
            box.setChecked(box.text() in chosen)

    @Slot()
    def _on_clicked(self) -> None:
        chosen = [box.text() for box in self._boxes if box.isChecked()]
        self.edited.emit([] if len(chosen) == len(self._boxes) else chosen)
