"""The field that looks for a node by its id or its name, beside a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from app.kit.translate import tr
from app.kit.widgets.basics import set_role

if TYPE_CHECKING:
    from app.session.attributes import Attributes
    from app.session.session import Session

_SHORTEST, _LONGEST = 9, 36  # letters that it has room for


class SearchField(QLineEdit):
    """Enter selects the first node that is meant, each further Enter the next. Args: session: where it looks."""

    found = Signal(object)  # int: the node that was selected
    said = Signal(object)  # str: how many there are

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._found: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._found_for = ""
        self._found_at = -1
        letter = self.fontMetrics().horizontalAdvance("n")
        self.setPlaceholderText(tr("Find a node"))
        self.setClearButtonEnabled(True)
        self.setAccessibleName(tr("Find a node by id or name"))
        self.setToolTip(tr("Part of an id or a name; Enter goes to the next"))
        self.setMinimumWidth(letter * _SHORTEST)
        self.setMaximumWidth(letter * _LONGEST)
        self.returnPressed.connect(self._on_search)
        self.textEdited.connect(self._on_edited)
        session.facts.changed.connect(self._on_facts_changed)

    @Slot()
    def start(self) -> None:
        """Let the user type what to look for."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    @Slot()
    def _on_facts_changed(self) -> None:
        self._found_for = ""

    @Slot()
    def _on_edited(self) -> None:
        set_role(self, "tone", "")
        self.setToolTip(tr("Part of an id or a name; Enter goes to the next"))

    @Slot()
    def _on_search(self) -> None:
        attributes, text = self._session.facts.attributes, self.text().strip()
        if attributes is None or not text:
            return
        if text != self._found_for:
            self._found, self._found_for, self._found_at = find(attributes, text), text, -1
        if not len(self._found):
            set_role(self, "tone", "problem")
            self.setToolTip(tr("No id and no name contains this text."))
            self.said.emit(tr("Nothing found"))
            return
        self._found_at = (self._found_at + 1) % len(self._found)
        node = int(self._found[self._found_at])
        self._session.selection.select([node], tr("Find a node"))
        self._session.selection.set_current(node)
        self.found.emit(node)
        self.said.emit(tr("{at} of {count} found", at=self._found_at + 1, count=len(self._found)))


def find(attributes: Attributes, text: str) -> NDArray[np.int64]:
    """Return the nodes whose id or name is the text, then those that contain it, int64 [K]."""
    needle = text.casefold()
    exact, near = [], []
    for node, (own, name) in enumerate(zip(attributes.ids, attributes.names, strict=True)):
        if text in (own, name):
            exact.append(node)
        elif needle in str(own).casefold() or needle in str(name).casefold():
            near.append(node)
    return np.array(exact + near, dtype=np.int64)
