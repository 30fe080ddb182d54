"""Which nodes are pinned: they stay where they are when the layout is continued. Kept in the project, undoable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.kit.later import np
from app.kit.translate import tr, tr_n
from app.session.commands import Change
from app.session.packed import pack_mask, unpack_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

    from app.session.pictures import Pictures
    from app.session.selection import Selection


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """Where some nodes are, and whether they are pinned there: int64 [K], float32 [K, 2], bool [K]."""

    nodes: NDArray[np.int64]
    places: NDArray[np.float32]
    pinned: NDArray[np.bool_]


class Pins(QObject):
    """The pinned nodes of the graph in view, and the moves that pin.

    A pin holds a node while the layout goes on; a layout that begins anew, or another one, places every node.

    Args: selection: says how many nodes there are. pictures: whose places are moved.
    """

    changed = Signal()

    def __init__(
        self, selection: Selection, pictures: Pictures, undo_stack: QUndoStack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._pictures = pictures
        self._undo_stack = undo_stack
        pictures.hold(self)
        self._mask: NDArray[np.bool_] | None = None  # no array is made before something is pinned

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which nodes are pinned, bool [N]; never changed in place."""
        size = self._selection.mask.shape
        return np.zeros(size, dtype=bool) if self._mask is None or self._mask.shape != size else self._mask

    @property
    def count(self) -> int:
        """How many nodes are pinned."""
        return 0 if self._mask is None else int(self._mask.sum())

    def nodes(self) -> NDArray[np.int64]:
        """Return the pinned node numbers, ascending."""
        return np.flatnonzero(self.mask)

    def pin(self, nodes: NDArray[np.int64]) -> None:
        """Pin these too. Args: nodes: their numbers, int64 [K]."""
        after = self.mask.copy()
        after[nodes] = True
        self._push(tr_n("Pin {count} node", "Pin {count} nodes", len(nodes)), after)

    def unpin(self, nodes: NDArray[np.int64]) -> None:
        """Pin these no longer; they stay where they are until the layout goes on."""
        after = self.mask.copy()
        after[nodes] = False
        self._push(tr_n("Unpin {count} node", "Unpin {count} nodes", len(nodes)), after)

    def pin_selection(self) -> None:
        """Pin what is selected."""
        self.pin(self._selection.indices())

    def unpin_selection(self) -> None:
        """Pin what is selected no longer."""
        self.unpin(self._selection.indices())

    def clear(self) -> None:
        """Pin nothing."""
        self._push(tr("Unpin all nodes"), np.zeros_like(self.mask))

    def move(self, nodes: NDArray[np.int64], places: NDArray[np.float32], *, by_key: bool = False) -> None:
        """Put nodes elsewhere and pin them there.

        Args: nodes: their numbers, int64 [K]. places: float32 [K, 2]. by_key: steps that follow each other are one.
        """
        positions = self._pictures.positions
        if positions is None or not len(nodes) or len(positions) != len(self.mask):
            return
        before = Moved(nodes, positions[nodes], self.mask[nodes])
        after = Moved(nodes, places.astype(np.float32), np.ones(len(nodes), dtype=bool))
        text = tr_n("Move {count} node", "Move {count} nodes", len(nodes))
        topic = f"move:{hash(nodes.tobytes())}" if by_key else ""
        self._undo_stack.push(Change(text, before, after, self._put_moved, topic))

    def to_plain(self) -> str:
        """Return what the project remembers."""
        # Of the nodes it was made of, though another graph may be in view by now.
        return pack_mask(self._mask) if self._mask is not None and self._mask.any() else ""

    def restore(self, plain: object, count: int) -> None:
        """Show what a project remembers of so many nodes; not a step, and nothing where it is of other nodes."""
        try:
            found = unpack_mask(str(plain), count) if plain else None
        except ValueError:
            found = None
        self._mask = found
        self.changed.emit()

    def _push(self, text: str, after: NDArray[np.bool_]) -> None:
        before = self.mask
        if not np.array_equal(before, after):
            self._undo_stack.push(Change(text, before, after, self._put))

    def _put(self, mask: NDArray[np.bool_]) -> None:
        if mask.shape == self._selection.mask.shape:  # else a step of another graph
            self._mask = mask
            self.changed.emit()

    def _put_moved(self, moved: Moved) -> None:
        mask = self.mask.copy()
        if len(mask) and int(moved.nodes.max()) < len(mask):
            self._pictures.put_places(moved.nodes, moved.places)
            mask[moved.nodes] = moved.pinned
            self._put(mask)
