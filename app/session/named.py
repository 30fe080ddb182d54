"""Selections with a name, kept in the project: save one, come back to it, take it away; each undoable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.kit.later import np
from app.kit.translate import tr
from app.session.commands import Change
from app.session.packed import pack_mask, unpack_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

    from app.session.selection import Selection

Plain = dict[str, Any]  # Any: JSON values


class NamedSelections(QObject):
    """The named selections of the graph in view, by name, in the order they were made.

    Args: selection: the shared one, which they are made of and become again.
    """

    changed = Signal()

    def __init__(self, selection: Selection, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._undo_stack = undo_stack
        self._packed: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def names(self) -> list[str]:
        """Return the names, oldest first."""
        return list(self._packed)

    def count(self, name: str) -> int:
        """Return how many nodes a named selection holds."""
        if name not in self._counts:
            self._counts[name] = int(self.mask(name).sum())
        return self._counts[name]

    def mask(self, name: str) -> NDArray[np.bool_]:
        """Return a named selection, bool [N]; nothing where it is not of this graph."""
        size = self._selection.mask.size
        try:
            return unpack_mask(self._packed[name], size)
        except (KeyError, ValueError):
            return np.zeros(size, dtype=bool)

    def save(self, name: str) -> None:
        """Keep what is selected under a name; one of that name is replaced."""
        after = {**self._packed, name: pack_mask(self._selection.mask)}
        self._push(tr("Save selection “{name}”", name=name), after)

    def remove(self, name: str) -> None:
        """Take a named selection away; its nodes stay."""
        after = {other: packed for other, packed in self._packed.items() if other != name}
        self._push(tr("Delete selection “{name}”", name=name), after)

    def recall(self, name: str, *, add: bool = False) -> None:
        """Select its nodes. Args: add: beside those that are selected."""
        mask = self.mask(name)
        reason = tr("Select “{name}”", name=name)
        if add:
            self._selection.add(mask, reason)
        else:
            self._selection.replace(mask, reason)

    def to_plain(self) -> Plain:
        """Return what the project remembers."""
        return dict(self._packed)

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Show what a project remembers; not a step."""
        self._put({str(name): str(packed) for name, packed in plain.items()})

    def _push(self, text: str, after: dict[str, str]) -> None:
        if after != self._packed:
            self._undo_stack.push(Change(text, self._packed, after, self._put))

    def _put(self, packed: dict[str, str]) -> None:
        if packed != self._packed:
            self._packed, self._counts = packed, {}
            self.changed.emit()
