"""Columns that the user made of selections: one value for each node, kept in the project and usable like any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.kit.later import np
from app.kit.translate import tr
from app.session.attributes import Attribute
from app.session.commands import Change
from app.session.packed import pack_codes, unpack_codes
from app.session.texts import chosen

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

Plain = dict[str, Any]  # Any: JSON values
OWN = "own:"  # how the keys of their attributes begin


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """One column. Args: values: the different ones. packed: which of them each node has, -1 for none, as text."""

    name: str
    values: tuple[str, ...]
    packed: str

    def codes(self, count: int) -> NDArray[np.int16]:
        """Return the number of each node's value, -1 for none, int16 [count]; of another graph none at all."""
        try:
            return unpack_codes(self.packed, count)
        except ValueError:
            return np.full(count, -1, dtype=np.int16)


class OwnColumns(QObject):
    """The columns made in the window, by name; every change is undoable."""

    changed = Signal()

    def __init__(self, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo_stack = undo_stack
        self._columns: dict[str, OwnColumn] = {}
        self._made: dict[tuple[OwnColumn, int], Attribute] = {}

    def names(self) -> list[str]:
        """Return the names, oldest first."""
        return list(self._columns)

    def get(self, name: str) -> OwnColumn | None:
        """Return a column."""
        return self._columns.get(name)

    def write(self, name: str, mask: NDArray[np.bool_], value: str, others: str = "") -> None:
        """Give some nodes a value in a column, which is made where there is none of that name.

        Args: mask: bool [N]. value: of these nodes. others: of the rest in a new column; empty leaves them without.
        """
        column = self._columns.get(name)
        values = list(column.values) if column is not None else []
        codes = column.codes(len(mask)) if column is not None else np.full(len(mask), -1, dtype=np.int16)
        if column is None and others:
            values.append(others)
            codes[:] = 0
        if value not in values:
            values.append(value)
        codes[mask] = values.index(value)
        made = OwnColumn(name, tuple(values), pack_codes(codes))
        self._push(tr("Write column “{name}”", name=name), {**self._columns, name: made})

    def remove(self, name: str) -> None:
        """Take a column away."""
        after = {other: column for other, column in self._columns.items() if other != name}
        self._push(tr("Delete column “{name}”", name=name), after)

    def attributes(self, count: int, given: Collection[str] = ()) -> list[Attribute]:
        """Return the columns as attributes of so many nodes. Args: given: names that the data have as well, by now."""
        wanted = [(column, count) for column in self._columns.values() if column.name not in given]
        self._made = {one: self._made.get(one) or _attribute(*one) for one in wanted}
        return list(self._made.values())

    def to_file(self, name: str, ids: NDArray[np.object_], path: Path) -> None:
        """Write a column as a table of ids and values, which the import reads like any other.

        Raises: OSError: the file cannot be written.
        """
        import csv  # not before the first paint

        column = self._columns[name]
        values = chosen(column.codes(len(ids)).astype(np.int32), column.values)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", name])
            writer.writerows([own, value] for own, value in zip(ids, values, strict=True) if value is not None)

    def to_plain(self) -> Plain:
        """Return what the project remembers."""
        return {
            name: {"values": list(column.values), "packed": column.packed} for name, column in self._columns.items()
        }

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Show what a project remembers; not a step."""
        self._put(
            {name: OwnColumn(name, tuple(map(str, one["values"])), str(one["packed"])) for name, one in plain.items()}
        )

    def _push(self, text: str, after: dict[str, OwnColumn]) -> None:
        if after != self._columns:
            self._undo_stack.push(Change(text, self._columns, after, self._put))

    def _put(self, columns: dict[str, OwnColumn]) -> None:
        if columns != self._columns:
            self._columns = columns
            self.changed.emit()


def _attribute(column: OwnColumn, count: int) -> Attribute:
    codes, values = column.codes(count).astype(np.int32), column.values
    texts = chosen(codes, values)
    return Attribute(OWN + column.name, column.name, "category", texts, values, is_given=True, coded=codes)


def safe_name(name: str) -> str:
    """Return a name as a file may be called on any system."""
    kept = "".join(letter if letter.isalnum() or letter in "-_ " else "_" for letter in name).strip()
    return kept[:80] or "column"


def name_problem(name: str, taken: Sequence[str]) -> str:
    """Return why a new column cannot have a name, or "". Args: taken: titles of columns that are not one's own."""
    if not name.strip():
        return tr("Give the column a name.")
    if name.strip().casefold() in {one.casefold() for one in taken}:
        return tr("There is a column of that name already; choose another one.")
    return ""
