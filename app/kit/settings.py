"""Every setting of the window: name, type, default. About the window only; what changes a number is in the recipe."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QByteArray, QSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """One setting. Its value is stored as JSON text, so that no Qt type and no pickle lies on disk."""

    name: str
    default: T


THEME: Key[str] = Key("look/theme", "system")  # system, light, dark
LANGUAGE: Key[str] = Key("look/language", "system")
GEOMETRY: Key[str] = Key("window/geometry", "")  # base64
LAYOUTS: Key[dict[str, str]] = Key("window/layouts", {})  # station -> base64 of the docks' state
RECENT: Key[list[str]] = Key("projects/recent", [])
OPEN_PROJECT: Key[str] = Key("projects/open", "")  # reopened after a crash
LAST_FOLDER: Key[str] = Key("files/last_folder", "")
NOTIFY_AFTER: Key[float] = Key("runs/notify_after_seconds", 120.0)


class Settings:
    """Typed access to QSettings. Args: store: None for the user's own; tests hand in one on a temporary file."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings()

    def get(self, key: Key[T]) -> T:
        """Return the value; the default where none is stored or the stored one cannot be read."""
        stored = self._store.value(key.name)
        if not isinstance(stored, str):
            return key.default
        try:
            value: Any = json.loads(stored)
        except ValueError:
            return key.default
        if isinstance(key.default, float) and isinstance(value, int):
            value = float(value)
        return value if isinstance(value, type(key.default)) else key.default

    def set(self, key: Key[T], value: T) -> None:
        """Store a value."""
        self._store.setValue(key.name, json.dumps(value))

    def flush(self) -> None:
        """Write to disk now."""
        self._store.sync()


def to_text(state: QByteArray) -> str:
    """Return Qt's binary window state as text."""
    return bytes(state.toBase64().data()).decode("ascii")


def from_text(text: str) -> QByteArray:
    """Return Qt's binary window state from `to_text`."""
    return QByteArray.fromBase64(QByteArray(text.encode("ascii")))
