"""Keep the selection under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from app.dialogs._base import Dialog
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row
from app.session.counting import counted

if TYPE_CHECKING:
    from app.session.session import Session


class SaveSelection(Dialog):
    """Asks for the name; one that is there already is replaced, and the dialog says so."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Save selection"), parent, width=420)
        self._session = session
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name of the selection"))
        self.note = label("", "muted", wrap=True)
        self._go = button(tr("Save"), self._on_go, primary=True)
        self._go.setDefault(True)
        count = session.selection.count
        self.fill(
            label(tr("Selected: {items}", items=counted(session.dataset, count)), "muted"),
            label(tr("Name"), "section"),
            self.name,
            self.note,
            row(None, button(tr("Cancel"), self.reject), self._go),
        )
        self.name.textChanged.connect(self._on_text)
        self.name.setText(self._free_name())
        self.name.selectAll()
        self.name.setFocus()

    def _free_name(self) -> str:
        taken = set(self._session.named.names())
        number = next(i for i in range(1, len(taken) + 2) if tr("Selection {number}", number=i) not in taken)
        return tr("Selection {number}", number=number)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._go.setEnabled(bool(text.strip()))
        is_there = text.strip() in self._session.named.names()
        self.note.setText(tr("The selection of that name is replaced; that can be undone.") if is_there else "")

    @Slot()
    def _on_go(self) -> None:
        name = self.name.text().strip()
        if name:
            self._session.named.save(name)
            self._session.say("good", tr("Saved as “{name}”; it stands under Selections.", name=name))
            self.accept()
