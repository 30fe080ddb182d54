"""Findings about the user's data, grouped by what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.kit import theme
from app.kit.sayings import said
from app.kit.translate import tr, tr_n

Plain = dict[str, Any]  # Any: JSON values
_Index = QModelIndex | QPersistentModelIndex


@dataclass
class _Group:
    code: str
    count: int
    issues: list[Plain] = field(default_factory=list)


class IssueModel(QAbstractItemModel):
    """Two levels: a kind of issue with its count, and below it the places (file, line, column, value)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[_Group] = []
        self._is_told = False

    def show(self, issues: list[Plain], counts: dict[str, int]) -> bool:
        """Show other findings. Returns: whether they are others; the same ones leave folds and scrolling alone.

        Args: counts: by code, also of those that were not sent one by one.
        """
        groups = {code: _Group(code, count) for code, count in counts.items()}
        for issue in issues:
            groups.setdefault(issue["code"], _Group(issue["code"], 0)).issues.append(issue)
        wanted = sorted(groups.values(), key=lambda group: -max(group.count, len(group.issues)))
        if wanted == self._groups and self._is_told:
            return False
        self.beginResetModel()
        self._groups, self._is_told = wanted, True
        self.endResetModel()
        return True

    @property
    def total(self) -> int:
        """Number of findings."""
        return sum(max(group.count, len(group.issues)) for group in self._groups)

    def as_text(self) -> str:
        """Return everything as lines `file:line: text`, for the clipboard."""
        return "\n".join(self._line(issue) for group in self._groups for issue in group.issues)

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature
        """Return an index; its internal id is 0 for groups, otherwise the group's number plus one."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: _Index) -> QModelIndex:  # type: ignore[override]
        """Return the group of a place."""
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self.createIndex(int(index.internalId()) - 1, 0, 0)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of groups, or of a group's places."""
        if not parent.isValid():
            return len(self._groups)
        return len(self._groups[parent.row()].issues) if parent.internalId() == 0 and parent.column() == 0 else 0

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return two: what, and where."""
        return 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what is wrong, or where."""
        if index.internalId() == 0:
            group = self._groups[index.row()]
            if role == Qt.ItemDataRole.DisplayRole:
                count = max(group.count, len(group.issues))
                return group_words(group.code) if index.column() == 0 else f"{count:,}"
            if role == Qt.ItemDataRole.ForegroundRole:
                return QColor(theme.tokens().warning if index.column() == 0 else theme.tokens().muted)
            return None
        issue = self._groups[int(index.internalId()) - 1].issues[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return said(str(issue["text"])) if index.column() == 0 else self._place(issue)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._line(issue)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the columns' names."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr("What was found") if section == 0 else tr("Where")
        return None

    @staticmethod
    def _place(issue: Plain) -> str:
        name = Path(str(issue.get("file") or "")).name
        line = issue.get("line")
        column = issue.get("column")
        parts = [f"{name}:{line}" if line is not None else name, str(column) if column else ""]
        return " · ".join(part for part in parts if part)

    def _line(self, issue: Plain) -> str:
        place = self._place(issue)
        text = said(str(issue["text"]))
        return f"{place}: {text}" if place else text


def group_words(code: str) -> str:
    """Return what a kind of issue is called on screen; one without a name of its own by its code's last part."""
    names = {
        "data.row": tr("Rows that were left out"),
        "data.value": tr("Values that cannot be read"),
        "data.dangling": tr("Edge ends without a row of their own"),
        "data.duplicate_edges": tr("Repeated edges"),
        "data.self_loops": tr("Edges from a node to itself"),
        "data.isolated": tr("Nodes without edges"),
        "data.duplicate_node": tr("Ids that came before"),
        "data.comments": tr("Comment lines"),
        "data.duplicate_column": tr("Columns of the same name"),
        "data.weight": tr("Edge weights that cannot be read"),
        "data.edge_end": tr("Edges that lack an end"),
        "data.blanks": tr("Blanks around ids"),
        "data.chem.unreadable": tr("Structures that cannot be read"),
        "data.chem.empty": tr("Rows without a structure"),
        "data.chem.no_atoms": tr("Structures without an atom"),
        "data.chem.huge": tr("Molecules too large to be taken"),
        "data.chem.huge_kept": tr("Very large molecules"),
        "data.chem.hangs": tr("Structures that take too long to read"),
        "data.chem.crashes": tr("Structures that break the reader"),
        "data.chem.salt": tr("Salts and mixtures"),
        "data.chem.single_atom": tr("Single atoms"),
        "data.chem.duplicate": tr("Molecules that came before"),
        "data.chem.conflict": tr("Values that disagree for one molecule"),
        "data.chem.qualifier": tr("Bounds in place of values"),
    }
    return names.get(code) or code.rpartition(".")[2].replace("_", " ").capitalize()


def summary(total: int) -> str:
    """Return one sentence for a number of findings."""
    return tr("Nothing to complain about.") if total == 0 else tr_n("{count} finding", "{count} findings", total)
