"""What is wrong with the user's data: grouped, with file and line, to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QTreeView, QWidget

from app.bridge.background import Background, Outcome
from app.kit.translate import tr
from app.kit.widgets.basics import button, column, label, row
from app.models.issues import IssueModel, summary
from app.session.frames import read_issues
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


class Issues(View):
    """The findings of the preview or, after the import, of the whole."""

    spec = ViewSpec("issues", "Findings", "data", "bottom", icon="warning", order=10)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.model = IssueModel(self)
        self._reader = Background(self)
        self._reader.finished.connect(self._on_read)
        self._summary = label("", "muted")
        self._copy = button(tr("Copy all"), self._on_copy, icon="copy")
        self._view = QTreeView()
        self._view.setModel(self.model)
        self._view.setAccessibleName(tr("Findings"))
        self._view.setAlternatingRowColors(True)
        self._view.setUniformRowHeights(True)
        self._view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._view.header().setStretchLastSection(False)
        self._view.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        top = row(self._summary, None, self._copy)
        top.setContentsMargins(12, 6, 8, 4)
        self.setLayout(column(top, self._view, spacing=0))
        session.importing.changed.connect(self._on_changed)
        session.dataset_changed.connect(self._on_changed)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        dataset = self.session.dataset
        if dataset is not None and not self.session.preparing.is_stale:
            self._reader.submit(lambda: read_issues(dataset))
            return
        preview = self.session.importing.preview
        if not preview and self.session.importing.is_busy:
            # Nothing found so far is no finding.
            self._summary.setText(tr("The first rows are being read."))
            return
        self._show(preview.get("issues", []), preview.get("issue_counts", {}))

    @Slot(object)
    def _on_read(self, outcome: Outcome) -> None:
        if outcome.error is None:
            self._show(*outcome.value)

    def _show(self, issues: list[Plain], counts: dict[str, int]) -> None:
        is_new = self.model.show(issues, counts)
        self._summary.setText(summary(self.model.total))  # it may have said that the rows are being read
        if not is_new:
            return
        self._copy.setEnabled(self.model.total > 0)
        if len(issues) <= 30:
            self._view.expandAll()

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.model.as_text())
