"""What the cells of one column look like: counts and different values, from which roles are suggested."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.data.columns import LARGE, Column, Numbered, number, places_in
from engine.data.judging import BLANKS, INTEGER, MISSING, NEGATIVE, NUMBER, PADDED, Facts, judge
from engine.data.table import Table
from engine.data.texts import Texts
from engine.data.values import FALSE_WORDS, TRUE_WORDS, could_be_date, is_missing, is_number, to_dates
from engine.data.words import SPLIT_WORDS

if TYPE_CHECKING:
    from engine.data.interning import Interner

_SAMPLE = 2000
# Ways to write a few words: cases, blanks around them.
_MOST_SPELLINGS = 100
_MOSTLY = 0.9
# In fewer rows 1, 2, 3 may well be values; an unnamed column of them never is.
_LEAST_TO_COUNT = 10


class Profile:
    """One column, its different values counted once; blanks around a value do not make it another one.

    Args:
        name: the column.
        cells: the column, or [rows] object, text or None.
        decimal: decimal mark of the table.
    """

    def __init__(self, name: str, cells: Column | npt.NDArray[np.object_], decimal: str = ".") -> None:
        column = cells if isinstance(cells, Column) else Column.of(cells)
        self.name = name
        self.decimal = decimal
        self.rows = len(column)
        self._texts = column.values
        self._counts = column.counts()
        self.missing = self.rows - int(self._counts.sum())

    @cached_property
    def _facts(self) -> Facts:
        return judge(self._texts, self.decimal)

    @cached_property
    def _sample(self) -> list[str]:
        """The first different values."""
        return self._texts.to_list(_SAMPLE)

    @property
    def filled(self) -> int:
        """Number of cells that hold something."""
        return self.rows - self.missing

    @property
    def distinct(self) -> int:
        """Number of different values."""
        return len(self._texts)

    @property
    def examples(self) -> tuple[str, ...]:
        """The first few different values, cut short."""
        return tuple(value if len(value) <= 60 else f"{value[:59]}…" for value in self._texts.to_list(5))

    @cached_property
    def _keys(self) -> Numbered:
        """The different values without the blanks around them, and the number of each value among those."""
        if not self._facts.are(BLANKS).any():
            return Numbered(self._texts, [np.arange(len(self._texts), dtype=np.int32)])
        return number([Texts.of([value.strip() for value in self._texts.to_list()])])

    @property
    def num_keys(self) -> int:
        """Number of different values, blanks around them left out."""
        return len(self._keys.texts)

    def keys(self, most: int) -> list[str]:
        """Return the first different values without the blanks around them."""
        return self._keys.texts.to_list(most)

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.rows > 0 and self.missing == 0 and self.distinct == self.rows

    @property
    def is_nearly_unique(self) -> bool:
        """Whether nearly every row has a value of its own, as in an id column with a few faults."""
        return self.rows > 0 and self.distinct >= 0.9 * self.rows and self.missing <= 0.05 * self.rows

    @property
    def is_constant(self) -> bool:
        """Whether all filled cells hold the same."""
        return self.distinct == 1

    @cached_property
    def is_integer(self) -> bool:
        """Whether all values are whole numbers, leading zeros and words for "not known" allowed."""
        if not self._could_be_numbers:
            return False
        is_whole = self._facts.are(INTEGER)
        return bool(is_whole.any() and (is_whole | self._facts.are(MISSING)).all())

    @cached_property
    def _could_be_numbers(self) -> bool:
        """Whether at least half of the first different values are numbers or say nothing: a quick first look."""
        sample = self._sample
        fitting = sum(is_number(value, self.decimal) or is_missing(value) for value in sample)
        return fitting * 2 >= len(sample)

    @cached_property
    def is_mostly_integer(self) -> bool:
        """Whether all numbers are whole and nearly all cells hold one: ids, of which a few are written otherwise."""
        if self.is_integer:
            return True
        is_whole = self._facts.are(INTEGER)
        if (self._facts.are(NUMBER) & ~is_whole).any():
            return False
        return bool(int(self._counts[is_whole].sum()) >= _MOSTLY * self.filled > 0)

    @cached_property
    def integers(self) -> set[int]:
        """The different values as whole numbers; only for columns of such."""
        return {int(value.strip().partition(".")[0]) for value in self._texts.to_list() if not is_missing(value)}

    @cached_property
    def highest(self) -> float:
        """The highest whole number among the values; only for columns of such."""
        if self.distinct < LARGE:
            return max(self.integers)
        return float(np.nanmax(self._facts.numbers))

    @cached_property
    def is_padded(self) -> bool:
        """Whether some whole number has leading zeros, as codes and postcodes have."""
        return bool(self._facts.are(PADDED).any())

    @cached_property
    def has_negative(self) -> bool:
        """Whether some value begins with a minus sign."""
        return bool(self._facts.are(NEGATIVE).any())

    @cached_property
    def widths(self) -> set[int]:
        """The different numbers of characters in a value, blanks around it left out."""
        return {len(value.strip()) for value in self._texts.to_list()}

    @cached_property
    def numbers(self) -> float:
        """Share of the filled cells, words for "not known" left out, that are numbers."""
        if not self._could_be_numbers:
            return 0.0
        is_good = self._facts.are(NUMBER)
        good = int(self._counts[is_good].sum())
        bad = int(self._counts[~is_good & ~self._facts.are(MISSING)].sum())
        return good / (good + bad) if good else 0.0

    @property
    def is_number(self) -> bool:
        """Whether the column is one of numbers, a few faults allowed."""
        return self.numbers >= _MOSTLY

    @cached_property
    def is_boolean(self) -> bool:
        """Whether the values are yes and no in some language, or 1 and 0."""
        if self.distinct > _MOST_SPELLINGS:
            return False
        known = [value.strip().lower() for value in self._sample if not is_missing(value)]
        return (
            0 < len(set(known)) <= 2
            and all(word in TRUE_WORDS | FALSE_WORDS for word in known)
            and any(word in TRUE_WORDS for word in known)
        )

    @cached_property
    def is_date(self) -> bool:
        """Whether the values are dates in one notation, a few faults allowed; judged on the first ones."""
        sample = [value for value in self._sample if not is_missing(value)]
        if not sample or sum(could_be_date(value) for value in sample) < _MOSTLY * len(sample):
            return False
        days = to_dates(np.asarray(sample, dtype=object))
        return bool((~np.isnat(days)).mean() >= _MOSTLY)

    @cached_property
    def is_split(self) -> bool:
        """Whether the values are only train, valid, test, unused and the like."""
        words = {value.strip().lower() for value in self._sample[:_MOST_SPELLINGS]}
        return bool(words) and self.distinct <= _MOST_SPELLINGS and words <= SPLIT_WORDS

    @cached_property
    def words(self) -> float:
        """Average number of blank-separated words in a value."""
        sample = self._sample
        return sum(len(value.split()) for value in sample) / len(sample) if sample else 0.0

    @cached_property
    def length(self) -> float:
        """Average number of characters in a value."""
        sample = self._sample
        return sum(len(value) for value in sample) / len(sample) if sample else 0.0

    @cached_property
    def counts_rows(self) -> bool:
        """Whether the cells count the rows: 0, 1, 2 … or 1, 2, 3 … from top to bottom."""
        is_suspect = self.name.startswith("column ") or self.rows >= _LEAST_TO_COUNT
        if not is_suspect or not self.is_unique or self._sample[0] not in ("0", "1"):
            return False
        first = int(self._sample[0])
        if any(value != str(first + place) for place, value in enumerate(self._sample)):
            return False
        # A whole number as long as it has to be is written in the one way there is.
        expected = np.arange(first, first + self.rows)
        width = np.ones(self.rows, np.int64)
        for power in range(1, len(str(first + self.rows))):
            width += expected >= 10**power
        is_right = self._facts.are(INTEGER) & (self._facts.numbers == expected) & (self._texts.lengths() == width)
        return bool(is_right.all())

    def common(self, other: Profile) -> int:
        """Return how many different values both columns hold."""
        return int(self._is_in(other).sum())

    def share_in(self, other: Profile) -> float:
        """Return the share of filled cells whose value the other column holds as well."""
        is_common = self._is_in(other)
        if is_common.all():
            return 1.0 if len(is_common) else 0.0
        return int(self._counts[is_common[self._keys.codes[0]]].sum()) / self.filled

    def overlap(self, other: Profile) -> float:
        """Return how much of the column with fewer different values is found in the other one."""
        fewest = min(self.num_keys, other.num_keys)
        return self.common(other) / fewest if fewest else 0.0

    def _is_in(self, other: Profile) -> npt.NDArray[np.bool_]:
        """Return which of the different values the other column holds as well, [keys] bool."""
        found = np.zeros(self.num_keys + 1, dtype=bool)
        # Values of the other column are looked up here, not the other way round: ends of edges are compared with
        # many columns, and one table of them does for all.
        found[self._places_of(other._keys.texts)] = True
        return found[:-1]

    def _places_of(self, texts: Texts) -> npt.NDArray[np.int32]:
        if self.num_keys + len(texts) < LARGE:
            return places_in(texts, self._keys.texts)
        return self._table.find(texts)

    @cached_property
    def _table(self) -> Interner:
        from engine.data.interning import Interner

        table = Interner(self.num_keys)
        table.add(self._keys.texts)
        return table


def profile_table(table: Table) -> dict[str, Profile]:
    """Return the profile of each column, by name."""
    decimal = table.form.decimal
    return {name: Profile(name, table.column(name), decimal) for name in map(str, table.frame.columns)}
