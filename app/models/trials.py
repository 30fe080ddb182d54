"""The trials of a search as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from app.kit.plain import plain_tip
from app.kit.scores import Score, is_lower_better, shown
from app.kit.translate import tr

Index = QModelIndex | QPersistentModelIndex
Plain = dict[str, Any]  # Any: JSON values


class TrialModel(QAbstractTableModel):
    """Rows are trials, the newest first; the best one is bold."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trials: list[Plain] = []
        self._metric = ""
        self._best: int | None = None

    def show_trials(self, trials: Sequence[Plain], metric: str) -> None:
        """Show other trials. Args: metric: what `valid` is measured in."""
        self.beginResetModel()
        self._trials, self._metric = list(reversed(trials)), metric
        best = best_of(trials, metric)
        self._best = best["number"] if best is not None else None
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of trials."""
        return 0 if parent.isValid() else len(self._trials)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number, state, score, epochs, changes."""
        return 0 if parent.isValid() else 5

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Any: what Qt asks for
        """Return what a cell shows."""
        if not index.isValid():
            return None
        trial = self._trials[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells(trial)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 4:
            return plain_tip(self._cells(trial)[4])
        if role == Qt.ItemDataRole.FontRole and trial["number"] == self._best:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # Any: what Qt asks for
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("Trial"), tr("State"), tr("Valid"), tr("Epochs"), tr("Settings"))[section]

    def _cells(self, trial: Plain) -> tuple[str, ...]:
        states: dict[str, str] = {"finished": tr("finished"), "pruned": tr("ended early"), "failed": tr("failed")}
        score = Score(float(trial["valid"]), 0.0, 1) if trial["valid"] is not None else None
        return (
            str(trial["number"] + 1),
            states.get(trial["state"], str(trial["state"])),
            shown(score, self._metric),
            str(trial["epochs"]),
            settings_words(trial),
        )


def settings_words(trial: Plain) -> str:
    """Return what a trial changed in the recipe, in one line."""
    if trial.get("why"):
        return str(trial["why"])
    changes = trial.get("changes") or {}
    if not changes:
        return tr("the recipe as it is")
    return ", ".join(f"{path.rpartition('.')[2]} {_number(value)}" for path, value in changes.items())


def best_of(trials: Sequence[Plain], metric: str) -> Plain | None:
    """Return the best trial that was trained to its end, the first of equals; None where there is none."""
    finished = [trial for trial in trials if trial["state"] == "finished" and trial["valid"] is not None]
    sign = -1 if is_lower_better(metric) else 1
    return max(finished, key=lambda trial: sign * trial["valid"]) if finished else None


def best_so_far(trials: Sequence[Plain], metric: str) -> list[tuple[int, float]]:
    """Return (trial, best score up to it) for each finished trial; trials count from 1."""
    points: list[tuple[int, float]] = []
    for trial in trials:
        if trial["state"] == "finished" and trial["valid"] is not None:
            best = points[-1][1] if points else trial["valid"]
            better = min if is_lower_better(metric) else max
            points.append((trial["number"] + 1, better(best, trial["valid"])))
    return points


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
