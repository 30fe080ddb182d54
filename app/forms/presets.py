"""The row of presets, what the program says for them, and how long the run will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import Fold, button, column, label, link, row

if TYPE_CHECKING:
    from app.session.session import Session

_PRESETS = (
    ("quick", "Quick", "A result in under a minute, pretraining included"),
    ("plain", "Plain", "A two-layer GCN from scratch, with the settings of its paper"),
    ("recommended", "Recommended", "What the program believes best for these data"),
)


class Presets(QWidget):
    """Three buttons that replace the recipe, its reasons, and the time estimate."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        line = row(spacing=6)
        for number, (key, title, tip) in enumerate(_PRESETS):
            made = button(tr(title), tip=tr(tip))
            made.setCheckable(True)
            made.setAccessibleName(tr("Preset {name}", name=tr(title)))
            self._group.addButton(made, number)
            self._buttons[key] = made
            line.addWidget(made)
        self._group.idClicked.connect(self._on_clicked)
        self.search = link(tr("Search for better settings…"), self._on_search)
        self._estimate = label("", wrap=True)
        self._warning = label("", "warning", wrap=True)
        self._reasons = label("", "muted", wrap=True)
        self._fold = Fold(tr("Why these settings"), self._reasons)
        self.setLayout(
            column(
                label(tr("PRESET"), "section"), line, self._estimate, self._warning, self._fold, self.search, spacing=6
            )
        )
        session.recipe_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what the draft came from."""
        draft, busy = self._session.draft, self._session.training.is_suggesting
        for made in self._buttons.values():
            made.setEnabled(draft.target is not None and not busy)
        self.search.setEnabled(draft.target is not None)
        if self._session.preparing.preset in self._buttons:
            self._buttons[self._session.preparing.preset].setChecked(True)
        self._estimate.setText(tr("Preparing…") if busy else said(str(draft.estimate.get("sentence", ""))))
        # Never folded away: a feature that knows the answer makes every score worthless.
        warnings = [str(one) for one in draft.estimate.get("warnings", [])]
        self._warning.setText("\n".join(map(said, warnings)))
        self._warning.setVisible(bool(warnings))
        self._reasons.setText("\n".join(f"• {said(reason)}" for reason in draft.reasons if reason not in warnings))
        self._fold.setVisible(bool(draft.reasons))

    @Slot()
    def _on_search(self) -> None:
        self._session.go_to("finetune")
        self._session.show_view("search")

    @Slot(int)
    def _on_clicked(self, number: int) -> None:
        target = self._session.draft.target
        if target is not None:
            self._session.preparing.choose_preset(_PRESETS[number][0])
