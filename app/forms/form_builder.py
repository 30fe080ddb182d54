"""A form made from a JSON schema: one labelled row for each option, the advanced ones folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.forms.fields._base import Field
from app.forms.fields.choice import ChoiceField
from app.forms.fields.column import ColumnField, ColumnsField
from app.forms.fields.number import NumberField
from app.forms.fields.text import ListField, TextField
from app.forms.fields.toggle import ToggleField
from app.forms.schema import FieldSpec, fields_of
from app.kit.translate import tr
from app.kit.widgets.basics import Fold, column, label

Plain = Mapping[str, Any]  # Any: JSON values


def make_field(spec: FieldSpec, columns: Mapping[str, Sequence[str]]) -> Field:
    """Return the field for an option. Args: columns: role to the names of the columns that have it."""
    if spec.kind == "column":
        return ColumnField(spec, list(columns.get(spec.column_role, ())))
    if spec.kind == "columns":
        return ColumnsField(spec, list(columns.get(spec.column_role, ())))
    kinds: dict[str, type[Field]] = {
        "integer": NumberField,
        "number": NumberField,
        "choice": ChoiceField,
        "toggle": ToggleField,
        "list": ListField,
    }
    return kinds.get(spec.kind, TextField)(spec)


class Form(QWidget):
    """Asks for the options of one schema; `edited` carries (name, value) when the user changed one.

    Args: schema: JSON schema of a Config. columns: for fields that name columns. leave_out: names that are asked for
        elsewhere.
    """

    edited = Signal(object)

    def __init__(
        self,
        schema: Plain,
        columns: Mapping[str, Sequence[str]] | None = None,
        leave_out: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fields: dict[str, Field] = {}
        self._problems: dict[str, QLabel] = {}
        specs = [spec for spec in fields_of(schema) if spec.name not in leave_out]
        plain = [spec for spec in specs if not spec.advanced]
        advanced = [spec for spec in specs if spec.advanced]
        body = column(spacing=6)
        if plain:
            body.addWidget(self._grid(plain, columns or {}))
        self._fold = Fold(tr("Advanced"), self._grid(advanced, columns or {})) if advanced else None
        if self._fold is not None:
            body.addWidget(self._fold)
        self.setLayout(body)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to ask."""
        return not self._fields

    def field(self, name: str) -> Field:
        """Return the field of an option."""
        return self._fields[name]

    def show_values(self, values: Plain) -> None:
        """Show values; an option that is not among them shows its default."""
        for name, field in self._fields.items():
            field.show_value(values.get(name, field.spec.default))

    def show_problem(self, name: str, text: str) -> bool:
        """Show a sentence beside a field, or take it away. Returns: whether the form has that field."""
        if name not in self._fields:
            return False
        self._fields[name].set_invalid(bool(text))
        self._problems[name].setText(text)
        self._problems[name].setVisible(bool(text))
        if text and self._fields[name].spec.advanced and self._fold is not None:
            self._fold.set_open(True)
        return True

    def clear_problems(self) -> None:
        """Take every sentence away."""
        for name in self._fields:
            self.show_problem(name, "")

    def _grid(self, specs: list[FieldSpec], columns: Mapping[str, Sequence[str]]) -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, spec in enumerate(specs):
            field = make_field(spec, columns)
            name = label(tr(spec.label), "muted")
            name.setBuddy(field.editor())
            name.setToolTip(spec.help)
            problem = label("", "problem", wrap=True)
            problem.hide()
            field.setProperty("name", spec.name)
            field.edited.connect(self._on_edited)
            field.rejected.connect(self._on_rejected)
            grid.addWidget(name, place * 2, 0)
            grid.addWidget(field, place * 2, 1)
            grid.addWidget(problem, place * 2 + 1, 0, 1, 2)
            self._fields[spec.name] = field
            self._problems[spec.name] = problem
        return made

    @Slot(object)
    def _on_edited(self, value: object) -> None:
        name = str(self.sender().property("name"))
        self.show_problem(name, "")
        self.edited.emit((name, value))

    @Slot(object)
    def _on_rejected(self, why: str) -> None:
        self.show_problem(str(self.sender().property("name")), why)
