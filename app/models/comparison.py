"""Several runs side by side: where their options and scores differ, and which nodes changed class between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.kit.plain import plain_tip
from app.kit.scores import Score, metric_name, shown
from app.kit.translate import tr

if TYPE_CHECKING:
    from app.session.frames import RunFrame

Index = QModelIndex | QPersistentModelIndex
Plain = Mapping[str, Any]  # Any: JSON values
_NONE = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the comparison. `cells` has one text for each run; `is_score` tells scores from options."""

    name: str
    cells: tuple[str, ...]
    is_score: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """Nodes that two runs predict differently in the same way.

    Args: before, after: the classes. nodes: bool [N]. gained, lost: how many of them with a known class are right only
        afterwards, or were right only before.
    """

    before: str
    after: str
    nodes: NDArray[np.bool_]
    gained: int
    lost: int

    @property
    def count(self) -> int:
        """How many nodes moved so."""
        return int(self.nodes.sum())


def score_lines(metrics: Sequence[Plain]) -> list[Line]:
    """Return the scores on test (and on valid, of the main metric), one line for each that a run has."""
    lines = []
    main = next((str(one["metric"]) for one in metrics if one.get("metric")), "")
    if main:
        name = metric_name(main)
        for part, title in (
            ("test", tr("{metric} on test", metric=name)),
            ("valid", tr("{metric} on valid", metric=name)),
        ):
            cells = tuple(
                shown(Score.read(one.get(part)), main) if one.get("metric") == main else _NONE for one in metrics
            )
            lines.append(Line(title.replace("{metric}", metric_name(main)), cells, is_score=True))
    tests = [(one.get("all") or {}).get("test") or {} for one in metrics]
    for name in dict.fromkeys(key for test in tests for key in test if key != main):
        cells = tuple(shown(Score.read(test.get(name)), name) for test in tests)
        lines.append(Line(tr("{metric} on test", metric=metric_name(name)), cells, is_score=True))
    return lines


def option_lines(recipes: Sequence[Plain]) -> list[Line]:
    """Return the options in which recipes differ, by their path; the files' columns count as one line each."""
    flat = [dict(_leaves(recipe)) for recipe in recipes]
    lines = []
    for path in dict.fromkeys(name for one in flat for name in one):
        values = [one.get(path) for one in flat]
        if any(value != values[0] for value in values[1:]):
            lines.append(Line(path, tuple(_NONE if value is None else value for value in values)))
    return lines


def moves_between(before: RunFrame, after: RunFrame, truth: NDArray[np.object_] | None) -> list[Move]:
    """Return which nodes changed class from one run to the other, the largest group first.

    Args: truth: the true class of each node as text, None where unknown, object [N]; None to leave gains out.
    Returns: nothing where the runs do not predict classes of the same nodes.
    """
    old, new = _predicted(before), _predicted(after)
    if old is None or new is None or len(old) != len(new):
        return []
    changed = np.flatnonzero(old != new)
    groups: dict[tuple[str, str], list[int]] = {}
    for node in changed.tolist():
        groups.setdefault((str(old[node]), str(new[node])), []).append(node)
    moves = []
    for (was, became), nodes in groups.items():
        mask = np.zeros(len(old), dtype=bool)
        mask[nodes] = True
        known = truth[nodes] if truth is not None and len(truth) == len(old) else np.zeros(0, dtype=object)
        moves.append(Move(was, became, mask, int((known == became).sum()), int((known == was).sum())))
    return sorted(moves, key=lambda move: (-move.count, move.before, move.after))


def _predicted(run: RunFrame) -> NDArray[np.object_] | None:
    """Return the predicted class of each node; None of a run that predicts numbers, or nothing yet."""
    name = run.predicted_column
    if name is None or run.predictions is None or "confidence" not in run.predictions:
        return None
    return run.predictions[name].astype(object).to_numpy()


def _leaves(plain: Any, path: str = "") -> list[tuple[str, str]]:  # Any: JSON values
    if isinstance(plain, Mapping):
        return [
            leaf for name, value in plain.items() for leaf in _leaves(value, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(plain, list) and any(isinstance(one, Mapping) for one in plain):
        return [leaf for number, value in enumerate(plain, 1) for leaf in _leaves(value, f"{path}.{number}")]
    if isinstance(plain, list):
        return [(path, ", ".join(map(str, plain)))]
    return [(path, str(plain))]


class DifferenceModel(QAbstractTableModel):
    """Lines of the comparison: a name, then one column for each run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[str, ...] = ()
        self._lines: list[Line] = []

    def show_lines(self, runs: Sequence[str], lines: Sequence[Line]) -> None:
        """Show another comparison."""
        self.beginResetModel()
        self._runs, self._lines = tuple(runs), list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of runs, and the names."""
        return 0 if parent.isValid() else 1 + len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Any: what Qt asks for
        """Return what a cell shows."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        text = line.name if index.column() == 0 else line.cells[index.column() - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # Any: what Qt asks for
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return tr("Differs in") if section == 0 else self._runs[section - 1]


class MoveModel(QAbstractTableModel):
    """Groups of nodes that changed class, the largest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._moves: list[Move] = []

    def show_moves(self, moves: Sequence[Move]) -> None:
        """Show other groups."""
        self.beginResetModel()
        self._moves = list(moves)
        self.endResetModel()

    def move(self, row: int) -> Move:
        """Return the group of a row."""
        return self._moves[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of groups."""
        return 0 if parent.isValid() else len(self._moves)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Before, after, nodes, gained, lost."""
        return 0 if parent.isValid() else 5

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Any: what Qt asks for
        """Return what a cell shows."""
        if not index.isValid():
            return None
        move = self._moves[index.row()]
        cells = (move.before, move.after, f"{move.count:,}", f"{move.gained:,}", f"{move.lost:,}")
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() < 2:
            return plain_tip(cells[index.column()])
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= 2:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # Any: what Qt asks for
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("Was"), tr("Became"), tr("Count"), tr("Now right"), tr("Now wrong"))[section]
