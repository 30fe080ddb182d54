"""The verbs for nodes, the same on a node of the graph, a point of a scatter and a row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.kit.translate import tr, tr_n

if TYPE_CHECKING:
    from app.session.session import Session

TABLE_VIEW = "predictions"
WHY_VIEW = "explanation"


class NodeMenu(QObject):
    """Makes the context menu for one node, or for the selection, and does what it says."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._parent = parent
        self._node: int | None = None
        self.select_neighbours = self._action(tr("Select &neighbours"), self._on_select_neighbours)
        self.hide_others = self._action(tr("&Hide others"), self._on_hide_others)
        self.show_all = self._action(tr("Show &all"), self._on_show_all)
        self.explain = self._action(tr("&Explain this prediction"), self._on_explain)
        self.show_in_table = self._action(tr("Show in &table"), self._on_show_in_table)
        self.copy_id = self._action(tr("&Copy id"), self._on_copy_id)
        self.menu: QMenu | None = None

    def open(self, node: int | None, at: QPoint) -> None:
        """Show the menu. Args: node: what it is about; None for the selection. at: on the screen."""
        self._node = node
        count = len(self.subject())
        self.copy_id.setText(tr_n("&Copy id", "&Copy {count} ids", max(1, count)))
        for action in (self.select_neighbours, self.hide_others, self.show_in_table, self.copy_id):
            action.setEnabled(count > 0)
        self.explain.setEnabled(count == 1 and self._session.explaining.can_explain)
        self.show_all.setEnabled(bool(self._session.selection.hidden.any()))
        if self.menu is None:
            self.menu = QMenu(self._parent)
            self.menu.addActions([self.select_neighbours, self.hide_others, self.show_all])
            self.menu.addSeparator()
            self.menu.addActions([self.explain, self.show_in_table, self.copy_id])
        self.menu.popup(at)

    def subject(self) -> NDArray[np.int64]:
        """Return the nodes that the menu is about: the node, or all of the selection where the node is in it."""
        selection = self._session.selection
        if self._node is not None and not selection.mask[self._node]:
            return np.array([self._node], dtype=np.int64)
        if self._node is not None and selection.count == 0:
            return np.array([self._node], dtype=np.int64)
        return selection.indices()

    @Slot()
    def _on_select_neighbours(self) -> None:
        attributes = self._session.facts.attributes
        subject = self.subject()
        if attributes is None or not len(subject):
            return
        started = np.zeros(attributes.num_nodes, dtype=bool)
        started[subject] = True
        mask = started.copy()
        ends = attributes.edges
        mask[ends[started[ends[:, 0]], 1]] = True
        mask[ends[started[ends[:, 1]], 0]] = True
        self._session.selection.replace(mask & (started | ~self._session.selection.hidden), tr("Select neighbours"))

    @Slot()
    def _on_hide_others(self) -> None:
        keep = np.zeros_like(self._session.selection.mask)
        keep[self.subject()] = True
        self._session.selection.hide_others(keep)

    @Slot()
    def _on_show_all(self) -> None:
        self._session.selection.show_all()

    @Slot()
    def _on_explain(self) -> None:
        subject = self.subject()
        if len(subject) == 1:
            self._session.explaining.explain(int(subject[0]))
            self._session.show_view(WHY_VIEW)

    @Slot()
    def _on_show_in_table(self) -> None:
        subject = self.subject()
        if len(subject):
            if not self._session.selection.mask[subject].all():
                self._session.selection.select(subject, tr("Show in table"))
            self._session.selection.set_current(int(subject[0]) if self._node is None else self._node)
            self._session.show_view(TABLE_VIEW)

    @Slot()
    def _on_copy_id(self) -> None:
        attributes = self._session.facts.attributes
        if attributes is not None:
            QGuiApplication.clipboard().setText("\n".join(str(attributes.ids[i]) for i in self.subject()))

    def _action(self, text: str, slot: object) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(slot)
        return action
