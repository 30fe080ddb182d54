"""A field for one of a few values."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.forms.fields._base import Field
from app.forms.schema import FieldSpec
from app.kit.translate import tr
from app.kit.widgets.basics import row


class ChoiceField(Field):
    """A drop-down list; None is offered as "automatic" where it is accepted."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._combo = QComboBox()
        if spec.nullable:
            self._combo.addItem(tr("automatic"), None)
        for choice in spec.choices:
            self._combo.addItem(words(choice), choice)
        self._combo.activated.connect(self._on_activated)
        self.setLayout(row(self._combo))
        self._dress()

    def editor(self) -> QWidget:
        """Return the combo box."""
        return self._combo

    def show_value(self, value: Any) -> None:  # Any: one of the choices
        """Show a choice."""
        self._combo.setCurrentIndex(self._combo.findData(value))

    @Slot(int)
    def _on_activated(self, number: int) -> None:
        self.edited.emit(self._combo.itemData(number))


def words(choice: object) -> str:
    """Return what a choice is called on screen; the codes are the engine's."""
    known = {",": tr("comma"), ";": tr("semicolon"), "\t": tr("tab"), "roc_auc": "ROC-AUC", "rmse": "RMSE"}
    known |= {"mae": "MAE", "r2": "R²", "relu": "ReLU", "elu": "ELU", "prelu": "PReLU", "sgd": "SGD", "adam": "Adam"}
    known |= {"adamw": "AdamW", "macro_f1": tr("macro F1")}
    return known.get(str(choice), str(choice).replace("_", " "))
