"""The undo steps of the shared selection and of what is hidden, and the selections that need the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.kit.later import np
from app.kit.translate import tr
from app.session.commands import Change

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

    from app.session.selection import Selection
    from app.session.session import Session


class Selecting(QObject):
    """Selects and hides by what the graph says. Args: session: its graph and its selection."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def everything(self) -> None:
        """Select every node."""
        selection = self._session.selection
        selection.replace(selection.mask | True, tr("Select all"))

    @Slot(object)
    def ids(self, ids: Sequence[str]) -> None:
        """Select the nodes of these ids; ids of other graphs select nothing."""
        dataset = self._session.dataset
        if dataset is not None:
            wanted = set(ids)
            mask = np.fromiter((name in wanted for name in dataset.node_ids), bool, dataset.num_nodes)
            self._session.selection.replace(mask, tr("Select the nodes of a finding"))

    def neighbours(self) -> None:
        """Add every node that an edge joins to the selection, but no hidden one."""
        selection = self._session.selection
        selection.replace(self.reach(selection.mask, 1) & (selection.mask | ~selection.hidden), tr("Select neighbours"))

    def reach(self, mask: NDArray[np.bool_], hops: int) -> NDArray[np.bool_]:
        """Return the nodes within so many edges of these, themselves included. Args: mask: bool [N]."""
        dataset = self._session.dataset
        if dataset is None:
            return mask
        is_directed = bool(dataset.summary.get("directed", True))
        reached = edge = mask
        for _ in range(hops):
            wider = reached | neighbours(edge, dataset.indptr, dataset.indices, is_directed=is_directed)
            reached, edge = wider, wider & ~reached
            if not edge.any():
                break
        return reached

    def show_all(self) -> None:
        """Draw everything: nothing hidden by hand, no filter."""
        stack = self._session.undo_stack
        stack.beginMacro(tr("Show all"))
        self._session.selection.show_all()
        self._session.filtering.clear()
        stack.endMacro()

    def surroundings(self, hops: int) -> None:
        """Draw only what lies within so many edges of the selection; of the node one looks at where none is."""
        selection = self._session.selection
        around = selection.mask
        if not selection.count and selection.current is not None:
            around = np.zeros_like(selection.mask)
            around[selection.current] = True
        if around.any():
            selection.show_only(self.reach(around, hops))


class SelectionHistory(QObject):
    """Records what views do to the selection, so that it can be undone."""

    def __init__(self, selection: Selection, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._undo_stack = undo_stack
        # No array is made before there is a graph.
        self._last = selection.mask if selection.is_of_a_graph else None
        self._last_hidden = selection.hidden_by_hand if selection.is_of_a_graph else None
        self._is_silent = False  # the selection changes without being a step of its own
        selection.changed.connect(self._on_changed)
        selection.hidden_changed.connect(self._on_hidden_changed)

    def reset(self, count: int) -> None:
        """Begin anew for a graph of this many nodes; not a step."""
        self._is_silent = True
        self._selection.resize(count)
        self._is_silent = False

    def restore(self, indices: list[int]) -> None:
        """Select what a project remembers; not a step."""
        self._is_silent = True
        self._selection.select([i for i in indices if i < self._selection.mask.size])
        self._is_silent = False

    @Slot()
    def _on_changed(self) -> None:
        before, after = self._last, self._selection.mask
        self._last = after
        if before is None or before.shape != after.shape or self._is_silent:
            return
        text = self._selection.reason or tr("Change selection")
        self._is_silent = True
        self._undo_stack.push(Change(text, before, after, self._put))
        self._is_silent = False

    @Slot()
    def _on_hidden_changed(self) -> None:
        before, after = self._last_hidden, self._selection.hidden_by_hand
        self._last_hidden = after
        if before is None or before is after or before.shape != after.shape or self._is_silent:
            return
        text = tr("Hide") if after.any() else tr("Show all")
        self._is_silent = True
        self._undo_stack.push(Change(text, before, after, self._put_hidden))
        self._is_silent = False

    def _put_hidden(self, hidden: NDArray[np.bool_]) -> None:
        if hidden.shape != self._selection.mask.shape:
            return  # a step of another graph
        was, self._is_silent = self._is_silent, True
        self._selection.hide(hidden)
        self._is_silent = was

    def _put(self, mask: NDArray[np.bool_]) -> None:
        if mask.shape != self._selection.mask.shape:
            return  # a step of another graph
        was, self._is_silent = self._is_silent, True
        self._selection.replace(mask)
        self._is_silent = was


def neighbours(
    mask: NDArray[np.bool_], indptr: NDArray[np.int64], indices: NDArray[np.int32], *, is_directed: bool = True
) -> NDArray[np.bool_]:
    """Return the selected nodes and every node that an edge joins to one, in either direction.

    Args: mask: bool [N]. indptr, indices: the CSR structure. is_directed: False promises that both directions are
        stored; then only the rows of the selected nodes are looked at.
    """
    if not is_directed:
        nodes = np.flatnonzero(mask)
        counts = indptr[nodes + 1] - indptr[nodes]
        ends = np.cumsum(counts)
        places = np.arange(int(counts.sum())) + np.repeat(indptr[nodes] - (ends - counts), counts)
        near = mask.copy()
        near[indices[places]] = True
        return near
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    found = mask.copy()
    found[indices[mask[rows]]] = True
    found[rows[mask[indices]]] = True
    return found
