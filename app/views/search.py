"""Search for better settings: how long, the trials as they come, and taking the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QHeaderView, QSpinBox, QSplitter, QTableView, QWidget

from app.kit.scores import metric_name
from app.kit.translate import tr
from app.kit.widgets.basics import button, column, label, row
from app.kit.widgets.chart import Curve, LineChart
from app.kit.widgets.tall import Tall
from app.models.trials import TrialModel, best_so_far
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

_TRIALS, _MOST_TRIALS = 20, 1000
_MOST_MINUTES = 24 * 60


class SearchView(View):
    """Tries settings within a budget; judged on valid, so that test stays fair."""

    spec = ViewSpec("search", "Search settings", "finetune", "bottom", icon="search", order=40, on_demand=True)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.trials = _spin(tr("Trials"), 2, _MOST_TRIALS, _TRIALS)
        self.minutes = _spin(tr("Minutes at most"), 0, _MOST_MINUTES, 10)
        self.minutes.setSpecialValueText(tr("no limit"))
        self.others = QCheckBox(tr("Try other encoders too"))
        self.go = button(tr("Search"), self._on_go, icon="search", primary=True)
        self.stop = button(tr("Stop"), session.searching.stop, icon="stop")
        self.take = button(tr("Take the best settings"), session.searching.take_best, icon="check")
        self.sentence = label("", "muted", wrap=True)
        self.chart = LineChart(tr("SCORE ON VALID"), tr("trial"), 200)
        self.model = TrialModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("Trials"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        budget = row(label(tr("Trials"), "muted"), self.trials, 8, label(tr("Minutes"), "muted"), self.minutes, None)
        buttons = row(self.go, self.stop, None)
        left = QWidget()
        left.setLayout(column(budget, self.others, buttons, self.sentence, self.take, None, margins=10, spacing=8))
        split = QSplitter()
        for part in (Tall(left), self.chart, self.table):
            split.addWidget(part)
        split.setSizes([300, 360, 540])
        split.setChildrenCollapsible(False)
        self.setLayout(column(split, spacing=0))
        session.searching.changed.connect(self._on_changed)
        session.recipe_changed.connect(self._on_changed)
        session.training.live_changed.connect(self._on_changed)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        searching, draft = self.session.searching, self.session.draft
        running = searching.is_running
        self.go.setEnabled(not draft.is_empty and not running and not self.session.training.is_running)
        self.go.setText(tr("Go on searching") if searching.trials and not running else tr("Search"))
        self.stop.setVisible(running)
        stopping = searching.job is not None and searching.job.state == "stopping"
        self.stop.setEnabled(running and not stopping)
        self.take.setVisible(searching.best is not None and not running)
        metric = self.session.draft.metric
        self.model.show_trials(searching.trials, metric)
        points = [(t["number"] + 1, t["valid"]) for t in searching.trials if t["valid"] is not None]
        curves = [Curve("", points, 1, thin=True), Curve(tr("best"), best_so_far(searching.trials, metric), 0)]
        self.chart.set_title(tr("VALID {metric}", metric=metric_name(metric)).upper())
        self.chart.show_curves(curves if points else [])
        self.sentence.setText(self._words(stopping))

    def _words(self, stopping: bool) -> str:
        searching = self.session.searching
        if stopping:
            return tr("Stopping: waiting for the end of this epoch.")
        if searching.is_running:
            return tr("Trial {number} is going on.", number=len(searching.trials) + 1)
        if searching.sentence:
            return searching.sentence
        return tr(
            "Each trial trains from scratch with other settings and is judged on valid; test is never looked at. "
            "It can be stopped and continued."
        )

    @Slot()
    def _on_go(self) -> None:
        others = [str(entry["key"]) for entry in self.session.components("encoder") if entry.get("recommended")]
        own = str(self.session.draft.get("encoder.type"))
        encoders = list(dict.fromkeys([own, *others])) if self.others.isChecked() else []
        self.session.searching.start(self.trials.value(), float(self.minutes.value()), encoders)


def _spin(name: str, low: int, high: int, value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setValue(value)
    made.setAccessibleName(name)
    return made
