"""Precision, recall and F1 of each class as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.kit.plain import plain_tip
from app.kit.translate import tr

Plain = dict[str, Any]  # Any: JSON values
Index = QModelIndex | QPersistentModelIndex
_KEYS = ("class", "precision", "recall", "f1", "support")


class ClassTableModel(QAbstractTableModel):
    """Rows are classes; the order is that of the report until one sorts."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Plain] = []

    def set_rows(self, rows: Sequence[Plain]) -> None:
        """Show other classes. Args: rows: `{class, precision, recall, f1, support}`."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def class_at(self, row: int) -> str:
        """Return the class of a row."""
        return str(self._rows[row]["class"])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of classes."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of columns."""
        return 0 if parent.isValid() else len(_KEYS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Any: what Qt asks for
        """Return what a cell shows."""
        if not index.isValid():
            return None
        key = _KEYS[index.column()]
        value = self._rows[index.row()].get(key)
        if role == Qt.ItemDataRole.DisplayRole:
            if value is None:
                return "–"
            return str(value) if key == "class" else f"{value:,}" if key == "support" else f"{value:.2f}"
        if role == Qt.ItemDataRole.ToolTipRole and key == "class":
            return plain_tip(str(value))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if key == "class" else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # Any: what Qt asks for
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("Class"), tr("Prec."), tr("Recall"), tr("F1"), tr("Count"))[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == 1:
            return tr("Precision: of those predicted as the class, the share that is")
        if role == Qt.ItemDataRole.ToolTipRole and section == 2:
            return tr("Recall: of those that are of the class, the share predicted so")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == 0 else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        if not 0 <= column < len(_KEYS):
            return
        self.layoutAboutToBeChanged.emit()
        self._rows.sort(key=lambda row: row[_KEYS[column]], reverse=order == Qt.SortOrder.DescendingOrder)
        self.layoutChanged.emit()
