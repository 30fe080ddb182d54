"""A drop-down list of components: the recommended ones first, the others behind one more entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from app.kit.plain import plain_tip
from app.kit.sayings import said
from app.kit.translate import tr, tr_n

Plain = dict[str, Any]  # Any: JSON values
_FEW = 5  # entries that need no folding
# The first "Names (year)" of the docstring's source: "Kipf and Welling (2017)", "Hu et al. (2020)".
_SOURCE = re.compile(r"Source:(.*)", re.DOTALL)
_PAPER = re.compile(r"[A-Z][\w'’-]+(?:(?:,\s+|\s+and\s+|\s+)(?:[A-Z][\w'’-]+|et\s+al\.))*\s+\(\d{4}\)")


class ChoiceList(QComboBox):
    """Offers the entries of a catalogue; `chosen` carries the key, None for the entry that stands for nothing."""

    chosen = Signal(object)

    def __init__(self, none: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._none = none
        self._entries: list[Plain] = []
        self._key: str | None = None
        self._is_open = False
        self.setMaxVisibleItems(20)
        self.activated.connect(self._on_activated)

    def show_entries(self, entries: Sequence[Plain], key: str | None) -> None:
        """Offer other entries. Args: key: of the one that is chosen now."""
        if list(entries) != self._entries or key != self._key:
            self._entries, self._key = list(entries), key
            self._fill()

    def _fill(self) -> None:
        self.clear()
        if self._none:
            self.addItem(self._none, None)
        first = [entry for entry in self._entries if entry.get("recommended")]
        others = [entry for entry in self._entries if not entry.get("recommended")]
        if not (self._is_open or len(self._entries) <= _FEW or not first):
            # What is chosen is never hidden.
            first += [entry for entry in others if entry["key"] == self._key]
            folded = [entry for entry in others if entry["key"] != self._key]
            self._add(first)
            if folded:
                self.insertSeparator(self.count())
                self.addItem(tr_n("{count} more…", "{count} more…", len(folded)), self)
        else:
            self._add(first)
            if first and others:
                self.insertSeparator(self.count())
            self._add(others)
        self.setCurrentIndex(self.findData(self._key) if self._key is not None or self._none else -1)

    def _add(self, entries: Sequence[Plain]) -> None:
        for entry in entries:
            name = tr(said(str(entry["label"])))
            self.addItem(tr("{name}, recommended", name=name) if entry.get("recommended") else name, entry["key"])
            self.setItemData(self.count() - 1, plain_tip(words(entry)), Qt.ItemDataRole.ToolTipRole)

    @Slot(int)
    def _on_activated(self, number: int) -> None:
        if self.itemData(number) is self:
            self._is_open = True
            self._fill()
            self.showPopup()
            return
        self._key = self.itemData(number)
        self.chosen.emit(self._key)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page, as the fields of a form do."""
        event.ignore()


def words(entry: Plain) -> str:
    """Return what a component is in one sentence, with the names of its paper."""
    source = _SOURCE.search(str(entry.get("doc", "")))
    paper = _PAPER.search(source.group(1)) if source else None
    summary = said(str(entry.get("summary", "")))
    # A docstring breaks its lines where they end, not where the words do.
    return f"{summary} {' '.join(paper.group().split())}." if paper else summary
