"""All runs of the project: open, resume, delete (undoable)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from app.dialogs._base import Dialog
from app.kit import theme
from app.kit.scores import Score, metric_name, shown
from app.kit.translate import tr
from app.kit.widgets.basics import button, label, row

if TYPE_CHECKING:
    from app.session.runs import RunInfo
    from app.session.session import Session

_Index = QModelIndex | QPersistentModelIndex


class RunModel(QAbstractTableModel):
    """One row for each run."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._runs: list[RunInfo] = list(session.runs.all)
        self._titles = (tr("Run"), tr("Target"), tr("Model"), tr("Pretraining"), tr("Test"), tr("State"))

    def refresh(self) -> None:
        """Show the list as it is now."""
        self.beginResetModel()
        self._runs = list(self._session.runs.all)
        self.endResetModel()

    def run(self, row: int) -> RunInfo:
        """Return the run of a row."""
        return self._runs[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of runs."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of columns."""
        return len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Any: text or None
        """Return a cell as text."""
        info = self._runs[index.row()]
        if role == Qt.ItemDataRole.ForegroundRole and info.is_marked and index.column() == 4:
            return theme.colour("problem")
        if role == Qt.ItemDataRole.ToolTipRole and info.is_marked:
            return tr("The score is not to be trusted: something may have told the model the answer.")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        cells = (info.name, info.target, info.encoder, info.pretrain or "–", _test(info), self._state(info))
        return cells[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def _state(self, info: RunInfo) -> str:
        live = self._session.training.live
        if self._session.training.is_running and live is not None and live.folder == info.folder:
            return tr("running")
        words = {
            "finished": tr("finished"),
            "stopped": tr("stopped, best kept"),
            "cancelled": tr("cancelled"),
            "failed": tr("failed"),
        }
        return words.get(info.status, tr("cut off"))


def _test(info: RunInfo) -> str:
    if info.test_mean is None:
        return "–"
    score = Score(info.test_mean, info.test_std or 0.0, info.test_count)
    mark = tr("leak? ") if info.is_marked else ""
    return f"{mark}{metric_name(info.metric)} {shown(score, info.metric)}"


class RunsDialog(Dialog):
    """The list with its three verbs."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Runs of this project"), parent, width=860)
        self._session = session
        self._model = RunModel(session, self)
        self._view = QTableView()
        self._view.setModel(self._model)
        self._view.setAccessibleName(tr("Runs"))
        self._view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self._view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self._view.setShowGrid(False)
        self._view.verticalHeader().hide()
        self._view.setMinimumHeight(280)
        self._view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._view.horizontalHeader().setStretchLastSection(True)
        self._open = button(tr("Open"), self._on_open, primary=True)
        self._resume = button(tr("Resume"), self._on_resume, icon="resume")
        self._delete = button(tr("Delete"), self._on_delete, icon="trash")
        note = label(tr("Deleted runs go to the project's trash; Undo brings them back."), "muted", wrap=True)
        self.fill(self._view, note, row(self._delete, None, self._resume, self._open, button(tr("Close"), self.reject)))
        self._view.doubleClicked.connect(self._on_open)
        self._view.selectionModel().currentRowChanged.connect(self._on_row)
        session.runs_changed.connect(self._on_runs)
        self._on_runs()

    @Slot()
    def _on_runs(self) -> None:
        self._model.refresh()
        if self._model.rowCount():
            self._view.selectRow(0)
        self._on_row()

    @Slot()
    def _on_row(self) -> None:
        info = self._current()
        self._open.setEnabled(info is not None)
        self._delete.setEnabled(info is not None)
        self._resume.setEnabled(info is not None and info.can_resume and not self._session.training.is_running)

    def _current(self) -> RunInfo | None:
        index = self._view.currentIndex()
        return self._model.run(index.row()) if index.isValid() else None

    @Slot()
    def _on_open(self) -> None:
        info = self._current()
        if info is not None:
            self._session.running.open(info.folder)
            self._session.go_to("inspect" if info.is_usable else "finetune")
            self.accept()

    @Slot()
    def _on_resume(self) -> None:
        info = self._current()
        if info is not None:
            self._session.running.resume(info.folder)
            self._session.go_to("finetune")
            self.accept()

    @Slot()
    def _on_delete(self) -> None:
        info = self._current()
        if info is not None:
            self._session.running.delete(info.name)
