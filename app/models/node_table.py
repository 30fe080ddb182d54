"""The nodes of a graph as rows of a table: lazy, sorted and filtered away from the GUI thread where they are many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QPixmap

from app.bridge.background import Background, Outcome
from app.kit import theme
from app.kit.plain import plain_tip
from app.kit.translate import tr
from app.models.ordering import order_of_floats, order_of_ranks
from app.models.query import Query
from app.session.attributes import PREDICTED, TARGET, Attribute, Attributes

_LAST = np.iinfo(np.int32).max
_AT_ONCE = 3_000  # rows up to which sorting takes a few milliseconds
Index = QModelIndex | QPersistentModelIndex
Swatch = Callable[[int], QPixmap]
# As plain numbers: comparing with Qt's own enumeration takes longer than everything else that a cell needs.
_DISPLAY, _DECORATION, _TIP = (
    int(role) for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.ToolTipRole)
)
_ALIGNMENT, _BACKGROUND, _FOREGROUND = (
    int(role)
    for role in (Qt.ItemDataRole.TextAlignmentRole, Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole)
)
_ANSWERED = frozenset((_DISPLAY, _DECORATION, _TIP, _ALIGNMENT, _BACKGROUND, _FOREGROUND))


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows to show in which order. `only`, `shown`: bool [N] or None for all: selected ones, not hidden ones."""

    column: int
    descending: bool
    query: Query
    only: NDArray[np.bool_] | None = None
    shown: NDArray[np.bool_] | None = None

    def same_as(self, other: Wish) -> bool:
        """Whether the same rows are wished for in the same order. Masks are never written to: identity is enough."""
        mine, theirs = (self.column, self.descending, self.query), (other.column, other.descending, other.query)
        return mine == theirs and self.only is other.only and self.shown is other.shown


class NodeTableModel(QAbstractTableModel):
    """Rows are nodes; `order` says which and in which order. The selection is shown, not held.

    Args: swatch: category number → a mark in its colour and shape; None for no marks.
    """

    arranged = Signal()  # another order or filter is shown
    failed = Signal(object)  # str: why the filter could not be applied

    def __init__(self, swatch: Swatch | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._swatch = swatch
        self._attributes: Attributes | None = None
        self._columns: list[Attribute] = []
        self._codes: dict[int, NDArray[np.int32]] = {}
        self._sides: list[int] = []
        self._order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._row_of: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._mask: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._wish = Wish(-1, False, Query(""))
        self._asked: Wish | None = None  # what the background works on, or will next
        self._background = Background(self)
        self._background.finished.connect(self._on_arranged)

    @property
    def order(self) -> NDArray[np.int64]:
        """The node of each row."""
        return self._order

    @property
    def is_arranging(self) -> bool:
        """Whether another order is on its way."""
        return self._background.busy

    def set_attributes(self, attributes: Attributes | None) -> None:
        """Show other nodes, or other columns of the same: then order, tint and sorting stay what they were."""
        before, sorted_by = self._attributes, self._key_of(self._wish.column)
        is_same = before is not None and attributes is not None and before.dataset is attributes.dataset
        self.beginResetModel()
        self._background.drop()
        self._asked = None
        self._attributes = attributes
        self._columns = _columns(attributes) if attributes is not None else []
        self._codes = {
            number: one.codes()
            for number, one in enumerate(self._columns)
            if one.key in (PREDICTED, TARGET) and one.kind == "category"
        }
        self._sides = [_side(one) for one in self._columns]
        if not is_same:
            count = attributes.num_nodes if attributes is not None else 0
            self._mask = np.zeros(count, dtype=bool)
            everyone = np.arange(count, dtype=np.int64)
            self._set_order(_Order(everyone, everyone))
        self.endResetModel()
        if attributes is not None:
            # The query was understood by the columns of before; who shows the table asks it anew.
            column = self.column_of(sorted_by) if sorted_by and is_same else None
            only = self._wish.only if is_same else None
            shown = self._wish.shown if is_same else None
            self._wish = Wish(-1 if column is None else column, self._wish.descending, Query(""), only, shown)
        self.arranged.emit()

    def _key_of(self, column: int) -> str:
        return self._columns[column].key if 0 <= column < len(self._columns) else ""

    def set_selected(self, mask: NDArray[np.bool_], *, keeps_rows: bool = False) -> None:
        """Tint these rows. Args: mask: bool [N]. keeps_rows: although only selected ones are shown."""
        if len(mask) != len(self._mask):
            return
        self._mask = mask
        if self._wish.only is not None and not keeps_rows:
            self.arrange(only=mask)

    def arrange(
        self,
        *,
        column: int | None = None,
        descending: bool | None = None,
        query: Query | None = None,
        only: NDArray[np.bool_] | bool | None = None,
        shown: NDArray[np.bool_] | None = None,
    ) -> None:
        """Show other rows or another order; what is None stays.

        Args: only: rows to keep; False for all of them. shown: rows that are not hidden.
        """
        now = self._wish
        kept = now.only if only is None else only if isinstance(only, np.ndarray) else None
        self._wish = Wish(
            now.column if column is None else column,
            now.descending if descending is None else descending,
            now.query if query is None else query,
            kept,
            now.shown if shown is None else shown,
        )
        if self._attributes is None:
            return
        attributes, wish, columns = self._attributes, self._wish, self._columns
        if self._asked is not None and wish.same_as(self._asked):
            self._wish = self._asked  # Qt asks twice where the sorted column changes
            return
        if attributes.num_nodes <= _AT_ONCE:
            self._on_arranged(Outcome(wish, value=_placed(arranged(attributes, columns, wish), attributes.num_nodes)))
        else:
            self._asked = wish
            self._background.submit(lambda: _placed(arranged(attributes, columns, wish), attributes.num_nodes), wish)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 for the order of the data."""
        self.arrange(column=column, descending=order == Qt.SortOrder.DescendingOrder)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of rows shown."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # Any: what Qt asks for
        """Return what a cell shows."""
        # Qt asks seven times for every cell it draws: what is not answered here must cost nothing.
        if role not in _ANSWERED or not index.isValid():
            return None
        number = index.column()
        if role == _ALIGNMENT:
            return self._sides[number]
        node = int(self._order[index.row()])
        if role == _DISPLAY:
            return self._columns[number].shown(node)
        if role == _BACKGROUND:
            return theme.colour("selection") if self._mask[node] else None
        if role == _FOREGROUND:
            return theme.colour("on_selection") if self._mask[node] else None
        if role == _TIP:
            return plain_tip(self._columns[number].shown(node))
        codes = self._codes.get(number)
        if codes is not None and self._swatch is not None and codes[node] >= 0:
            return self._swatch(int(codes[node]))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # Any: what Qt asks for
        """Return a column's title, or a row's number."""
        if orientation == Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._columns[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._sides[section]
        return None

    def node_at(self, row: int) -> int:
        """Return the node of a row."""
        return int(self._order[row])

    def row_of(self, node: int) -> int | None:
        """Return the row of a node, or None where it is filtered out."""
        row = int(self._row_of[node]) if 0 <= node < len(self._row_of) else -1
        return row if row >= 0 else None

    def column_of(self, key: str) -> int | None:
        """Return the number of an attribute's column."""
        return next((i for i, one in enumerate(self._columns) if one.key == key), None)

    @Slot(object)
    def _on_arranged(self, outcome: Outcome) -> None:
        if outcome.tag is self._asked:
            self._asked = None
        if outcome.error is not None:
            self.failed.emit(str(outcome.error))
            return
        found: _Order = outcome.value
        if outcome.tag is not self._wish or np.array_equal(found.order, self._order):
            self.arranged.emit()
            return
        if len(found.order) == len(self._order) and self._wish.only is None:
            self._reorder(found)
        else:
            self.beginResetModel()
            self._set_order(found)
            self.endResetModel()
        self.arranged.emit()

    def _reorder(self, order: _Order) -> None:
        """Show the same number of rows in another order, and let views keep their place."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        nodes = [int(self._order[index.row()]) for index in before]
        self._set_order(order)
        after = []
        for index, node in zip(before, nodes, strict=True):
            row = self.row_of(node)
            after.append(self.index(row, index.column()) if row is not None else QModelIndex())
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _set_order(self, found: _Order) -> None:
        self._order, self._row_of = found.order, found.row_of


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """Which node each row shows, int64 [rows], and the row of each node, -1 for none, int64 [N]."""

    order: NDArray[np.int64]
    row_of: NDArray[np.int64]


def _placed(order: NDArray[np.int64], count: int) -> _Order:
    row_of = np.full(count, -1, dtype=np.int64)
    row_of[order] = np.arange(len(order))
    return _Order(order, row_of)


def arranged(attributes: Attributes, columns: list[Attribute], wish: Wish) -> NDArray[np.int64]:
    """Return the nodes that pass, in the order wished for, int64 [rows]. Equal values keep the order of the data."""
    passed = wish.query.mask(attributes.query_columns(), attributes.num_nodes)
    for mask in (wish.only, wish.shown):
        if mask is not None and len(mask) == len(passed):
            passed = passed & mask
    nodes = np.flatnonzero(passed)
    if not 0 <= wish.column < len(columns):
        return nodes
    column = columns[wish.column]
    if column.kind == "number":
        values = column.values.astype(np.float64, copy=False)
        return _of(nodes, order_of_floats(values[nodes] if len(nodes) < len(values) else values, wish.descending))
    rank = _rank(column)[nodes]
    # Missing values have rank -1, and come last whichever way one sorts.
    return _of(nodes, order_of_ranks(np.where(rank < 0, _LAST, -rank if wish.descending else rank)))


def _of(nodes: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    return order if len(nodes) and nodes[-1] == len(nodes) - 1 else nodes[order]


def _rank(column: Attribute) -> NDArray[np.int64]:
    """Return each node's place among the values, equal values alike, -1 for missing, int64 [N]."""
    if column.kind == "category":
        order = sorted(range(len(column.categories)), key=lambda code: natural(column.categories[code]))
        place_of = np.full(len(order) + 1, -1, dtype=np.int64)  # the last one is for -1, no category
        place_of[order] = np.arange(len(order))
        return place_of[column.codes()]
    distinct = {value for value in column.values if value is not None}
    place = {value: i for i, value in enumerate(sorted(distinct, key=natural))}
    return np.array([place.get(value, -1) for value in column.values], dtype=np.int64)


def _side(column: Attribute) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.kind == "number" else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def natural(text: str) -> tuple[int, float, str]:
    """Sort numbers by size and before words, so that 9 comes before 10."""
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text.casefold())


def _columns(attributes: Attributes) -> list[Attribute]:
    """Return the columns shown: the id, then what the run says, then the data."""
    first = [Attribute("id", tr("Id"), "text", attributes.ids)]
    keys = [key for key in attributes.by_key if key != f"column:{attributes.target}" or TARGET not in attributes.by_key]
    return first + [attributes.by_key[key] for key in keys]
