"""What widgets of our own are to a screen reader: a class that paints itself names its role in `spoken_role`.

Without it Qt calls every widget that it did not make a client area, which says nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

# Qt owns each interface as long as its widget lives, and tells nobody when it deletes one: a wrapper that Python
# collected would delete it a second time.
_made: list[QAccessibleInterface] = []
_is_installed = False


def install() -> None:
    """Tell Qt about the roles; asked only while a screen reader is there."""
    global _is_installed
    if not _is_installed:
        _is_installed = True
        QAccessible.installFactory(_interface)


def _interface(_key: str, thing: QObject) -> QAccessibleInterface | None:
    role = getattr(type(thing), "spoken_role", None)
    if role is None or not isinstance(thing, QWidget):
        return None
    made = QAccessibleWidget(thing, role)
    _made.append(made)
    return made
