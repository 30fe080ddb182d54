"""A column of a table in two parts: its different texts, and for each row the number of the one it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.data.texts import Texts

if TYPE_CHECKING:
    import pyarrow as pa

# From here on compiled code pays for being loaded.
LARGE = 50_000


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one column.

    Args:
        codes: int32 [rows], the number of each cell's text; -1 where the file has nothing.
        values: the different texts, in the order in which they first appear; each is in use.
    """

    codes: npt.NDArray[np.int32]
    values: Texts

    @classmethod
    def of(cls, cells: Sequence[str | None] | npt.NDArray[np.object_]) -> Column:
        """Return a column of these cells, text or None; an empty text counts as a text."""
        array = np.empty(len(cells), dtype=object)
        array[:] = cells
        codes, values = pd.factorize(array, use_na_sentinel=True)
        return cls(codes.astype(np.int32), Texts.of([str(value) for value in values]))

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.tolist())

    def __getitem__(self, row: int | np.integer) -> str | None:
        return self.text(row)

    def tolist(self) -> list[str | None]:
        """Return the cells as Python's texts and None."""
        found: list[str | None] = self.objects().tolist()
        return found

    def objects(self) -> npt.NDArray[np.object_]:
        """Return the cells, [rows] object: text or None. Equal cells share one object."""
        out: npt.NDArray[np.object_] = np.append(self.values.objects(), [None])[self.codes]
        return out

    def to_arrow(self) -> pa.Array:
        """Return the cells as an arrow array of text, null where the file has nothing."""
        import pyarrow as pa

        offsets, data = pa.py_buffer(self.values.offsets), pa.py_buffer(self.values.data)
        texts = pa.LargeStringArray.from_buffers(len(self.values), offsets, data).cast(pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(self.codes, mask=self.codes < 0), texts).cast(pa.string())

    def text(self, row: int | np.integer) -> str | None:
        """Return one cell."""
        code = int(self.codes[row])
        return None if code < 0 else self.values[code]

    def head(self, count: int) -> list[str | None]:
        """Return the first cells."""
        return [self.text(row) for row in range(min(count, len(self)))]

    def is_empty(self) -> npt.NDArray[np.bool_]:
        """Return which cells hold nothing, [rows] bool."""
        return self.codes < 0

    def counts(self) -> npt.NDArray[np.int64]:
        """Return how many cells hold each text, int64 [values]."""
        counts = np.zeros(len(self.values) + 1, np.int64)
        for begin in range(0, len(self.codes), 1 << 20):
            part = self.codes[begin : begin + (1 << 20)].astype(np.int64)
            counts += np.bincount(part + 1, minlength=len(counts))
        return counts[1:]

    def firsts(self) -> npt.NDArray[np.int64]:
        """Return the first row that holds each text, int64 [values]."""
        if len(self.values) < LARGE:
            return _first_places(self.codes, len(self.values))
        from engine.data.interning import first_rows

        # Texts are numbered as they first appear, so the next new one is the next number.
        firsts = np.empty(len(self.values), np.int64)
        first_rows(self.codes, firsts)
        return firsts

    def take(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Column:
        """Return some rows, by a mask or by their numbers."""
        codes = self.codes[rows]
        first = _first_places(codes, len(self.values))
        used = np.flatnonzero(first >= 0)
        used = used[np.argsort(first[used], kind="stable")]
        if len(used) == len(self.values) and (used[:-1] < used[1:]).all():
            return Column(codes, self.values)
        anew = np.full(len(self.values) + 1, -1, np.int32)
        anew[used] = np.arange(len(used), dtype=np.int32)
        return Column(anew[codes], self.values.take(used))

    def with_texts(self, texts: Sequence[str | None]) -> Column:
        """Return the same rows with another text for each of the values; None empties its cells."""
        codes, values = pd.factorize(np.asarray(texts, dtype=object), use_na_sentinel=True)
        anew = np.append(codes.astype(np.int32), np.int32(-1))
        return Column(anew[self.codes], Texts.of([str(value) for value in values]))

    def padded(self, count: int) -> Column:
        """Return the column with empty cells behind its own, `count` in all."""
        if count == len(self):
            return self
        return Column(np.concatenate([self.codes, np.full(count - len(self), -1, np.int32)]), self.values)

    @classmethod
    def join(cls, columns: Sequence[Column]) -> Column:
        """Return the cells of several columns, one below the other."""
        if len(columns) == 1:
            return columns[0]
        union = number([column.values for column in columns])
        return cls(
            np.concatenate(
                [
                    np.append(codes, np.int32(-1))[column.codes]
                    for codes, column in zip(union.codes, columns, strict=True)
                ]
            ),
            union.texts,
        )


@dataclass(frozen=True, slots=True)
class Numbered:
    """Several lists of texts as one without repeats.

    Args: texts: each different text once. codes: for each list its texts' places in `texts`, int32.
    """

    texts: Texts
    codes: list[npt.NDArray[np.int32]]


def number(lists: Sequence[Texts]) -> Numbered:
    """Number the texts of several lists as they first appear, list after list."""
    if sum(map(len, lists)) < LARGE:
        places: dict[str, int] = {}
        codes = [
            np.array([places.setdefault(text, len(places)) for text in texts.to_list()], np.int32) for texts in lists
        ]
        return Numbered(Texts.of(list(places)), codes)
    from engine.data.interning import Interner

    known = Interner(max(map(len, lists)))
    codes = [known.add(texts) for texts in lists]
    return Numbered(known.texts(), codes)


@dataclass(frozen=True, slots=True)
class Joined:
    """Two columns whose texts share one list of numbers.

    Args: texts: the texts known before, then the others as they first appear, the left column before the right one in
        each row. left, right: int32 [values], number of each text of the two columns.
    """

    texts: Texts
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]


def number_rows(known: Texts, left: Column, right: Column) -> Joined:
    """Number the texts of two columns row by row, behind texts that are known, all different."""
    if len(known) + len(left.values) + len(right.values) >= LARGE:
        return _number_many(known, left, right)
    both = Texts.join([left.values, right.values])
    order = np.argsort(np.concatenate([2 * left.firsts(), 2 * right.firsts() + 1]), kind="stable")
    found = number([known, Texts.of([both[int(place)] for place in order])])
    codes = np.empty(len(both), np.int32)
    codes[order] = found.codes[1]
    return Joined(found.texts, codes[: len(left.values)], codes[len(left.values) :])


def _number_many(known: Texts, left: Column, right: Column) -> Joined:
    """Find the texts that the lists share first, each list in its own order, then number all of them row by row."""
    from engine.data.interning import Interner, chosen_texts, number_in_row_order

    table = Interner(max(len(known), len(left.values)))
    with ThreadPoolExecutor(2) as pool:
        rows = pool.map(Column.firsts, (left, right))
        table.add(known)
        ours = table.add(left.values)
        theirs = np.concatenate(list(pool.map(table.find, right.values.halves())))
    anew = np.full(table.count, -1, np.int32)
    anew[: len(known)] = np.arange(len(known), dtype=np.int32)
    del table
    origin = np.empty(len(ours) + len(theirs), np.int32)
    count = number_in_row_order(*rows, ours, theirs, anew, len(known), origin)
    new = chosen_texts(left.values, right.values, origin[: count - len(known)])
    return Joined(Texts.join([known, new]) if len(known) else new, ours, theirs)


def places_in(texts: Texts, known: Texts) -> npt.NDArray[np.int32]:
    """Return where each text stands in `known`, -1 where it does not: int32 [texts]."""
    if len(texts) + len(known) < LARGE:
        places = {text: place for place, text in enumerate(known.to_list())}
        return np.array([places.get(text, -1) for text in texts.to_list()], np.int32)
    from engine.data.interning import Interner

    table = Interner(len(known))
    table.add(known)
    return table.find(texts)


def _first_places(codes: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.int64]:
    first = np.full(count + 1, -1, np.int64)
    step = 1 << 20
    # From the end to the beginning, so that what is written last is what comes first; -1 writes behind the end.
    for begin in range((max(len(codes) - 1, 0) // step) * step, -1, -step):
        part = codes[begin : begin + step][::-1]
        first[part] = np.arange(begin + len(part) - 1, begin - 1, -1, dtype=np.int64)
    return first[:-1]


class TextFrame(Mapping[str, pd.Series]):
    """Columns of text by name: read like a data frame, kept in a tenth of its memory.

    A column that is asked for by name is made into a series of Python's texts, and not kept.

    Args: columns: name to column, all of one length. rows: that length, needed where there is no column.
    """

    def __init__(self, columns: Mapping[str, Column], rows: int | None = None) -> None:
        self._columns = dict(columns)
        self._rows = rows if rows is not None else len(next(iter(self._columns.values()), ()))

    def __getitem__(self, name: str) -> pd.Series:
        return pd.Series(self._columns[name].objects(), dtype=object, name=name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return self._rows

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._columns)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self._rows, len(self._columns)

    def column(self, name: str) -> Column:
        """Return a column as it is kept."""
        return self._columns[name]

    def with_column(self, name: str, column: Column) -> TextFrame:
        """Return the same table with other cells in one column."""
        return TextFrame({**self._columns, name: column}, self._rows)

    def head(self, count: int) -> pd.DataFrame:
        """Return the first rows as a data frame."""
        cells = {name: np.array(column.head(count), dtype=object) for name, column in self._columns.items()}
        return pd.DataFrame(cells, index=range(min(count, self._rows)), dtype=object)

    def to_pandas(self) -> pd.DataFrame:
        """Return everything as a data frame of Python's texts: ten times the memory."""
        cells = {name: column.objects() for name, column in self._columns.items()}
        return pd.DataFrame(cells, index=range(self._rows), dtype=object)

    def to_numpy(self) -> npt.NDArray[np.object_]:
        """Return all cells, [rows, columns] object."""
        return self.to_pandas().to_numpy()

    def equals(self, other: TextFrame) -> bool:
        """Say whether the other table has the same columns with the same cells."""
        return self.to_pandas().equals(other.to_pandas())


def column_of(frame: TextFrame | pd.DataFrame, name: str) -> Column:
    """Return a column of either kind of table."""
    return frame.column(name) if isinstance(frame, TextFrame) else Column.of(np.asarray(frame[name], dtype=object))


def with_column(frame: TextFrame | pd.DataFrame, name: str, column: Column) -> TextFrame | pd.DataFrame:
    """Return either kind of table with other cells in one column."""
    if isinstance(frame, TextFrame):
        return frame.with_column(name, column)
    return frame.assign(**{name: pd.Series(column.objects(), index=frame.index, dtype=object)})
