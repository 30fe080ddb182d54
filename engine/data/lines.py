"""On which line of a file each row begins: rows that follow each other are one entry, not one number each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

_Places = npt.NDArray[np.integer] | npt.NDArray[np.bool_]


class Lines:
    """Line numbers of rows, counted from 1; -1 where a format has no lines. Read like an int64 array.

    Args: rows: int64 [K], ascending, the first row of each stretch. lines: int64 [K], its line. count: rows in all.
        In a stretch every row is one line behind the one before.
    """

    def __init__(self, rows: npt.ArrayLike, lines: npt.ArrayLike, count: int) -> None:
        self._rows, self._lines, self._count = np.asarray(rows, np.int64), np.asarray(lines, np.int64), count

    @classmethod
    def of(cls, lines: Sequence[int] | npt.NDArray[np.int64]) -> Lines:
        """Return the lines of rows that are given one by one."""
        given = np.asarray(lines, np.int64)
        begins = np.flatnonzero(np.diff(given, prepend=given[:1] - 2) != 1)
        return cls(begins, given[begins], len(given))

    def __len__(self) -> int:
        return self._count

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[np.int64]:
        return self[np.arange(self._count)].astype(dtype or np.int64)

    @overload
    def __getitem__(self, place: int | np.integer) -> int: ...
    @overload
    def __getitem__(self, place: slice | _Places) -> npt.NDArray[np.int64]: ...
    def __getitem__(self, place: int | np.integer | slice | _Places) -> int | npt.NDArray[np.int64]:
        if isinstance(place, slice):
            return self._at(np.arange(self._count, dtype=np.int64)[place])
        if isinstance(place, np.ndarray):
            return self._at(np.arange(self._count, dtype=np.int64)[place])
        if not -self._count <= place < self._count:
            raise IndexError(f"row {place} of {self._count}")
        return int(self._at(np.array([place % self._count]))[0])

    def tolist(self) -> list[int]:
        """Return all line numbers."""
        found: list[int] = self[:].tolist()
        return found

    def take(self, keep: npt.NDArray[np.bool_]) -> Lines:
        """Return the lines of the rows where keep [rows] is true."""
        return self if keep.all() else Lines.of(self[keep])

    @classmethod
    def join(cls, parts: Sequence[Lines]) -> Lines:
        """Return the lines of several tables, one behind the other."""
        if len(parts) == 1:
            return parts[0]
        before = np.cumsum([0, *(len(part) for part in parts)])
        rows = [part._rows + first for part, first in zip(parts, before, strict=False)]
        return cls(np.concatenate(rows), np.concatenate([part._lines for part in parts]), int(before[-1]))

    def _at(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        stretch = np.searchsorted(self._rows, rows, side="right") - 1
        return np.asarray(self._lines[stretch] + rows - self._rows[stretch], np.int64)


def as_lines(lines: Lines | npt.NDArray[np.int64]) -> Lines:
    """Return lines in this form."""
    return lines if isinstance(lines, Lines) else Lines.of(lines)


class LinesBuilder:
    """Collects stretches of rows as they are read."""

    def __init__(self) -> None:
        self.count = 0
        self._rows: list[int] = []
        self._lines: list[int] = []
        self._next = -1

    def add(self, line: int, count: int) -> None:
        """Add rows that begin on `line` and the lines behind it, one each."""
        if line != self._next:
            self._rows.append(self.count)
            self._lines.append(line)
        self.count += count
        self._next = line + count

    def lines(self) -> Lines:
        """Return what was collected."""
        return Lines(self._rows, self._lines, self.count)
