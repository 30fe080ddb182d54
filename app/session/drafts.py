"""The recipe being edited: plain data, every change undoable."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.kit.translate import tr
from app.session.commands import Change
from app.session.frames import NUMBER_TASKS

Plain = dict[str, Any]


def value_at(plain: Mapping[str, Any], path: str, default: Any = None) -> Any:
    """Return what lies at a dotted path of nested dicts."""
    place: Any = plain
    for name in path.split("."):
        if not isinstance(place, Mapping) or name not in place:
            return default
        place = place[name]
    return place


def with_value(plain: Mapping[str, Any], path: str, value: Any) -> Plain:
    """Return a copy with one value changed; None takes the key away."""
    made: Plain = copy.deepcopy(dict(plain))
    *parents, last = path.split(".")
    place = made
    for name in parents:
        inner = place.get(name)
        if not isinstance(inner, dict):
            inner = place[name] = {}
        place = inner
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return made


class RecipeDraft(QObject):
    """The recipe that the next run will use, as plain data; empty before a target is chosen.

    `reasons` and `estimate` are what the suggest job said about it.
    """

    changed = Signal()

    def __init__(self, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo_stack = undo_stack
        self.plain: Plain = {}
        self.reasons: list[str] = []
        self.estimate: Plain = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been suggested yet."""
        return not self.plain

    @property
    def target(self) -> str | None:
        """The column to predict."""
        found: str | None = value_at(self.plain, "task.target")
        return found

    @property
    def stamp(self) -> str:
        """A short name for what the recipe says: the same recipe has the same one."""
        import hashlib  # not before the first paint

        return hashlib.sha256(json.dumps(self.plain, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def metric(self) -> str:
        """What the task is measured in, as far as the recipe says it."""
        chosen = str(self.get("task.metric", "auto"))
        if chosen != "auto":
            return chosen
        return "rmse" if self.get("task.type") in NUMBER_TASKS else "accuracy"

    def get(self, path: str, default: Any = None) -> Any:
        """Return an option by its dotted path ("encoder.width")."""
        return value_at(self.plain, path, default)

    def set(self, path: str, value: Any, text: str = "") -> None:
        """Change one option, undoable; None takes it away, so that the component's default holds."""
        if self.get(path) == value:
            return
        after = with_value(self.plain, path, value)
        self._push(text or tr("Change {option}", option=path), after, topic=f"recipe:{path}")

    def replace(self, plain: Plain, text: str = "") -> None:
        """Put another recipe in place, undoable."""
        if plain != self.plain:
            self._push(text or tr("Change recipe"), copy.deepcopy(plain))

    def load(self, plain: Plain, reasons: list[str] | None = None, estimate: Plain | None = None) -> None:
        """Put a recipe in place that the user did not type: a suggestion, an opened project. Not undoable."""
        self.reasons, self.estimate = reasons or [], estimate or {}
        self._put(copy.deepcopy(plain))

    def suggest(self, plain: Plain, reasons: list[str], estimate: Plain, text: str) -> None:
        """Take a suggestion: the first is just there, a later one replaces the user's recipe and can be undone."""
        if self.is_empty:
            self.load(plain, reasons, estimate)
            return
        before = (self.plain, self.reasons, self.estimate)
        self._undo_stack.push(Change(text, before, (copy.deepcopy(plain), reasons, estimate), self._put_all))

    def _put_all(self, state: tuple[Plain, list[str], Plain]) -> None:
        plain, self.reasons, self.estimate = state
        self._put(plain)

    def _push(self, text: str, after: Plain, topic: str = "") -> None:
        self._undo_stack.push(Change(text, self.plain, after, self._put, topic))

    def _put(self, plain: Plain) -> None:
        self.plain = plain
        self.changed.emit()
