"""The undo steps of the shared selection, and the selections that need the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Slot

from app.kit.translate import tr
from app.session.commands import Change

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

    from app.session.selection import Selection


class SelectionHistory(QObject):
    """Records what views do to the selection, so that it can be undone."""

    def __init__(self, selection: Selection, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._undo_stack = undo_stack
        self._last = selection.mask
        self._is_silent = False  # the selection changes without being a step of its own
        selection.changed.connect(self._on_changed)

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
        if before.shape != after.shape or self._is_silent:
            return
        text = self._selection.reason or tr("Change selection")
        self._is_silent = True
        self._undo_stack.push(Change(text, before, after, self._put))
        self._is_silent = False

    def _put(self, mask: NDArray[np.bool_]) -> None:
        if mask.shape != self._selection.mask.shape:
            return  # a step of another graph
        was, self._is_silent = self._is_silent, True
        self._selection.replace(mask)
        self._is_silent = was


def neighbours(mask: NDArray[np.bool_], indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return the selected nodes and every node that an edge joins to one, in either direction.

    Args: mask: bool [N]. indptr, indices: the CSR structure.
    """
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    found = mask.copy()
    found[indices[mask[rows]]] = True
    found[rows[mask[indices]]] = True
    return found
