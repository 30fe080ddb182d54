"""What can be undone: one command class, because every change of the user is "this value instead of that one"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QUndoCommand

T = TypeVar("T")


class Change(QUndoCommand, Generic[T]):
    """A value replaced by another.

    Args:
        text: what the user did, for the Undo menu entry.
        before, after: whole values, never changed in place afterwards.
        apply: puts a value in place and announces it.
        topic: changes of the same topic that follow each other at once are one step (typing in a field).
    """

    def __init__(self, text: str, before: T, after: T, apply: Callable[[T], None], topic: str = "") -> None:
        super().__init__(text)
        self._before = before
        self._after = after
        self._apply = apply
        self._topic = topic

    def redo(self) -> None:
        """Put the new value in place."""
        self._apply(self._after)

    def undo(self) -> None:
        """Put the old value back."""
        self._apply(self._before)

    def id(self) -> int:
        """Tell Qt which commands may be merged; -1 never."""
        return hash(self._topic) & 0x3FFFFFFF if self._topic else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a later change of the same topic."""
        if not isinstance(other, Change) or other._topic != self._topic:
            return False
        self._after = other._after
        return True
