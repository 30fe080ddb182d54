"""What is taken for what: the confusion matrix, whose cells select their nodes everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QComboBox, QScrollArea, QStackedWidget, QWidget

from app.canvas.confusion_grid import Cell, ConfusionGrid
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, column, label, row
from app.models.confusion import ALL_PARTS, Confusion, confusion_of, parts_of
from app.session.attributes import PREDICTED, TARGET
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session


class ConfusionView(View):
    """The confusion matrix of train, valid or test."""

    spec = ViewSpec("confusion", "Confusion", "inspect", "right", order=20, icon="data")

    @classmethod
    def suits(cls, session: Session) -> bool:
        """Say no to numbers."""
        return session.run is None or not session.run.predicts_numbers

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.part = QComboBox()
        self.part.setAccessibleName(tr("Part of the split"))
        self.summary = label(role="muted")
        self.heart = self.grid = ConfusionGrid()
        self.empty = Empty("data", "")
        self._confusion: Confusion | None = None
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the matrix has the keys
        area.setWidget(self.grid)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(area)
        self.setLayout(column(row(self.part, self.summary, None, margins=6), self._pages, spacing=0))
        self.part.currentIndexChanged.connect(self._on_part_changed)
        self.grid.chosen.connect(self._on_chosen)
        session.facts.changed.connect(self._on_facts_changed)
        session.run_changed.connect(self._on_facts_changed)
        self._on_facts_changed()

    def changeEvent(self, event: QEvent) -> None:
        """Repaint with the theme."""
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "grid"):
            self.grid.update()
        super().changeEvent(event)

    @Slot()
    def _on_facts_changed(self) -> None:
        attributes = self.session.facts.attributes
        wanted = self.part.currentData()
        titles = {"train": tr("Train"), "valid": tr("Valid"), "test": tr("Test")}
        parts = parts_of(attributes) if attributes is not None else []
        self.part.clear()
        for name in parts:
            self.part.addItem(titles[name], name)
        if len(parts) > 1:
            self.part.addItem(tr("All labelled"), ALL_PARTS)
        self.part.setCurrentIndex(max(0, self.part.findData(wanted)))
        self._on_part_changed()

    @Slot()
    def _on_part_changed(self) -> None:
        attributes, part = self.session.facts.attributes, self.part.currentData()
        self._confusion = confusion_of(attributes, str(part)) if attributes is not None and part else None
        self.part.setVisible(self._confusion is not None)
        self.summary.setVisible(self._confusion is not None)
        if self._confusion is None:
            self._say_why()
            self._pages.setCurrentWidget(self.empty)
            return
        accuracy = self._confusion.accuracy()
        total = int(self._confusion.counts.sum())
        if accuracy is None:
            self.summary.setText(tr("Nothing in this part has a true class."))
        else:
            self.summary.setText(tr("{share} % of {count} right", share=f"{100 * accuracy:.1f}", count=total))
        self.grid.set_counts(self._confusion.classes, self._confusion.counts)
        self._pages.setCurrentIndex(1)

    def _say_why(self) -> None:
        attributes = self.session.facts.attributes
        if attributes is None or attributes.get(PREDICTED) is None:
            self.empty.say(tr("No predictions yet"), tr("Train a model; what it takes for what appears here."))
        elif attributes.get(TARGET) is None:
            self.empty.say(tr("Nothing to compare with"), tr("Nothing here has a true class."))
        else:
            self.empty.say(tr("This run predicts numbers"), tr("A confusion matrix needs classes; see the report."))

    @Slot(object, object)
    def _on_chosen(self, cell: Cell, add: bool) -> None:
        if self._confusion is None:
            return
        members = self._confusion.members(*cell)
        reason = tr("Select a confusion cell")
        if add:
            self.session.selection.add(members, reason)
        else:
            self.session.selection.replace(members, reason)
