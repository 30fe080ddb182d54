"""Score new files…: drop them, see whether their columns fit, look at the first predictions, write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from app.dialogs._base import Dialog
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import DropArea, Strip, button, label, link, row
from app.session.counting import counted

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.dialogs.asking import Asking
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


class ScoreFiles(Dialog):
    """Predict with the run in view for nodes and graphs it has not seen."""

    def __init__(self, session: Session, asking: Asking, parent: QWidget | None = None) -> None:
        super().__init__(tr("Score new files"), parent, width=780)
        self._session = session
        self._asking = asking
        self._files: list[Path] = []
        self._out: Path | None = None
        self.setAcceptDrops(True)
        self.drop = DropArea(
            tr("Drop the new tables here"), tr("The same kinds of files that the model was trained on")
        )
        self.drop.clicked.connect(self._on_choose)
        self.strip = Strip()
        self._schema = label("", wrap=True)
        self._model = QStandardItemModel(self)
        self.view = QTableView()
        self.view.setModel(self._model)
        self.view.setAccessibleName(tr("First predictions"))
        self.view.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.view.setMinimumHeight(240)
        self.view.hide()
        self.write = button(tr("Write predictions…"), self._on_write, primary=True, icon="export")
        self.write.setEnabled(False)
        self._open = link(tr("Open folder"), self._on_open)
        self._open.hide()
        self.fill(
            self.drop,
            self.strip,
            self._schema,
            self.view,
            row(self._open, None, button(tr("Close"), self.reject), self.write),
        )

    def take(self, files: Sequence[Path]) -> None:
        """Check files and predict for their first look."""
        self._files = list(files)
        self.strip.say("info", tr("Reading and predicting…"))
        self._ask(None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.drop.set_active(True)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files."""
        self.drop.set_active(False)
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.take(files)

    def _ask(self, out: Path | None) -> None:
        run = self._session.run
        if run is None:
            return
        self._out = out
        self.write.setEnabled(False)
        arguments: Plain = {"run": str(run.folder), "files": [str(path) for path in self._files]}
        if out is not None:
            arguments["out"] = str(out)
        job = self._session.jobs.submit(
            "predict", arguments, lane="train", title=tr("Scoring new files"), topic="score"
        )
        job.finished.connect(self._on_scored)

    @Slot(object)
    def _on_scored(self, job: Job) -> None:
        if job.state != "finished" or job.result is None:
            error = job.error or {"message": tr("Scoring was cancelled.")}
            details = error.get("details") or {}
            self.strip.say("problem", str(error["message"]), str(error.get("hint", "")), str(details))
            return
        result = job.result
        self._show_schema(result["schema"])
        self._show_rows(result)
        self.write.setEnabled(True)
        rows = int(result["rows"])
        if result.get("path"):
            words = tr_n(
                "Wrote {count} row to {path}.", "Wrote {count} rows to {path}.", rows, path=str(result["path"])
            )
            self.strip.say("good", words)
            self._open.show()
        else:
            items = counted(self._session.dataset, rows)
            self.strip.say("good", tr("{items} scored. Nothing is written yet.", items=items))

    def _show_schema(self, schema: Plain) -> None:
        matched, missing, extra = (list(schema.get(name) or []) for name in ("matched", "missing", "extra"))
        if matched:
            parts = [tr_n("{count} column matched", "{count} columns matched", len(matched))]
        else:
            dataset = self._session.dataset
            of_molecules = tr("The model reads atoms and bonds from the structures; it needs no other column")
            of_graphs = tr("The model looks at the graph alone; it needs no column")
            parts = [of_molecules if dataset is not None and dataset.are_molecules else of_graphs]
        if missing:
            parts.append(tr("missing: {names}", names=", ".join(map(str, missing))))
        if extra:
            parts.append(tr("not used: {names}", names=", ".join(map(str, extra))))
        self._schema.setText(" · ".join(parts))

    def _show_rows(self, result: Plain) -> None:
        self._model.clear()
        self._model.setHorizontalHeaderLabels([str(name) for name in result.get("columns", [])])
        for cells in result["preview"]:
            self._model.appendRow([QStandardItem("–" if cell is None else str(cell)) for cell in cells])
        self.view.show()
        self.drop.hide()

    @Slot()
    def _on_choose(self) -> None:
        files = self._asking.files(tr("Score new files"))
        if files:
            self.take(files)

    @Slot()
    def _on_write(self) -> None:
        out = self._asking.save(tr("Write predictions"), "predictions.csv", tr("CSV table") + " (*.csv)")
        if out is not None:
            self.strip.say("info", tr("Writing…"))
            self._ask(out)

    @Slot()
    def _on_open(self) -> None:
        if self._out is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._out.parent)))
