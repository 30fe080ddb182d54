"""What can be undone: one command class, because every change of the user is "this value instead of that one"."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QUndoCommand

T = TypeVar("T")
_AT_ONCE = 2.0  # seconds: what is changed later is a decision of its own


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
        self._when = time.monotonic()

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
        if not isinstance(other, Change) or other._topic != self._topic or other._when - self._when > _AT_ONCE:
            return False
        self._after, self._when = other._after, other._when
        return True
