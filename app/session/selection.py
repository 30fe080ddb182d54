"""The one selection that every view shows and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Selection(QObject):
    """Which nodes are selected, and which of them the user looks at.

    `mask` is bool [N] and never changed in place: every change is a new array. `changed` is emitted once for each
    change, `current_changed` when only the current node moved. The session records changes for undo.
    """

    changed = Signal()
    current_changed = Signal()
    hidden_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mask: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self.hidden: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self.current: int | None = None
        self.reason = ""

    @property
    def count(self) -> int:
        """How many nodes are selected."""
        return int(self.mask.sum())

    def indices(self) -> NDArray[np.int64]:
        """Return the selected node numbers, ascending."""
        return np.flatnonzero(self.mask)

    def resize(self, count: int) -> None:
        """Start anew for a graph of this many nodes."""
        self.mask = np.zeros(count, dtype=bool)
        self.hidden = np.zeros(count, dtype=bool)
        self.current = None
        self.reason = ""
        self.changed.emit()
        self.current_changed.emit()
        self.hidden_changed.emit()

    def replace(self, mask: NDArray[np.bool_], reason: str = "") -> None:
        """Select exactly these. Args: mask: bool [N]. reason: how, in words, for the undo list and status bar."""
        if mask.shape != self.mask.shape:
            raise ValueError(f"the selection has {self.mask.size} nodes, the mask {mask.size}")
        if np.array_equal(mask, self.mask):
            return
        self.mask = mask.astype(bool, copy=True)
        self.reason = reason
        if self.current is not None and not self.mask[self.current]:
            self.current = None
            self.current_changed.emit()
        self.changed.emit()

    def select(self, indices: NDArray[np.int64] | list[int], reason: str = "") -> None:
        """Select exactly these node numbers."""
        mask = np.zeros_like(self.mask)
        mask[indices] = True
        self.replace(mask, reason)

    def add(self, mask: NDArray[np.bool_], reason: str = "") -> None:
        """Select these too."""
        self.replace(self.mask | mask, reason)

    def remove(self, mask: NDArray[np.bool_], reason: str = "") -> None:
        """Take these out."""
        self.replace(self.mask & ~mask, reason)

    def toggle(self, index: int) -> None:
        """Add a node, or take it out."""
        mask = self.mask.copy()
        mask[index] = not mask[index]
        self.replace(mask)

    def invert(self) -> None:
        """Select what was not selected."""
        self.replace(~self.mask)

    def clear(self) -> None:
        """Select nothing."""
        self.replace(np.zeros_like(self.mask))

    def set_current(self, index: int | None) -> None:
        """Look at one node, selected or not; None looks at none."""
        if index != self.current:
            self.current = index
            self.current_changed.emit()

    def hide_others(self, keep: NDArray[np.bool_]) -> None:
        """Hide what is not in `keep`, bool [N], from every picture, beside what is hidden already."""
        self._set_hidden(self.hidden | ~keep)

    def show_all(self) -> None:
        """Hide nothing."""
        self._set_hidden(np.zeros_like(self.hidden))

    def _set_hidden(self, hidden: NDArray[np.bool_]) -> None:
        if not np.array_equal(hidden, self.hidden):
            self.hidden = hidden
            self.hidden_changed.emit()
