"""Make a column of the selection: a value for the nodes that are selected, in a new column or in one made before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.dialogs._base import Dialog
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row
from app.session.counting import counted
from app.session.own_columns import name_problem

if TYPE_CHECKING:
    from app.session.session import Session


class SelectionColumn(Dialog):
    """Column, value, and what the other nodes get."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Selection to a column"), parent, width=460)
        self._session = session
        self.name, self.value, self.others = QComboBox(), QLineEdit(tr("yes")), QLineEdit(tr("no"))
        self.name.setEditable(True)
        self.name.addItems(session.own_columns.names())
        self.name.setCurrentText(self._free_name())
        for field, title in (
            (self.name, tr("Column")),
            (self.value, tr("Value of the selected ones")),
            (self.others, tr("Value of the others")),
        ):
            field.setAccessibleName(title)
        inner = self.name.lineEdit()
        if inner is not None:
            inner.setAccessibleName(tr("Name of the column"))
        self.others.setPlaceholderText(tr("None"))
        self.problem = label("", "problem", wrap=True)
        self.note = label("", "muted", wrap=True)
        self._go = button(tr("Write column"), self._on_go, primary=True)
        self._go.setDefault(True)
        count = session.selection.count
        self._others_title = label(tr("Value of the others, empty for none"), "section")
        self.fill(
            label(tr("Selected: {items}", items=counted(session.dataset, count)), "muted"),
            label(tr("Column: a new name, or one of yours"), "section"),
            self.name,
            label(tr("Value of the selected ones"), "section"),
            self.value,
            self._others_title,
            self.others,
            self.problem,
            self.note,
            row(None, button(tr("Cancel"), self.reject), self._go),
        )
        self.name.editTextChanged.connect(self._check)
        self.value.textChanged.connect(self._check)
        self._check()
        self.name.setFocus()

    def _free_name(self) -> str:
        taken = {*self._session.own_columns.names(), *self._titles()}
        return next(name for i in range(1, len(taken) + 2) if (name := tr("group {number}", number=i)) not in taken)

    def _titles(self) -> list[str]:
        """Return the titles that a new column may not have: two of one name could not be told apart in a query."""
        attributes = self._session.facts.attributes
        own = set(self._session.own_columns.names())
        return [one.title for one in attributes.by_key.values() if one.title not in own] if attributes else []

    @Slot()
    def _check(self) -> None:
        name = self.name.currentText().strip()
        is_there = name in self._session.own_columns.names()
        problem = name_problem(name, self._titles())
        if not problem and not self.value.text().strip():
            problem = tr("Give the selected ones a value.")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self._go.setEnabled(not problem)
        for part in (self.others, self._others_title):
            part.setVisible(not is_there)
        words = tr("The others of “{name}” keep what they have.", name=name) if is_there else ""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    @Slot()
    def _on_go(self) -> None:
        if not self._go.isEnabled():
            return
        name, value = self.name.currentText().strip(), self.value.text().strip()
        self._session.own_columns.write(name, self._session.selection.mask, value, self.others.text().strip())
        text = tr("“{name}” is a column now: colour by it, predict it, export it.", name=name)
        self._session.say("good", text)
        self.accept()
