"""A field for a whole or real number: typed in any notation, stepped by the arrow keys."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.forms.fields._base import Field
from app.forms.schema import FieldSpec
from app.kit.translate import tr
from app.kit.widgets.basics import label, row


def shown(value: float | None) -> str:
    """Return a number as people write it: 0.0005 stays 0.0005, 1e-07 stays short."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:g}"


class _Edit(QLineEdit):
    def __init__(self, field: NumberField) -> None:
        super().__init__(field)
        self._field = field

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by the arrow keys."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._field.step(step)


class NumberField(Field):
    """Takes "0.01", "1e-2", "0,01"; refuses what is out of bounds and says so."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._value: float | None = None
        self._edit = _Edit(self)
        self._edit.setPlaceholderText(tr("automatic") if spec.nullable else "")
        self._edit.setMaxLength(24)
        self._edit.editingFinished.connect(self._on_finished)
        body = row(self._edit, spacing=6)
        if spec.unit:
            body.addWidget(label(tr(spec.unit), "muted"))
        self.setLayout(body)
        self._dress()

    def editor(self) -> QWidget:
        """Return the line edit."""
        return self._edit

    def show_value(self, value: Any) -> None:  # Any: a number or None
        """Show a number."""
        self._value = value
        self._edit.setText(shown(value))

    def step(self, by: int) -> None:
        """Go up or down by a sensible amount: 1 for whole numbers, a factor for reals that span decades."""
        if self._value is None:
            return
        if self.spec.kind == "integer":
            after: float = int(self._value) + by
        elif self.spec.high is not None and self.spec.high <= 1:
            after = round(self._value + 0.05 * by, 6)
        else:
            after = float(f"{self._value * (2.0 if by > 0 else 0.5):.3g}")
        if self.spec.accepts(after):
            self.show_value(after)
            self.edited.emit(after)

    @Slot()
    def _on_finished(self) -> None:
        text = self._edit.text().strip().replace(",", ".")
        if text == shown(self._value):
            self.rejected.emit("")  # back to what it was: nothing is wrong any more
            return
        if not text and self.spec.nullable:
            self._take(None)
            return
        number = _number(text, whole=self.spec.kind == "integer")
        if number is None:
            what = tr("a whole number") if self.spec.kind == "integer" else tr("a number")
            self._refuse(tr("“{text}” is not {what}.", text=text, what=what))
        elif not self.spec.accepts(number):
            self._refuse(tr("{value} is out of range: {bounds}.", value=text, bounds=self.spec.bounds_words()))
        else:
            self._take(number)

    def _take(self, value: float | None) -> None:
        self.set_invalid(False)
        self._value = value
        self._edit.setText(shown(value))
        self.edited.emit(value)

    def _refuse(self, why: str) -> None:
        self.set_invalid(True)
        self.rejected.emit(why)


def _number(text: str, *, whole: bool) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    if not math.isfinite(found) or (whole and found != int(found)):
        return None
    return int(found) if whole else found
