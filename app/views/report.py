"""The verdict, the floors beside the score, and how each class fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QScrollArea, QStackedWidget, QTableView, QWidget

from app.canvas.score_bars import ScoreBars
from app.kit.sayings import said
from app.kit.scores import Score, is_lower_better, metric_name, shown
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Empty, column, label, set_role
from app.kit.widgets.findings import Findings, is_marked
from app.models.class_table import ClassTableModel
from app.session.attributes import TARGET
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values

_LETTERS = 40  # of width that the view needs at least


class ReportView(View):
    """What the run is worth, in one sentence and in numbers."""

    spec = ViewSpec("report", "Report", "inspect", "left", order=15, icon="chart")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.verdict = label("", "heading", wrap=True)
        self.basis = label("", "muted", wrap=True)
        self.findings = Findings()
        self.findings.rows_asked.connect(session.selecting.ids)
        self.floors_title = label("", "section")
        self.floors = ScoreBars(("model", "scratch", "floor"))
        self.floors_note = label("", "muted", wrap=True)
        self.others = label("", wrap=True)
        self.calibration = label("", "muted", wrap=True)
        self.model = ClassTableModel(self)
        self.table = QTableView()
        self.empty = Empty("chart", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_body())
        self.setLayout(column(self._pages, spacing=0))
        self.table.activated.connect(self._on_class_activated)
        self.table.clicked.connect(self._on_class_activated)
        session.run_changed.connect(self._on_run_changed)
        self._on_run_changed()

    def _make_body(self) -> QWidget:
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("Classes"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.horizontalHeader().setMinimumSectionSize(36)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._classes = QWidget()
        self._classes.setLayout(column(label(tr("CLASSES, ON TEST"), "section"), self.table, spacing=6))
        inner = QWidget()
        inner.setLayout(
            column(
                self.findings,
                self.verdict,
                self.basis,
                8,
                self.floors_title,
                self.floors,
                self.floors_note,
                8,
                self.others,
                self.calibration,
                self._classes,
                None,
                margins=14,
                spacing=6,
            )
        )
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(_LETTERS * self.fontMetrics().horizontalAdvance("n"))
        return area

    @Slot()
    def _on_run_changed(self) -> None:
        run = self.session.run
        metrics = run.metrics if run is not None else {}
        if not metrics:
            self._say_why()
            self._pages.setCurrentWidget(self.empty)
            return
        self._pages.setCurrentIndex(1)
        self.verdict.setText(said(str(metrics.get("verdict") or "")) or tr("No training got as far as a score."))
        self.basis.setText(self._basis(metrics))
        self.findings.show_findings(metrics.get("audit"))
        set_role(self.verdict, "role", "problem" if is_marked(metrics) else "heading")
        self._show_floors(metrics)
        self._show_others(metrics)
        self._show_calibration(metrics)
        self._show_classes(metrics)

    def _say_why(self) -> None:
        run = self.session.run
        if run is None:
            self.empty.say(tr("No run yet"), tr("Train a model; what it is worth is told here."))
        elif run.status == "running":
            self.empty.say(tr("The run goes on"), tr("Scores on test are computed once, at the end."))
        else:
            self.empty.say(tr("This run has no result"), tr("It ended before it was scored. Resume it to go on."))

    def _basis(self, metrics: Plain) -> str:
        sizes = (metrics.get("sizes") or [{}])[0]
        words = []
        if "train" in sizes:
            words.append(
                tr(
                    "{train} train, {valid} valid, {test} test",
                    train=int(sizes["train"]),
                    valid=int(sizes["valid"]),
                    test=int(sizes["test"]),
                )
            )
        words.append(tr_n("{count} seed", "{count} seeds", len(metrics.get("seeds", []))))
        if len(metrics.get("splits", [])) > 1:
            words.append(tr("{count} splits", count=len(metrics["splits"])))
        words.append(str(metrics.get("device", "")))
        return " · ".join(filter(None, words))

    def _show_floors(self, metrics: Plain) -> None:
        metric = str(metrics["metric"])
        title = tr("{metric} ON TEST, FLOORS BELOW", metric=metric_name(metric).upper())
        self.floors_title.setText(title)
        self.floors.show_metrics(metrics)
        has_spread = any(bar.error for bar in self.floors.bars)
        note = tr("Whiskers are one standard deviation over trainings.") if has_spread else ""
        if is_lower_better(metric):
            note = " ".join(filter(None, (tr("Shorter is better."), note)))
        self.floors_note.setText(note)
        self.floors_note.setVisible(bool(note))

    def _show_others(self, metrics: Plain) -> None:
        main, test = str(metrics["metric"]), (metrics.get("all") or {}).get("test", {})
        words = [
            f"{metric_name(name)} {shown(Score.read(plain), name)}"
            for name, plain in test.items()
            if name != main and Score.read(plain) is not None
        ]
        valid = Score.read(metrics.get("valid"))
        if valid is not None:
            words.append(tr("on valid {score}", score=f"{metric_name(main)} {shown(valid, main)}"))
        self.others.setText(tr("Also on test: {scores}", scores=" · ".join(words)) if words else "")
        self.others.setVisible(bool(words))

    def _show_calibration(self, metrics: Plain) -> None:
        """Say what the confidence is worth, and what the seeds and the folds reach together."""
        names = ("calibration", "ensemble", "out_of_fold")
        told = [said(str((metrics.get(name) or {}).get("sentence") or "")) for name in names]
        self.calibration.setText("\n".join(filter(None, told)))
        self.calibration.setVisible(any(told))

    def _show_classes(self, metrics: Plain) -> None:
        rows = ((metrics.get("report") or {}).get("test") or {}).get("classes") or []
        self._classes.setVisible(bool(rows))
        self.model.set_rows(rows)
        line = self.table.verticalHeader().defaultSectionSize()
        head = self.table.horizontalHeader().sizeHint().height()
        self.table.setMinimumHeight(min(12, len(rows)) * line + head + 4)
        self.table.setMaximumHeight(len(rows) * line + head + 4)

    @Slot(QModelIndex)
    def _on_class_activated(self, index: QModelIndex) -> None:
        attributes = self.session.facts.attributes
        true = attributes.get(TARGET) if attributes is not None else None
        if true is not None and true.kind == "category":
            wanted = self.model.class_at(index.row())
            mask = np.array([value == wanted for value in true.values], dtype=bool)
            self.session.selection.replace(mask, tr("Select a class"))
