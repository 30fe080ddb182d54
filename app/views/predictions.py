"""Every node as a row: its id, what was predicted, what is true, and the columns of the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QHeaderView, QStackedWidget, QTableView, QWidget

from app.canvas.colours import class_swatch
from app.canvas.node_menu import NodeMenu
from app.kit import theme
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Empty, button, column, label, row, set_role
from app.kit.widgets.completing import CompletingField
from app.models.node_table import NodeTableModel
from app.models.query import QueryError, parse
from app.models.query_words import Column, columns_of, complete
from app.session.counting import counted
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.session.session import Session

_TYPING_MS = 250  # after the last key, so that a long table is not filtered for every letter
_WIDEST = 260
_AIR = 34  # padding, and so that a column of numbers does not touch the words to its right
_MARK = 20
_ROWS_MEASURED = 30


class PredictionsView(View):
    """The table of nodes with its filter; rows and the shared selection are one."""

    spec = ViewSpec("predictions", "Table", "inspect", "bottom", also=("explore",), order=10, icon="table")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.model = NodeTableModel(_Swatches(self), self)
        self.heart = self.table = NodeTable(self.model)
        self.menu = NodeMenu(session, self)
        self.filter = CompletingField(self._complete)
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(tr("Filter rows"))
        self.filter.setPlaceholderText(tr("Filter rows: a word, or predicted != label and confidence < 0.6"))
        self.filter.setToolTip(self.filter.placeholderText())
        self.select_rows = button(tr("Select these"), self._on_select_rows, tip=tr("Select every row that is shown"))
        self.only_selected = QCheckBox(tr("Selected only"))
        self.count = label(role="muted")
        self.problem = label(role="problem", wrap=True)
        self.problem.hide()
        self.empty = Empty("table", tr("No nodes yet"), tr("Import data; every node becomes a row here."))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.table)
        bar = row(self.filter, self.select_rows, self.only_selected, self.count, margins=6)
        self.setLayout(column(bar, self.problem, self._pages, spacing=0))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._columns: dict[str, Column] = {}
        self._selects_here = False  # the selection changes by what is done in the table
        self.commands = {"select_query": self._on_select_query}
        self._connect()
        self._on_facts_changed()

    def _connect(self) -> None:
        self._typing.timeout.connect(self._on_filter)
        self.filter.textChanged.connect(self._typing.start)
        self.filter.entered.connect(self._on_filter)
        self.only_selected.toggled.connect(self._on_only_toggled)
        self.model.arranged.connect(self._on_arranged)
        self.model.failed.connect(self._on_failed)
        self.table.rows_asked.connect(self._on_rows_asked)
        self.table.row_current.connect(self._on_row_current)
        self.table.menu_asked.connect(self._on_menu_asked)
        self.table.clear_asked.connect(self.session.selection.clear)
        self.session.facts.changed.connect(self._on_facts_changed)
        self.session.selection.changed.connect(self._on_selection_changed)
        self.session.selection.current_changed.connect(self._on_current_changed)
        self.session.selection.hidden_changed.connect(self._on_hidden_changed)

    @Slot()
    def _on_facts_changed(self) -> None:
        attributes = self.session.facts.attributes
        at = self.table.verticalScrollBar().value(), self.table.horizontalScrollBar().value()
        self.model.set_attributes(attributes)
        self._columns = columns_of(attributes) if attributes is not None else {}
        self._pages.setCurrentWidget(self.table if attributes is not None else self.empty)
        for control in (self.filter, self.only_selected, self.select_rows):
            control.setEnabled(attributes is not None)
        if attributes is not None:
            self.table.fit_columns()
            # New columns, or a run that ended, must not throw the reader back to the first row.
            self.table.verticalScrollBar().setValue(at[0])
            self.table.horizontalScrollBar().setValue(at[1])
            self._on_filter()
            self._on_hidden_changed()
            self.model.set_selected(self.session.selection.mask)
        self._say_count()

    def _complete(self, text: str) -> tuple[int, Sequence[str]]:
        found = complete(text, self._columns)
        return found.start, found.words

    def _on_select_query(self) -> None:
        """Let the user type what the nodes have to be."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    @Slot()
    def _on_select_rows(self) -> None:
        """Select what passes the filter; what was typed a moment ago counts."""
        if self._typing.isActive():
            self._on_filter()
        if self.problem.isHidden() and self.session.facts.attributes is not None:
            mask = np.zeros_like(self.session.selection.mask)
            mask[self.model.order] = True
            self.session.selection.replace(mask, tr("Select by a query"))

    @Slot()
    def _on_filter(self) -> None:
        self._typing.stop()
        attributes = self.session.facts.attributes
        if attributes is None:
            return
        try:
            query = parse(self.filter.text(), attributes.names_in_queries())
        except QueryError as error:
            self._show_problem(str(error))
            return
        self._show_problem("")
        self.model.arrange(query=query)

    @Slot(bool)
    def _on_only_toggled(self, only: bool) -> None:
        self.model.arrange(only=self.session.selection.mask if only else False)

    @Slot(object)
    def _on_failed(self, text: str) -> None:
        self._show_problem(text)

    def _show_problem(self, text: str) -> None:
        set_role(self.filter, "tone", "problem" if text else "")
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    @Slot()
    def _on_arranged(self) -> None:
        self._say_count()
        self._on_current_changed()

    def _say_count(self) -> None:
        attributes = self.session.facts.attributes
        if attributes is None:
            self.count.setText("")
            return
        shown, total = len(self.model.order), attributes.num_nodes
        text = tr_n("{count} row", "{count} rows", total)
        self.count.setText(text if shown == total else tr("{shown} of {total} rows", shown=shown, total=total))

    # The shared selection

    @Slot()
    def _on_selection_changed(self) -> None:
        selection = self.session.selection
        # Who picks among selected rows must not have them taken away while picking.
        self.model.set_selected(selection.mask, keeps_rows=self._selects_here)
        self.table.viewport().update()
        if selection.count and not self.table.hasFocus() and selection.current is None:
            self._reveal_first()

    @Slot()
    def _on_hidden_changed(self) -> None:
        """Leave out what filters and hands left out of the pictures."""
        hidden = self.session.selection.hidden
        attributes = self.session.facts.attributes
        if attributes is not None and len(hidden) == attributes.num_nodes:
            self.model.arrange(shown=~hidden)

    @Slot()
    def _on_current_changed(self) -> None:
        node = self.session.selection.current
        line = self.model.row_of(node) if node is not None else None
        if line is not None and line != self.table.currentIndex().row():
            self.table.show_row(line)

    def _reveal_first(self) -> None:
        """Scroll to the first selected row, so that a selection made elsewhere is seen here; not if one is seen."""
        chosen = self.session.selection.mask[self.model.order]
        first = max(0, self.table.rowAt(0))
        last = self.table.rowAt(self.table.viewport().height() - 1)
        if chosen.any() and not chosen[first : last + 1 if last >= 0 else None].any():
            self.table.scrollTo(self.model.index(int(np.argmax(chosen)), 0))

    @Slot(object, object)
    def _on_rows_asked(self, rows: list[int], how: str) -> None:
        self._selects_here = True
        self._select(self.model.order[rows], how)
        self._selects_here = False

    def _select(self, nodes: NDArray[np.int64], how: str) -> None:
        selection = self.session.selection
        if how == "toggle":
            selection.toggle(int(nodes[0]))
            return
        mask = np.zeros_like(selection.mask)
        mask[nodes] = True
        reason = tr("Select {items}", items=counted(self.session.dataset, len(nodes)))
        if how == "add":
            selection.add(mask, reason)
        else:
            selection.replace(mask, reason)

    @Slot(object)
    def _on_row_current(self, line: int) -> None:
        self.session.selection.set_current(self.model.node_at(line))

    @Slot(object, object)
    def _on_menu_asked(self, line: int | None, at: QPoint) -> None:
        self.menu.open(self.model.node_at(line) if line is not None else None, at)


class _Swatches:
    """Makes each class mark once for a theme and a screen, as sharp as that screen."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._made: dict[tuple[int, float, int], QPixmap] = {}

    def __call__(self, code: int) -> QPixmap:
        key = (code, self._widget.devicePixelRatioF(), theme.category_colour(code).rgb())
        if key not in self._made:
            self._made[key] = class_swatch(code, key[1])
        return self._made[key]


class NodeTable(QTableView):
    """A table whose selection lives elsewhere: it only tells what the user asks for.

    Qt's own selection is a list of ranges, which a scattered selection of thousands of rows makes slow.
    """

    rows_asked = Signal(object, object)  # list[int], how: replace, add or toggle
    row_current = Signal(object)  # int
    menu_asked = Signal(object, object)  # int | None, QPoint
    clear_asked = Signal()

    def __init__(self, model: NodeTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(tr("Table"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setSortIndicatorClearable(True)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        # Qt would cut the beginning of a title that stands at the right, and without a sign.
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._anchor = 0

    def fit_columns(self) -> None:
        """Make columns as wide as their first rows, within reason."""
        model = self.model()
        head, cell = self.horizontalHeader().fontMetrics(), self.fontMetrics()
        rows = min(_ROWS_MEASURED, model.rowCount())
        for number in range(model.columnCount()):
            # Asking Qt to measure costs 50 ms for 22,000 rows: it asks for every role of every cell it looks at.
            title = str(model.headerData(number, Qt.Orientation.Horizontal))
            wide = [cell.horizontalAdvance(str(model.index(row, number).data())) for row in range(rows)]
            mark = _MARK if rows and model.index(0, number).data(Qt.ItemDataRole.DecorationRole) is not None else 0
            self.setColumnWidth(number, min(_WIDEST, max([head.horizontalAdvance(title), *wide]) + mark + _AIR))

    def show_row(self, line: int) -> None:
        """Make a row the current one and scroll to it; tells nobody."""
        index = self.model().index(line, max(0, self.currentIndex().column()))
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.scrollTo(index)
        self._anchor = line

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Click selects a row, Ctrl toggles it, Shift selects up to it."""
        index = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if not index.isValid():
            self.clear_asked.emit()
            return
        self._ask(index.row(), event.modifiers())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, with Shift they select, Space toggles, Enter selects, Ctrl+A selects all rows shown."""
        line = self.currentIndex().row()
        key = event.key()
        rows = self.model().rowCount()
        if key == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.rows_asked.emit(list(range(rows)), "replace")
        elif key == Qt.Key.Key_Escape:
            self.clear_asked.emit()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= line < rows:
            self.rows_asked.emit([line], "toggle" if key == Qt.Key.Key_Space else "replace")
            self.row_current.emit(line)
        else:
            super().keyPressEvent(event)
            after = self.currentIndex().row()
            if after != line and after >= 0:
                self.row_current.emit(after)
                if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                    self.rows_asked.emit(self._range(after), "replace")
                else:
                    self._anchor = after

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of a row."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index: QModelIndex = self.currentIndex() if by_key else self.indexAt(event.pos())
        at = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft()) if by_key else event.globalPos()
        self.menu_asked.emit(index.row() if index.isValid() else None, at)

    def _ask(self, line: int, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.rows_asked.emit(self._range(line), "replace")
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._anchor = line
            self.rows_asked.emit([line], "toggle")
        else:
            self._anchor = line
            self.rows_asked.emit([line], "replace")
        self.row_current.emit(line)

    def _range(self, line: int) -> list[int]:
        return list(range(min(self._anchor, line), max(self._anchor, line) + 1))
