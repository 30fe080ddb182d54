"""How the tables fit together, in sentences, and what is to be done about what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QScrollArea, QWidget

from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import button, column, label
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session


class JoinReport(View):
    """The join report of the preview or, after the import, of the whole."""

    spec = ViewSpec("join_report", "How the tables fit", "data", "right", icon="data", order=10)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._scope = label("", "muted", wrap=True)
        self._sentences: list[QLabel] = []
        self._list = column(spacing=8)
        self._directed = QCheckBox(tr("Edges have a direction"))
        self._directed.setToolTip(tr("An edge from a to b differs from one from b to a."))
        self._implicit = QComboBox()
        self._implicit.setAccessibleName(tr("Edge ends that the node table does not have"))
        self._implicit.addItem(tr("Add them as nodes"), "add")
        self._implicit.addItem(tr("Drop their edges"), "drop")
        ends = label(tr("Edge ends without a row of their own"), "muted", wrap=True)
        self._about_edges = (label(tr("OPTIONS"), "section"), self._directed, ends, self._implicit)
        self._go = button(tr("Import"), session.preparing.import_all, icon="import")
        page = QWidget()
        page.setObjectName("page")
        page.setLayout(
            column(
                self._scope,
                self._list,
                10,
                *self._about_edges,
                10,
                self._go,
                None,
                margins=14,
            )
        )
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        self.setLayout(column(scroll))
        self._directed.clicked.connect(self._on_directed)
        self._implicit.activated.connect(self._on_implicit)
        session.importing.changed.connect(self._on_changed)
        session.dataset_changed.connect(self._on_changed)
        session.jobs.jobs_changed.connect(self._on_changed)
        self._on_changed()

    def sentences(self) -> list[str]:
        """Return what is said."""
        return [made.text() for made in self._sentences]

    @Slot()
    def _on_changed(self) -> None:
        draft, dataset = self.session.importing, self.session.dataset
        imported = dataset is not None and not self.session.preparing.is_stale
        if imported and dataset is not None:
            join = dataset.summary.get("join") or {}
            self._scope.setText(tr("Of all rows, as imported:"))
        else:
            join = draft.preview.get("join") or {}
            self._scope.setText(
                tr("Of the first rows of each file:") if join else tr("The tables do not fit together yet.")
            )
        self._show([said(str(sentence)) for sentence in join.get("sentences", [])])
        data = draft.data or {}
        self._directed.setChecked(bool(data.get("directed")))
        self._implicit.setCurrentIndex(self._implicit.findData(data.get("implicit_nodes", "add")))
        # Bonds come with the molecules: there is nothing to choose about them.
        kinds = {str(table.get("kind")) for table in data.get("tables", ())}
        for part in self._about_edges:
            part.setVisible(kinds != {"molecules"})
        for widget in (self._directed, self._implicit):
            widget.setEnabled(draft.data is not None)
        busy = self.session.preparing.job is not None and not self.session.preparing.job.is_over
        self._go.setEnabled(draft.is_ready and not busy and not imported)
        self._go.setVisible(not imported)

    def _show(self, sentences: list[str]) -> None:
        if sentences == self.sentences():
            return
        for old in self._sentences:
            old.deleteLater()
        self._sentences = [label(sentence, wrap=True) for sentence in sentences]
        for made in self._sentences:
            self._list.addWidget(made)

    @Slot()
    def _on_directed(self) -> None:
        self.session.importing.set_option("directed", self._directed.isChecked())

    @Slot(int)
    def _on_implicit(self, number: int) -> None:
        self.session.importing.set_option("implicit_nodes", self._implicit.itemData(number))
