"""The graphs of a collection as pictures: structures of molecules, in the order one wants to look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QTimer, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from app.canvas.node_menu import NodeMenu
from app.canvas.structure_grid import Cell, StructureGrid
from app.kit import theme
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Empty, column, label, row, tool
from app.session.attributes import PREDICTED, TARGET, Attribute
from app.session.counting import counted
from app.session.drawings import Size
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

_SETTLE_MS = 60  # after scrolling, so that what flies past is not drawn
_ERROR = "error"


class StructuresView(View):
    """The grid of structures; its selection is the shared one."""

    spec = ViewSpec("structures", "Structures", "explore", "centre", also=("inspect",), order=20, icon="explore")

    @classmethod
    def suits(cls, session: Session) -> bool:
        """Say yes to a collection of graphs."""
        return session.dataset is not None and session.dataset.is_collection

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.heart = self.grid = StructureGrid(self._cell)
        self.menu = NodeMenu(session, self)
        self.order = QComboBox()
        self.order.setAccessibleName(tr("Order by"))
        self.order.setToolTip(tr("Which graphs come first"))
        self.order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.turn = tool("swap", tr("Turn the order round"), self._on_turn)
        self.count = label(role="muted")
        self.empty = Empty(
            "explore", tr("No molecules yet"), tr("Drop a table with a column of SMILES, and import it.")
        )
        self._descending = False
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.grid)
        bar = row(label(tr("Order by"), "muted"), self.order, self.turn, None, self.count, margins=6)
        self.setLayout(column(bar, self._pages, spacing=0))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self.commands = {"show_selection": self._show_selection}
        self._connect()
        self._on_facts_changed()

    def _connect(self) -> None:
        selection = self.session.selection
        self._settle.timeout.connect(self._on_settled)
        self.grid.view_moved.connect(self._settle.start)
        self.grid.items_asked.connect(self._on_items_asked)
        self.grid.current_asked.connect(self._on_current_asked)
        self.grid.menu_asked.connect(self._on_menu_asked)
        self.grid.opened.connect(self._on_opened)
        self.grid.clear_asked.connect(selection.clear)
        self.order.activated.connect(self._on_order)
        self.session.drawings.changed.connect(self.grid.viewport().update)
        self.session.facts.changed.connect(self._on_facts_changed)
        selection.changed.connect(self._on_selection_changed)
        selection.current_changed.connect(self._on_current_changed)
        selection.hidden_changed.connect(self._on_order)

    def changeEvent(self, event: QEvent) -> None:
        """Draw for another ground when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_settle"):
            self.grid.refresh()

    # What is shown

    @Slot()
    def _on_facts_changed(self) -> None:
        attributes = self.session.facts.attributes
        is_there = attributes is not None and attributes.dataset.is_collection
        self._pages.setCurrentWidget(self.grid if is_there else self.empty)
        chosen = self.order.currentData()
        self.order.clear()
        self.order.addItem(tr("As in the file"), "")
        if is_there and attributes is not None:
            if _ERROR in attributes.by_key:
                self.order.addItem(tr("Size of the error"), f"|{_ERROR}|")
            for one in attributes.by_key.values():
                if one.kind in ("number", "category"):
                    self.order.addItem(one.title, one.key)
        self.order.setCurrentIndex(max(0, self.order.findData(chosen)))
        self._on_order()
        self.grid.refresh()
        self.grid.set_selected(self.session.selection.mask)

    @Slot()
    def _on_order(self) -> None:
        attributes = self.session.facts.attributes
        if attributes is None or not attributes.dataset.is_collection:
            return
        shown = np.flatnonzero(~self.session.selection.hidden)
        key = str(self.order.currentData() or "")
        if key:
            one = attributes.by_key[key.strip("|")]
            values = np.abs(one.values) if key.startswith("|") else _sortable(one)
            # The size of an error is asked for to see the worst, so it falls; what has no value comes last either way.
            falls = self._descending != key.startswith("|")
            order = np.argsort(-values[shown] if falls else values[shown], kind="stable")
            shown = shown[order]
        elif self._descending:
            shown = shown[::-1]
        self.grid.set_order(shown)
        total = attributes.num_nodes
        text = counted(attributes.dataset, total)
        self.count.setText(text if len(shown) == total else tr("{shown} of {items}", shown=len(shown), items=text))

    @Slot()
    def _on_turn(self) -> None:
        self._descending = not self._descending
        self._on_order()

    @Slot()
    def _on_settled(self) -> None:
        if self.isVisible():
            self.session.drawings.want(self.grid.on_screen(), self._size())

    def _size(self) -> Size:
        wanted = self.grid.picture_size()
        return Size(wanted.width(), wanted.height(), theme.tokens().name == "dark")

    def _cell(self, item: int) -> Cell:
        attributes, drawings = self.session.facts.attributes, self.session.drawings
        if attributes is None or item >= attributes.num_nodes:
            return Cell("")
        predicted, true = attributes.get(PREDICTED), attributes.get(TARGET)
        told = []
        if predicted is not None:
            told.append(tr("predicted {value}", value=predicted.shown(item) or "–"))
        if true is not None:
            told.append(tr("true {value}", value=true.shown(item) or "–"))
        below = " · ".join(told) or self._target_words(item)
        size = self._size()
        is_known = drawings.is_known(item, size)
        nodes = int(attributes.degree[item])
        missing = tr("no structure") if is_known and drawings.has_structures else ""
        if not drawings.has_structures:
            missing = tr_n("{count} node", "{count} nodes", nodes)
        colour = _class_colour(predicted or true, item)
        return Cell(str(attributes.names[item]), below, colour, drawings.get(item, size), missing)

    def _target_words(self, item: int) -> str:
        target, attributes = self.session.draft.target, self.session.facts.attributes
        one = attributes.get(str(target)) if attributes is not None and target else None
        return f"{one.title} {one.shown(item) or '–'}" if one is not None else ""

    # The shared selection

    @Slot()
    def _on_selection_changed(self) -> None:
        self.grid.set_selected(self.session.selection.mask)
        if self.session.selection.count and not self.grid.hasFocus():
            self._show_selection()

    @Slot()
    def _on_current_changed(self) -> None:
        current = self.session.selection.current
        if current is not None and current != self.grid.current():
            self.grid.show_item(current)

    def _show_selection(self) -> None:
        """Scroll to the first selected one, where none is in view."""
        mask = self.session.selection.mask
        if len(mask) and len(self.grid.order) and not mask[list(self.grid.on_screen())].any():
            chosen = np.flatnonzero(mask[self.grid.order])
            if len(chosen):
                self.grid.show_item(int(self.grid.order[chosen[0]]))

    @Slot(object, object)
    def _on_items_asked(self, items: list[int], how: str) -> None:
        selection = self.session.selection
        if how == "toggle":
            selection.toggle(items[0])
            return
        mask = np.zeros_like(selection.mask)
        mask[items] = True
        selection.replace(mask, tr("Select {items}", items=counted(self.session.dataset, len(items))))

    @Slot(object)
    def _on_current_asked(self, item: int) -> None:
        self.session.selection.set_current(item)

    @Slot(object, object)
    def _on_menu_asked(self, item: int | None, at: QPoint) -> None:
        self.menu.open(item, at)

    @Slot(object)
    def _on_opened(self, item: int) -> None:
        self.session.selection.set_current(item)
        self.session.show_view("inspector")


def _sortable(one: Attribute) -> np.ndarray:
    """Return numbers to sort by: the values, or the places of the categories."""
    if one.kind == "number":
        return np.asarray(one.values, dtype=np.float64)
    codes = one.codes().astype(np.float64)
    return np.where(codes < 0, np.nan, codes)


def _class_colour(one: Attribute | None, item: int) -> QColor | None:
    if one is None or one.kind != "category":
        return None
    code = int(one.codes()[item])
    return theme.category_colour(code) if code >= 0 else None
