"""Runs over each other: curves, the options and scores in which they differ, the nodes that changed class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QWidget,
)

from app.kit.scores import metric_name
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Empty, column, label
from app.kit.widgets.chart import Curve, LineChart
from app.models.bands import band_of
from app.models.comparison import DifferenceModel, MoveModel, moves_between, option_lines, score_lines
from app.models.run_words import run_in_words, short_name
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.frames import RunFrame
    from app.session.session import Session

_NAME = Qt.ItemDataRole.UserRole
_LETTERS = 18  # of width that the list of runs needs at least


class CompareView(View):
    """Two to six runs of the project side by side."""

    spec = ViewSpec("compare", "Compare runs", "inspect", "bottom", order=60, tabs=("predictions",), icon="chart")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Runs to compare"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumWidth(_LETTERS * self.fontMetrics().horizontalAdvance("n"))
        self.chart = LineChart(tr("SCORE ON VALID"), tr("epoch"), 250)
        self.differences = DifferenceModel(self)
        self.difference_table = _table(tr("Differences between the runs"))
        self.difference_table.setModel(self.differences)
        self.moves = MoveModel(self)
        self.move_table = _table(tr("Nodes that changed class"))
        self.move_table.setModel(self.moves)
        self.moves_title = label("", "muted", wrap=True)
        self.empty = Empty("chart", tr("Choose two runs"), tr("Tick them in the list; what differs appears here."))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_body())
        split = QSplitter()
        split.addWidget(self.list)
        split.addWidget(self._pages)
        split.setSizes([230, 900])
        split.setChildrenCollapsible(False)
        self.setLayout(column(split, spacing=0))
        self.list.itemChanged.connect(self._on_item_changed)
        self.move_table.clicked.connect(self._on_move)
        self.move_table.activated.connect(self._on_move)
        session.runs_changed.connect(self._on_runs_changed)
        session.comparing.changed.connect(self._on_changed)
        session.dataset_changed.connect(self._on_changed)
        self._on_runs_changed()

    def _make_body(self) -> QWidget:
        changed = QWidget()
        changed.setLayout(column(self.moves_title, self.move_table, margins=6, spacing=4))
        body = QTabWidget()
        body.setDocumentMode(True)
        body.addTab(self.chart, tr("Curves"))
        body.addTab(self.difference_table, tr("Differences"))
        body.addTab(changed, tr("What changed"))
        return body

    @Slot()
    def _on_runs_changed(self) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for info in self.session.runs.all:
            item = QListWidgetItem(run_in_words(info))
            item.setData(_NAME, info.name)
            item.setToolTip(f"{run_in_words(info)}\n{info.name}")
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(_state(info.name in self.session.comparing.chosen))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._on_changed()

    @Slot(QListWidgetItem)
    def _on_item_changed(self, item: QListWidgetItem) -> None:
        self.session.comparing.toggle(item.data(_NAME), item.checkState() == Qt.CheckState.Checked)

    @Slot()
    def _on_changed(self) -> None:
        chosen = self.session.comparing.chosen
        self.list.blockSignals(True)
        for number in range(self.list.count()):
            item = self.list.item(number)
            item.setCheckState(_state(item.data(_NAME) in chosen))
        self.list.blockSignals(False)
        runs = self.session.comparing.frames()
        if len(runs) < 2:
            self._say_why(len(chosen))
            self._pages.setCurrentWidget(self.empty)
            return
        self._pages.setCurrentIndex(1)
        self._show_curves(runs)
        self._show_differences(runs)
        self._show_moves(runs)

    def _say_why(self, chosen: int) -> None:
        if len(self.session.runs.all) < 2:
            self.empty.say(tr("Nothing to compare yet"), tr("Train twice, with one thing changed, and compare here."))
        elif chosen > 1:
            self.empty.say(tr("Reading the runs…"))
        else:
            self.empty.say(tr("Choose two runs"), tr("Tick them in the list; what differs appears here."))

    def _show_curves(self, runs: list[tuple[str, RunFrame]]) -> None:
        metric = next((str(run.metrics["metric"]) for _, run in runs if run.metrics.get("metric")), "")
        curves = []
        for number, (name, run) in enumerate(runs):
            stages = [stage for stage in sorted(run.curves) if f"valid_{metric}" in run.curves[stage]]
            kind = "finetune" if any(stage.startswith("finetune") for stage in stages) else "scratch"
            own = [run.curves[stage][f"valid_{metric}"] for stage in stages if stage.startswith(kind)]
            if own:
                # The mean over seeds, shaded as far as they lie apart.
                band = band_of(own)
                edges = (band.low, band.high) if len(own) > 1 else None
                curves.append(Curve(short_name(name), band.mean, number, band=edges))
        self.chart.set_title(tr("VALID {metric}", metric=metric_name(metric)).upper())
        self.chart.show_curves(curves)

    def _show_differences(self, runs: list[tuple[str, RunFrame]]) -> None:
        lines = score_lines([run.metrics for _, run in runs])
        lines += option_lines([run.recipe for _, run in runs])
        self.differences.show_lines([short_name(name) for name, _ in runs], lines)

    def _show_moves(self, runs: list[tuple[str, RunFrame]]) -> None:
        (first, before), (last, after) = runs[0], runs[-1]
        dataset = self.session.dataset
        has_truth = dataset is not None and before.target == after.target and before.target in dataset.nodes
        truth = dataset.nodes[before.target].astype(object).to_numpy() if dataset is not None and has_truth else None
        moves = moves_between(before, after, truth)
        total = sum(move.count for move in moves)
        names: dict[str, Any] = {"first": short_name(first), "last": short_name(last)}
        if moves:
            text = tr_n(
                "{count} node changed class from {first} to {last}",
                "{count} nodes changed class from {first} to {last}",
                total,
                **names,
            )
        else:
            text = tr("Nothing changed class from {first} to {last}.", **names)
        self.moves_title.setText(text)
        self.moves.show_moves(moves)

    @Slot(QModelIndex)
    def _on_move(self, index: QModelIndex) -> None:
        rows = {one.row() for one in self.move_table.selectionModel().selectedRows()} | {index.row()}
        masks = [self.moves.move(number).nodes for number in rows]
        if masks and all(len(mask) == len(self.session.selection.mask) for mask in masks):
            self.session.selection.replace(np.logical_or.reduce(masks), tr("Select what changed class"))


def _table(name: str) -> QTableView:
    made = QTableView()
    made.setAccessibleName(name)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setShowGrid(False)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(made.fontMetrics().height() + 9)
    made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    made.horizontalHeader().setHighlightSections(False)
    made.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
    return made


def _state(on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
