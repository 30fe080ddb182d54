"""The one selection that every view shows and changes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.kit.later import np

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
        self.current: int | None = None
        self.reason = ""
        self.is_of_a_graph = False

    # No array is made before there is a graph, or somebody looks.

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Which nodes are selected, bool [N]."""
        return np.zeros(0, dtype=bool)

    @cached_property
    def hidden(self) -> NDArray[np.bool_]:
        """Which nodes are hidden, by hand or by a filter, bool [N]."""
        return np.zeros(0, dtype=bool)

    @cached_property
    def hidden_by_hand(self) -> NDArray[np.bool_]:
        """Which nodes are hidden by hand, bool [N]."""
        return np.zeros(0, dtype=bool)

    @cached_property
    def _filtered(self) -> NDArray[np.bool_]:
        return np.zeros(0, dtype=bool)

    @property
    def count(self) -> int:
        """How many nodes are selected."""
        return int(self.mask.sum()) if self.is_of_a_graph else 0

    def indices(self) -> NDArray[np.int64]:
        """Return the selected node numbers, ascending."""
        return np.flatnonzero(self.mask)

    def resize(self, count: int) -> None:
        """Start anew for a graph of this many nodes."""
        self.is_of_a_graph = True
        self.mask = np.zeros(count, dtype=bool)
        self.hidden = self.hidden_by_hand = self._filtered = np.zeros(count, dtype=bool)
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
        self.hide(self.hidden_by_hand | ~keep)

    def show_only(self, keep: NDArray[np.bool_]) -> None:
        """Hide what is not in `keep`, bool [N], and nothing else."""
        self.hide(~keep)

    def show_all(self) -> None:
        """Hide nothing by hand; what a filter leaves out stays out."""
        self.hide(np.zeros_like(self.hidden_by_hand))

    def hide(self, hidden: NDArray[np.bool_]) -> None:
        """Hide exactly these by hand. Args: hidden: bool [N]."""
        if not np.array_equal(hidden, self.hidden_by_hand):
            self.hidden_by_hand = hidden
            self._merge()

    def filter_out(self, filtered: NDArray[np.bool_]) -> None:
        """Leave out exactly these, as the filters say. Args: filtered: bool [N]."""
        if not np.array_equal(filtered, self._filtered):
            self._filtered = filtered
            self._merge()

    def _merge(self) -> None:
        """Whatever is hidden by hand or by a filter is hidden; announced where either changed."""
        self.hidden = self.hidden_by_hand | self._filtered
        self.hidden_changed.emit()
