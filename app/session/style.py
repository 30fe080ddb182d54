"""How nodes look: by which column they take colour, size and shape; the same in every picture, undoable, kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.kit.translate import tr
from app.session.attributes import DEGREE, PREDICTED, TARGET
from app.session.commands import Change

if TYPE_CHECKING:
    from PySide6.QtGui import QUndoStack

    from app.session.attributes import Attribute, Attributes

Plain = dict[str, Any]  # Any: JSON values
NOTHING = ""  # one colour, one size; shapes as the colours have them
_FEW_CLASSES = 40


@dataclass(frozen=True, slots=True)
class Look:
    """Keys of attributes. `colour` None: what is best as long as the user did not choose."""

    colour: str | None = None
    size: str = DEGREE
    shape: str = NOTHING
    names: bool = True


class Style(QObject):
    """The look in force."""

    changed = Signal()

    def __init__(self, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo_stack = undo_stack
        self.look = Look()

    def colour_by(self, key: str | None) -> None:
        """Colour by an attribute; NOTHING for one colour, None for what is best."""
        self._push(tr("Colour nodes"), replace(self.look, colour=key))

    def size_by(self, key: str) -> None:
        """Let an attribute's number be the size; NOTHING for one size."""
        self._push(tr("Size nodes"), replace(self.look, size=key))

    def shape_by(self, key: str) -> None:
        """Let an attribute's classes be the shapes; NOTHING for the shapes that belong to the colours."""
        self._push(tr("Shape nodes"), replace(self.look, shape=key))

    def show_names(self, shown: bool) -> None:
        """Write names beside nodes, or none."""
        self._push(tr("Show names") if shown else tr("Hide names"), replace(self.look, names=shown))

    def reset(self) -> None:
        """Look as at first."""
        self._push(tr("Reset the style"), Look())

    def to_plain(self) -> Plain:
        """Return what the project remembers."""
        look = self.look
        return {"colour": look.colour, "size": look.size, "shape": look.shape, "names": look.names}

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Look as a project remembers; not a step."""
        first, colour = Look(), plain.get("colour")
        self._put(
            Look(
                None if colour is None else str(colour),
                str(plain.get("size", first.size)),
                str(plain.get("shape", first.shape)),
                bool(plain.get("names", first.names)),
            )
        )

    def _push(self, text: str, after: Look) -> None:
        if after != self.look:
            self._undo_stack.push(Change(text, self.look, after, self._put))

    def _put(self, look: Look) -> None:
        if look != self.look:
            self.look = look
            self.changed.emit()


def first_colour(attributes: Attributes, target: str | None) -> str:
    """Return what to colour by while nobody chose: the prediction, the target, a column with a few classes."""
    if attributes.get(PREDICTED) is not None:
        return PREDICTED
    targets = [f"column:{name}" for name in (target, *attributes.dataset.columns("target")) if name]
    few = [
        one.key
        for one in attributes.colourable()
        if one.is_given and one.kind == "category" and 1 < len(one.categories) <= _FEW_CLASSES
    ]
    return next((key for key in (*targets, *few) if attributes.get(key) is not None), NOTHING)


def colour_choices(attributes: Attributes) -> list[Attribute]:
    """Return what nodes can be coloured by; the target's own column stands there once, as what is true."""
    is_known = attributes.get(TARGET) is not None
    return [one for one in attributes.colourable() if not (is_known and one.key == f"column:{attributes.target}")]
