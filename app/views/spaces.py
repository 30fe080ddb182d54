"""Two runs' embeddings of the same nodes next to each other, and how many neighbours both spaces share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QSplitter, QStackedWidget, QWidget

from app.canvas.picture_panel import PicturePanel
from app.kit.sayings import said
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Empty, column, label, row
from app.models.run_words import run_in_words, short_name
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session
    from app.session.spaces import Beside


_LOW = 10  # times the height of the tools: in a lower view they would cover the pictures


class SpacesView(View):
    """Two scatters with one selection, the same colours, and one pointer; the second is turned onto the first."""

    spec = ViewSpec("spaces", "Two spaces", "inspect", "bottom", order=65, tabs=("predictions",), icon="swap")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.first = self._make_box(tr("Run on the left"))
        self.second = self._make_box(tr("Run on the right"))
        self.left = PicturePanel(session, Empty("target", ""), with_edges=False)
        self.right = PicturePanel(session, Empty("target", ""), with_edges=False)
        for panel in (self.left, self.right):
            # The graph chooses and explains the same colours, and the scatters are small.
            panel.hide_bar()
            panel.strip.show_legend(False)
        self.words = label("", wrap=True)
        self.words.setAccessibleName(tr("Neighbours that both spaces share"))
        self.empty = Empty("swap", "")
        self.heart = self.left.canvas
        pictures = QSplitter()
        pictures.addWidget(self.left)
        pictures.addWidget(self.right)
        pictures.setSizes([500, 500])
        pictures.setChildrenCollapsible(False)
        head = row(self.first, margins=6, spacing=10)
        head.addWidget(self.words, 1)
        head.addWidget(self.second)
        above = QWidget()
        above.setLayout(head)
        self.body = QWidget()
        layout = column(above, pictures, spacing=0)
        layout.setStretchFactor(pictures, 1)
        self.body.setLayout(layout)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.body)
        self.setLayout(column(self._pages, spacing=0))
        self.left.canvas.hovered.connect(self.right.canvas.pointer.set_echo)
        self.right.canvas.hovered.connect(self.left.canvas.pointer.set_echo)
        session.spaces.changed.connect(self._on_changed)
        session.dataset_changed.connect(self._on_changed)
        session.selection.changed.connect(self._on_selection_changed)
        self._on_changed()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the comparison made now that somebody looks."""
        super().showEvent(event)
        self._on_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the tools where they leave room for the pictures; their keys hold without them."""
        super().resizeEvent(event)
        for panel in (self.left, self.right):
            panel.strip.setVisible(event.size().height() >= _LOW * panel.strip.sizeHint().height())

    @Slot()
    def _on_changed(self) -> None:
        spaces = self.session.spaces
        if self.isVisible():
            spaces.want()
        self._show_runs()
        found = spaces.found if self.session.dataset is not None else None
        if found is None:
            self._say_why()
        self._pages.setCurrentWidget(self.empty if found is None else self.body)
        self.left.set_places(None if found is None else found.first)
        self.right.set_places(None if found is None else found.second)
        for panel, run in zip((self.left, self.right), spaces.chosen, strict=True):
            panel.canvas.setAccessibleName(tr("Embedding of the run {run}", run=short_name(run)))
        self._on_selection_changed()

    @Slot()
    def _on_selection_changed(self) -> None:
        found = self.session.spaces.found
        # What nobody looks at is not measured.
        if found is not None and self.isVisible() and len(found.shared) == len(self.session.selection.mask):
            self.words.setText(shared_in_words(found, self.session))

    def _show_runs(self) -> None:
        """Offer the runs in both boxes, anew only where they changed: one of them may be open."""
        runs = self.session.spaces.runs()
        for box, name in zip((self.first, self.second), self.session.spaces.chosen, strict=True):
            if [box.itemData(number) for number in range(box.count())] != [info.name for info in runs]:
                box.clear()
                for info in runs:
                    box.addItem(run_in_words(info), info.name)
            box.setCurrentIndex(box.findData(name))

    def _say_why(self) -> None:
        spaces, count = self.session.spaces, len(self.session.spaces.runs())
        if self.session.dataset is None or count == 0:
            self.empty.say(
                tr("Nothing to compare yet"), tr("Finish a run, and then a second one; their spaces appear here.")
            )
        elif count == 1:
            self.empty.say(
                tr("One run has a space so far"),
                tr("Finish a second run, with one thing changed; both spaces appear here side by side."),
            )
        elif spaces.error is not None:
            self.empty.say(said(str(spaces.error.get("message", ""))), said(str(spaces.error.get("hint", ""))))
        else:
            self.empty.say(tr("Comparing two spaces…"), tr("The neighbours of every node are looked for in both."))

    def _make_box(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(14)
        box.activated.connect(self._on_chosen)
        return box

    @Slot()
    def _on_chosen(self) -> None:
        """Compare what both boxes say; a run that stood on the other side changes places."""
        before, wanted = self.session.spaces.chosen, [str(self.first.currentData()), str(self.second.currentData())]
        if wanted[0] == wanted[1]:
            wanted = list(before[::-1])
        self.session.spaces.choose(*wanted)


def shared_in_words(found: Beside, session: Session) -> str:
    """Return the share of neighbours that are the same in both spaces, of all nodes and of those selected."""
    measured = found.shared[np.isfinite(found.shared)]
    share, chance = float(measured.mean()) if len(measured) else 1.0, _percent(found.chance)
    parts = [
        tr(
            "Of a node's {k} nearest neighbours, {share} are the same in both spaces; by chance it would be {chance}.",
            k=found.k,
            share=_percent(share),
            chance=chance,
        )
    ]
    selected, own = session.selection.count, session.spaces.of_selection()
    if selected:
        words = tr("being measured") if own is None else tr("not measured") if own != own else _percent(own)
        parts.append(
            tr_n("Of the selected node: {share}.", "Of the {count} selected nodes: {share}.", selected, share=words)
        )
    if len(measured) < len(found.shared):
        parts.append(tr("Measured on {count} nodes drawn at random.", count=len(measured)))
    return " ".join(parts)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else f"{100 * share:.2g} %"
