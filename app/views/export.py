"""The Export station: what, which format, where, the first rows, and what was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QTableView,
    QWidget,
)

from app.bridge.background import Background, Outcome
from app.kit import settings as keys
from app.kit.sayings import said
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Empty, Strip, button, card, column, label, link, row
from app.session.attributes import write_added
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    import pandas as pd

    from app.bridge.jobs import Job
    from app.session.session import Session

_ROWS = 12
_Index = QModelIndex | QPersistentModelIndex
# What each exporter can write, as `engine/export` states it; the first is offered first.
_FORMATS: dict[str, tuple[str, ...]] = {
    "predictions": ("csv", "parquet", "sdf"),
    "embeddings": ("parquet", "csv"),
    "report": ("html",),
    "graph": ("graphml", "gexf"),
}


class HeadModel(QAbstractTableModel):
    """The first rows of a frame."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles: list[str] = []
        self._rows: list[list[str]] = []

    def show_frame(self, frame: pd.DataFrame | None) -> None:
        """Show a frame's first rows; None shows nothing."""
        self.beginResetModel()
        self._titles, self._rows = [], []
        if frame is not None:
            self._titles = [str(name) for name in frame.columns]
            head = frame.head(_ROWS).astype(object)
            self._rows = [[_cell(cell) for cell in line] for line in head.itertuples(index=False, name=None)]
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many rows are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Any: text or None
        """Return a cell as text."""
        return self._rows[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None


class Export(View):
    """Asks what, how and where; writes in the child."""

    spec = ViewSpec("export", "Export", "export", "centre", icon="export", order=10)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._written: Path | None = None
        self._own_path = False
        self._whats = QButtonGroup(self)
        choices = column(spacing=4)
        for number, (key, title, story) in enumerate(
            (
                (
                    "predictions",
                    tr("Predictions"),
                    tr("Your ids, the predicted value, each class's probability, your columns"),
                ),
                ("embeddings", tr("Embeddings"), tr("Your ids and the numbers that the encoder gives each of them")),
                ("report", tr("Report"), tr("Scores, floors, curves and recipe on one page")),
                ("graph", tr("Graph"), tr("Nodes with their predictions, and edges, for other graph programs")),
            )
        ):
            made = QRadioButton(title)
            made.setProperty("what", key)
            made.setAccessibleDescription(story)
            made.setChecked(number == 0)
            self._whats.addButton(made, number)
            choices.addWidget(made)
            story_label = label(story, "muted", wrap=True)
            story_label.setContentsMargins(26, 0, 0, 6)
            choices.addWidget(story_label)
        self._whats.idClicked.connect(self._on_what)
        self.format = QComboBox()
        self.format.setAccessibleName(tr("Format"))
        self.format.activated.connect(self._on_format)
        self.path = QLineEdit()
        self.path.setAccessibleName(tr("File to write"))
        self.path.textEdited.connect(self._on_path)
        self._browse = button(tr("Choose…"), self._on_browse, icon="folder")
        self.with_added = QCheckBox(tr("Also your own columns and computed statistics"))
        self.with_added.setChecked(True)
        self.go = button(tr("Write file"), self._on_go, icon="export")
        self.strip = Strip()
        self._folder = link(tr("Open folder"), self._on_open)
        self.strip.add_button(self._folder)
        self._model = HeadModel(self)
        self._table = QTableView()
        self._table.setModel(self._model)
        self._table.setAccessibleName(tr("First rows"))
        self._table.setShowGrid(False)
        self._table.setAlternatingRowColors(True)
        self._table.verticalHeader().hide()
        self._table.setMinimumHeight(360)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        what = card(label(tr("WHAT"), "section"), choices)
        where = card(
            label(tr("FORMAT"), "section"),
            self.format,
            8,
            label(tr("FILE"), "section"),
            row(self.path, self._browse),
            self.with_added,
            8,
            row(None, self.go),
            None,
        )
        two = row(what, where, spacing=14)
        two.setStretch(0, 1)
        two.setStretch(1, 1)
        self._first = label(tr("FIRST ROWS"), "section")
        self._body = QWidget()
        self._body.setObjectName("page")
        self._body.setLayout(column(two, self.strip, self._first, self._table, None, margins=16, spacing=14))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._body)
        self._empty = Empty("export", tr("Nothing to export yet"), tr("Train a model first; its results come here."))
        self.setLayout(column(self._scroll, self._empty))
        self._writing = Background(self)
        self._writing.finished.connect(self._on_added_written)
        session.run_changed.connect(self._on_run)
        session.facts.changed.connect(self._on_facts_changed)
        session.catalogue_changed.connect(self._on_run)
        session.export_requested.connect(self._on_go)
        self._on_run()

    @property
    def what(self) -> str:
        """What is chosen."""
        checked = self._whats.checkedButton()
        return str(checked.property("what")) if checked is not None else "predictions"

    def choose(self, what: str) -> None:
        """Choose what is written."""
        for made in self._whats.buttons():
            if made.property("what") == what:
                made.setChecked(True)
        self._on_what()

    @Slot()
    def _on_run(self) -> None:
        run = self.session.run
        has = run is not None and run.predictions is not None
        self._scroll.setVisible(has)
        self._empty.setVisible(not has)
        self._written = None
        self.strip.hide()
        self._on_what()

    @Slot()
    def _on_what(self) -> None:
        labels = {str(entry["key"]): said(str(entry["label"])) for entry in self.session.components("exporter")}
        self.format.clear()
        for key in _FORMATS[self.what]:
            if key in labels or not labels:
                self.format.addItem(tr(labels.get(key, key)), key)
        self.go.setEnabled(self.format.count() > 0)
        run = self.session.run
        shown = run.predictions if run is not None and self.what in ("predictions", "graph") else None
        self._model.show_frame(shown)
        self._table.setVisible(shown is not None)
        self._first.setVisible(shown is not None)
        self._own_path = False
        self._suggest_path()
        self._on_facts_changed()

    @Slot()
    def _on_facts_changed(self) -> None:
        attributes = self.session.facts.attributes
        has = attributes is not None and bool(attributes.added())
        self.with_added.setVisible(has and self.what in ("predictions", "graph"))

    @Slot()
    def _on_format(self) -> None:
        if self._own_path and self.format.currentData():
            self.path.setText(str(Path(self.path.text()).with_suffix(f".{self.format.currentData()}")))
        else:
            self._suggest_path()

    @Slot()
    def _on_path(self) -> None:
        self._own_path = True

    @Slot()
    def _on_browse(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        chosen, _ = QFileDialog.getSaveFileName(self, tr("Write file"), self.path.text())
        if chosen:
            self.path.setText(chosen)
            self._own_path = True

    @Slot()
    def _on_go(self) -> None:
        run, out = self.session.run, Path(self.path.text().strip())
        if run is None or not self.path.text().strip():
            return
        self.go.setEnabled(False)
        self._folder.hide()
        self.strip.say("info", tr("Writing {path}…", path=str(out)))
        self.session.settings.set(keys.LAST_FOLDER, str(out.parent))
        arguments = {"run": str(run.folder), "what": self.what, "to": self.format.currentData(), "out": str(out)}
        attributes, project = self.session.facts.attributes, self.session.project
        if not self.with_added.isHidden() and self.with_added.isChecked() and attributes is not None and project:
            path = project.folder / "columns" / "added.parquet"
            self._writing.submit(lambda: write_added(attributes, path), tag={**arguments, "added": str(path)})
            return
        self._submit(arguments)

    def _submit(self, arguments: dict[str, Any]) -> None:  # Any: JSON values
        job = self.session.jobs.submit("export", arguments, title=tr("Exporting"), topic="export")
        job.finished.connect(self._on_written)

    @Slot(object)
    def _on_added_written(self, outcome: Outcome) -> None:
        if outcome.error is None and isinstance(outcome.tag, dict):
            self._submit(outcome.tag)
            return
        self.go.setEnabled(True)
        self.strip.say("problem", tr("Your own columns cannot be written: {error}", error=str(outcome.error)))

    @Slot(object)
    def _on_written(self, job: Job) -> None:
        self.go.setEnabled(True)
        if job.state == "finished" and job.result is not None:
            self._written = Path(str(job.result["path"]))
            rows = int(job.result.get("rows") or 0)
            words = tr_n("Wrote {count} row to {path}.", "Wrote {count} rows to {path}.", rows, path=str(self._written))
            self.strip.say("good", words)
            self._folder.show()
        elif job.error is not None:
            self.strip.say("problem", str(job.error["message"]), str(job.error.get("hint", "")))

    @Slot()
    def _on_open(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def _suggest_path(self) -> None:
        folder = self.session.settings.get(keys.LAST_FOLDER)
        base = Path(folder) if folder and Path(folder).is_dir() else Path.home()
        if self.format.currentData():
            self.path.setText(str(base / f"{self.what}.{self.format.currentData()}"))


def _cell(cell: object) -> str:
    if cell is None or cell != cell:
        return "–"
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
