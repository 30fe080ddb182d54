"""What every field does: shows a value, tells when the user changed it, shows what is wrong with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.forms.schema import FieldSpec
from app.kit.widgets.basics import set_role

NOTHING = object()


class Field(QWidget):
    """Base of all fields. `edited` comes only when the user changed the value, and carries it.

    `rejected` carries a sentence when what was typed is not accepted; the value stays as it was. An empty one takes the
    sentence back.
    """

    edited = Signal(object)
    rejected = Signal(object)

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec

    def editor(self) -> QWidget:
        """Return the widget that takes the keys."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:  # Any: JSON values
        """Show a value that the program set."""
        raise NotImplementedError

    def set_invalid(self, invalid: bool) -> None:
        """Mark the field."""
        set_role(self.editor(), "invalid", invalid)

    def _dress(self) -> None:
        """Give the editor its name and help; called by the subclass once it is made."""
        editor = self.editor()
        editor.setAccessibleName(self.spec.label)
        words = [self.spec.help, self.spec.bounds_words()]
        editor.setToolTip("\n".join(word for word in words if word))
        editor.setAccessibleDescription(self.spec.help)
        self.setFocusProxy(editor)
        editor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the page: who scrolls a form must not change what the pointer comes across."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)
