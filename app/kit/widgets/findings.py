"""What may have told a run its answer: a toned sentence each, with a button that selects the nodes concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from app.kit.translate import tr
from app.kit.widgets.basics import Strip, button, column

Plain = dict[str, Any]  # Any: JSON values


class Findings(QWidget):
    """Shows a run's audit; `rows_asked` carries the ids that a finding names. Hidden while there is none."""

    rows_asked = Signal(object)  # list[str]

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: list[Plain] = []
        self._body = column(spacing=6)
        self.setLayout(self._body)
        self.hide()

    def show_findings(self, found: Sequence[Plain] | None) -> None:
        """Show other findings, as metrics.json holds them."""
        wanted = list(found or [])
        if wanted == self._found:
            return
        self._found = wanted
        while (item := self._body.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        for number, one in enumerate(wanted):
            strip = Strip()
            strip.say("problem" if one.get("level") == "error" else "warning", str(one.get("text", "")))
            rows = one.get("rows") or []
            if rows:
                text = tr("Select them ({count})", count=len(rows))
                made = button(text, self._on_rows)
                made.setProperty("number", number)
                strip.add_button(made)
            self._body.addWidget(strip)
        self.setVisible(bool(wanted))

    def texts(self) -> list[str]:
        """Return what is said."""
        return [str(one.get("text", "")) for one in self._found]

    @Slot()
    def _on_rows(self) -> None:
        number = int(self.sender().property("number"))
        self.rows_asked.emit([str(name) for name in self._found[number]["rows"]])


def is_marked(metrics: Plain) -> bool:
    """Whether a run's score is not to be trusted: its audit found more than a warning."""
    return any(one.get("level") == "error" for one in metrics.get("audit") or [])
