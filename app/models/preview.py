"""The first rows of a file, as an item model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.kit import theme
from app.kit.sayings import said
from app.kit.translate import tr

Plain = dict[str, Any]  # Any: JSON values
_Index = QModelIndex | QPersistentModelIndex
# A cell longer than this is cut in the view; nobody reads more of it there.
_CELL = 300


class PreviewModel(QAbstractTableModel):
    """One table of the preview job: `columns`, `head` (text or None) and `head_lines`."""

    def __init__(self, table: Plain, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table

    def show(self, table: Plain) -> None:
        """Show another preview of the same file."""
        if table != self._table:
            self.beginResetModel()
            self._table = table
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of rows that were sent."""
        return 0 if parent.isValid() else len(self._table["head"])

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._table["columns"])

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell as plain text; an empty one is shown as a faint dash."""
        cell = self._table["head"][index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return "–" if cell is None else str(cell)[:_CELL]
        if role == Qt.ItemDataRole.ForegroundRole:
            ignored = self._table["columns"][index.column()]["role"] == "ignore"
            return QColor(theme.tokens().faint) if cell is None or ignored else None
        if role == Qt.ItemDataRole.ToolTipRole and cell is None:
            return tr("No value")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's name with its reason as tooltip, or a row's line in the file."""
        if orientation == Qt.Orientation.Vertical:
            return str(self._table["head_lines"][section]) if role == Qt.ItemDataRole.DisplayRole else None
        column = self._table["columns"][section]
        if role == Qt.ItemDataRole.DisplayRole:
            return str(column["name"])
        if role == Qt.ItemDataRole.ToolTipRole:
            return said(str(column["reason"]))
        return None
