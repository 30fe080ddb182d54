"""How the tables fit together, in sentences, and what is to be done about what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QScrollArea, QWidget

from app.forms.form_builder import Form
from app.kit.sayings import said
from app.kit.translate import tr
from app.kit.widgets.basics import button, column, label
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


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
        self._cleaning: Form | None = None
        self._molecules = QWidget()
        self._choices = column(spacing=6)
        self._molecules.setLayout(self._choices)
        self._go = button(tr("Import"), session.preparing.import_all, icon="import")
        page = QWidget()
        page.setObjectName("page")
        page.setLayout(
            column(
                self._scope,
                self._list,
                10,
                *self._about_edges,
                self._molecules,
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
        self._show_choices("molecules" in kinds, data.get("cleaning") or {})
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

    def _show_choices(self, are_molecules: bool, values: Plain) -> None:
        """Show what is done with salts, duplicates and the like, once the engine has said what can be."""
        schema = self.session.catalogue.get("options", {}).get("cleaning")
        if self._cleaning is None and schema:
            self._cleaning = Form(schema)
            self._cleaning.edited.connect(self._on_cleaning)
            self._choices.addWidget(label(tr("MOLECULES THAT ARE NOT PLAIN"), "section"))
            self._choices.addWidget(self._cleaning)
        self._molecules.setVisible(are_molecules and self._cleaning is not None)
        if self._cleaning is not None:
            self._cleaning.show_values(values)
            self._cleaning.setEnabled(self.session.importing.data is not None)

    @Slot(object)
    def _on_cleaning(self, told: tuple[str, object]) -> None:
        name, value = told
        before = (self.session.importing.data or {}).get("cleaning") or {}
        self.session.importing.set_option("cleaning", {**before, name: value})

    @Slot()
    def _on_directed(self) -> None:
        self.session.importing.set_option("directed", self._directed.isChecked())

    @Slot(int)
    def _on_implicit(self, number: int) -> None:
        self.session.importing.set_option("implicit_nodes", self._implicit.itemData(number))
