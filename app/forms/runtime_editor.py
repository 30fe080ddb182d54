"""Where the run runs and how often: the device with its free memory, the number of seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from app.kit.translate import tr
from app.kit.widgets.basics import column, label, row
from app.kit.words import size

if TYPE_CHECKING:
    from app.session.session import Session

_MOST_SEEDS = 20


class RuntimeEditor(QWidget):
    """Edits `runtime.device` and `runtime.seeds` of the draft."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.device = QComboBox()
        self.device.setAccessibleName(tr("Device"))
        self.device.activated.connect(self._on_device)
        self.seeds = QSpinBox()
        self.seeds.setRange(1, _MOST_SEEDS)
        self.seeds.setAccessibleName(tr("Seeds"))
        self.seeds.setToolTip(tr("One training for each seed; the spread says how much of a score is luck."))
        self.seeds.valueChanged.connect(self._on_seeds)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.setLayout(
            column(
                label(tr("WHERE AND HOW OFTEN"), "section"),
                self.device,
                row(label(tr("Seeds"), "muted"), self.seeds, None),
                self.problem,
                spacing=6,
            )
        )
        session.recipe_changed.connect(self.refresh)
        session.catalogue_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the draft as it is."""
        devices = self._session.catalogue.get("devices", [])
        wanted = [(tr("Automatic"), "auto"), *((_words(device), device["key"]) for device in devices)]
        there = [(self.device.itemText(i), self.device.itemData(i)) for i in range(self.device.count())]
        if there != wanted:
            self.device.clear()
            for text, key in wanted:
                self.device.addItem(text, key)
        draft = self._session.draft
        self.device.setCurrentIndex(max(0, self.device.findData(draft.get("runtime.device", "auto"))))
        count = len(draft.get("runtime.seeds") or [0])
        if self.seeds.value() != count:
            self.seeds.setValue(count)
        for widget in (self.device, self.seeds):
            widget.setEnabled(not draft.is_empty)

    def show_error(self, path: str, text: str) -> bool:
        """Show what the engine says about the device. Returns: whether that is meant."""
        mine = path.startswith("runtime")
        if mine:
            self.problem.setText(text)
        self.problem.setVisible(mine)
        return mine

    @Slot(int)
    def _on_device(self, number: int) -> None:
        self._session.draft.set("runtime.device", self.device.itemData(number), tr("Choose a device"))

    @Slot(int)
    def _on_seeds(self, count: int) -> None:
        draft = self._session.draft
        if not draft.is_empty and count != len(draft.get("runtime.seeds") or [0]):
            draft.set("runtime.seeds", list(range(count)), tr("Change the number of seeds"))


def _words(device: dict[str, Any]) -> str:  # Any: JSON values
    return tr("{name}, {free} free", name=str(device["label"]), free=size(float(device["free_bytes"])))
