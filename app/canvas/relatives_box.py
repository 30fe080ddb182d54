"""The train molecules most like the one that is looked at, as a part of the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from app.canvas.bars import Bar, Bars
from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import column, label

if TYPE_CHECKING:
    from app.session.session import Session


class RelativesBox(QWidget):
    """Bars of similarity, or why there are none; `chosen` says which molecule was clicked.

    Hidden while nothing is known: the status bar tells what is looked for.
    """

    chosen = Signal(object)  # int: row of the molecule

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._item: int | None = None
        self.bars = Bars(tr("Nearest train molecules"), clickable=True)
        self.note = label("", "muted", wrap=True)
        head = label(tr("NEAREST TRAIN MOLECULES, BY STRUCTURE"), "section")
        self.setLayout(column(8, head, self.bars, self.note, spacing=6))
        self.bars.chosen.connect(self._on_chosen)
        session.relatives.changed.connect(self._show)
        self.hide()

    def show_item(self, item: int | None) -> None:
        """Show the relatives of a molecule. Args: item: its row; None shows nothing."""
        self._item = item
        self._show()

    @Slot()
    def _show(self) -> None:
        attributes, relatives = self._session.facts.attributes, self._session.relatives
        found = relatives.of(self._item) if self._item is not None and relatives.can_ask else None
        there = [] if attributes is None else [one for one in found or () if one.row < attributes.num_nodes]
        if attributes is not None:
            # Tanimoto similarity is no share of anything: two digits are what it is worth.
            names = [str(attributes.names[one.row]) for one in there]
            pairs = zip(names, there, strict=True)
            self.bars.set_bars([Bar(name, one.similarity, f"{one.similarity:.2f}") for name, one in pairs], top=1.0)
        error = relatives.error if self._item is not None and relatives.can_ask and not there else None
        self.note.setText("" if error is None else said(str(error.get("message", ""))))
        self.note.setVisible(error is not None)
        self.setVisible(bool(there) or error is not None)

    @Slot(object)
    def _on_chosen(self, number: int) -> None:
        found = self._session.relatives.of(self._item) if self._item is not None else None
        if found:
            self.chosen.emit(found[number].row)
