"""Fields for text, and for short lists typed with commas."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from app.forms.fields._base import Field
from app.forms.schema import FieldSpec
from app.kit.translate import tr
from app.kit.widgets.basics import row


class TextField(Field):
    """One line of text."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._value: Any = None
        self._edit = QLineEdit()
        self._edit.setPlaceholderText(tr("automatic") if spec.nullable else "")
        self._edit.editingFinished.connect(self._on_finished)
        self.setLayout(row(self._edit))
        self._dress()

    def editor(self) -> QWidget:
        """Return the line edit."""
        return self._edit

    def show_value(self, value: Any) -> None:  # Any: text, a list, or None
        """Show a value."""
        self._value = value
        self._edit.setText(self._shown(value))

    @Slot()
    def _on_finished(self) -> None:
        text = self._edit.text().strip()
        if text == self._shown(self._value):
            self.rejected.emit("")  # back to what it was: nothing is wrong any more
            return
        try:
            value = self._parsed(text)
        except ValueError:
            self.set_invalid(True)
            self.rejected.emit(tr("“{text}” is not understood.", text=text))
            return
        self.set_invalid(False)
        self._value = value
        self.edited.emit(value)

    def _shown(self, value: Any) -> str:  # Any: text or None
        return "" if value is None else str(value)

    def _parsed(self, text: str) -> Any:  # Any: text or None
        return None if not text and self.spec.nullable else text


class ListField(TextField):
    """Whole numbers or words, separated by commas."""

    def _shown(self, value: Any) -> str:  # Any: a list or None
        return ", ".join(str(item) for item in value or [])

    def _parsed(self, text: str) -> Any:  # Any: a list
        items = [item.strip() for item in text.split(",") if item.strip()]
        of_numbers = all(isinstance(item, int) for item in self.spec.default or [0])
        found = [int(item) for item in items] if of_numbers else items
        if not found and self.spec.default:
            raise ValueError("the list is empty")
        return found
