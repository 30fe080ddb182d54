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
        self.around = [
            self._action(text, self._on_around, hops)
            for hops, text in (
                (1, tr("Show &one edge around")),
                (2, tr("Show t&wo edges around")),
                (3, tr("Show th&ree edges around")),
            )
        ]
        self.hide_others = self._action(tr("&Hide others"), self._on_hide_others)
        self.hide_these = self._action(tr("H&ide these"), self._on_hide_these)
        self.show_all = self._action(tr("Show &all"), self._on_show_all)
        self.pin = self._action(tr("&Pin"), self._on_pin)
        self.unpin = self._action(tr("&Unpin"), self._on_unpin)
        self.explain = self._action(tr("&Explain this prediction"), self._on_explain)
        self.show_in_table = self._action(tr("Show in &table"), self._on_show_in_table)
        self.save = self._action(tr("&Save selection…"), self._on_save)
        self.to_column = self._action(tr("Selection to a co&lumn…"), self._on_to_column)
        self.copy_id = self._action(tr("&Copy id"), self._on_copy_id)
        self.menu: QMenu | None = None

    def open(self, node: int | None, at: QPoint) -> None:
        """Show the menu. Args: node: what it is about; None for the selection. at: on the screen."""
        self._node = node
        count = len(self.subject())
        self.copy_id.setText(tr_n("&Copy id", "&Copy {count} ids", max(1, count)))
        verbs = (self.select_neighbours, *self.around, self.hide_others, self.hide_these, self.show_in_table)
        for action in (*verbs, self.save, self.to_column, self.copy_id):
            action.setEnabled(count > 0)
        pinned = self._session.pins.mask[self.subject()]
        self.pin.setEnabled(count > 0 and not pinned.all() and self._session.positions is not None)
        self.unpin.setEnabled(bool(pinned.any()))
        self.explain.setEnabled(count == 1 and self._session.explaining.can_explain)
        self.show_all.setEnabled(bool(self._session.selection.hidden.any()))
        if self.menu is None:
            self.menu = QMenu(self._parent)
            self.menu.addAction(self.select_neighbours)
            self.menu.addSeparator()
            self.menu.addActions([*self.around, self.hide_others, self.hide_these, self.show_all])
            self.menu.addSeparator()
            self.menu.addActions([self.pin, self.unpin])
            self.menu.addSeparator()
            self.menu.addActions([self.explain, self.show_in_table, self.save, self.to_column, self.copy_id])
        self.menu.popup(at)

    def subject(self) -> NDArray[np.int64]:
        """Return the nodes that the menu is about: the node, or all of the selection where the node is in it."""
        selection = self._session.selection
        if self._node is not None and not selection.mask[self._node]:
            return np.array([self._node], dtype=np.int64)
        if self._node is not None and selection.count == 0:
            return np.array([self._node], dtype=np.int64)
        return selection.indices()

    def _mask(self) -> NDArray[np.bool_]:
        mask = np.zeros_like(self._session.selection.mask)
        mask[self.subject()] = True
        return mask

    @Slot()
    def _on_select_neighbours(self) -> None:
        started, selection = self._mask(), self._session.selection
        reached = self._session.selecting.reach(started, 1)
        selection.replace(reached & (started | ~selection.hidden), tr("Select neighbours"))

    @Slot()
    def _on_around(self) -> None:
        hops = self.sender()
        if isinstance(hops, QAction) and len(self.subject()):
            self._session.selection.show_only(self._session.selecting.reach(self._mask(), int(hops.data())))

    @Slot()
    def _on_hide_others(self) -> None:
        self._session.selection.hide_others(self._mask())

    @Slot()
    def _on_hide_these(self) -> None:
        self._session.selection.hide_others(~self._mask())

    @Slot()
    def _on_show_all(self) -> None:
        self._session.selecting.show_all()

    @Slot()
    def _on_pin(self) -> None:
        self._session.pins.pin(self.subject())

    @Slot()
    def _on_unpin(self) -> None:
        self._session.pins.unpin(self.subject())

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
            self._select_subject(tr("Show in table"))
            self._session.selection.set_current(int(subject[0]) if self._node is None else self._node)
            self._session.show_view(TABLE_VIEW)

    @Slot()
    def _on_save(self) -> None:
        self._select_subject(tr("Save selection"))
        self._session.command_requested.emit("save_selection")

    @Slot()
    def _on_to_column(self) -> None:
        self._select_subject(tr("Selection to a column"))
        self._session.command_requested.emit("selection_column")

    @Slot()
    def _on_copy_id(self) -> None:
        attributes = self._session.facts.attributes
        if attributes is not None:
            QGuiApplication.clipboard().setText("\n".join(str(attributes.ids[i]) for i in self.subject()))

    def _select_subject(self, reason: str) -> None:
        subject = self.subject()
        if not self._session.selection.mask[subject].all():
            self._session.selection.select(subject, reason)

    def _action(self, text: str, slot: object, data: object = None) -> QAction:
        action = QAction(text, self)
        action.setData(data)
        action.triggered.connect(slot)
        return action
