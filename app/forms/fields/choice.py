"""A field for one of a few values."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.forms.fields._base import Field
from app.forms.schema import FieldSpec
from app.kit.scores import metric_name
from app.kit.translate import tr
from app.kit.widgets.basics import row

# The same in every language.
_NAMES = {"relu": "ReLU", "elu": "ELU", "prelu": "PReLU", "sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
_WORDS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "add": "add",
    "all": "all",
    "aromatic": "aromatic",
    "auto": "automatic",
    "charge": "charge",
    "chirality": "chirality",
    "columns": "columns",
    "conjugated": "conjugated",
    "constant": "constant",
    "cosine": "cosine",
    "cross_entropy": "cross-entropy",
    "degree": "degree",
    "drop": "drop",
    "element": "element",
    "explicit": "explicit",
    "first_layer": "first layer",
    "generalised": "generalised cross-entropy",
    "hybridisation": "hybridisation",
    "hydrogens": "hydrogens",
    "ignore": "ignore",
    "implicit": "implicit",
    "jaccard": "Jaccard",
    "keep": "keep",
    "laplacian": "Laplacian",
    "largest": "largest",
    "linear": "linear",
    "loss": "loss",
    "mass": "mass",
    "mean": "mean",
    "median": "median",
    "metric": "metric",
    "none": "none",
    "number": "number",
    "off": "off",
    "on": "on",
    "plateau": "plateau",
    "principal": "principal directions",
    "random_walk": "random walk",
    "ring": "ring",
    "rows": "rows",
    "skip": "skip",
    "standard": "standard",
    "stereo": "stereo",
    "type": "type",
}


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
    code = str(choice)
    name = metric_name(code)
    return name if name != code else _NAMES.get(code) or tr(_WORDS.get(code, code.replace("_", " ")))
