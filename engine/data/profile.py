"""What the cells of one column look like: counts and different values, from which roles are suggested."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np
import pandas as pd

from engine.data.table import Table
from engine.data.values import FALSE_WORDS, TRUE_WORDS, could_be_date, is_missing, is_number, to_dates
from engine.data.words import SPLIT_WORDS

# 12.0 is a whole number as well: so spreadsheets and pandas write ids once a cell in the column was empty.
_INTEGER = re.compile(r"[+-]?\d+(?:\.0+)?", re.ASCII)
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
        cells: [rows] object, text or None.
        decimal: decimal mark of the table.
    """

    def __init__(self, name: str, cells: np.ndarray, decimal: str = ".") -> None:
        codes, values = pd.factorize(cells)
        self.name = name
        self.decimal = decimal
        self.rows = len(cells)
        self.missing = int((codes < 0).sum())
        self._counts = np.bincount(codes[codes >= 0], minlength=len(values))
        self._codes = codes
        self.values: list[str] = [str(value) for value in values]

    @property
    def filled(self) -> int:
        """Number of cells that hold something."""
        return self.rows - self.missing

    @property
    def distinct(self) -> int:
        """Number of different values."""
        return len(self.values)

    @property
    def examples(self) -> tuple[str, ...]:
        """The first few different values, cut short."""
        return tuple(value if len(value) <= 60 else f"{value[:59]}…" for value in self.values[:5])

    @cached_property
    def keys(self) -> dict[str, int]:
        """Each different value without the blanks around it, and how many cells hold it."""
        keys: dict[str, int] = {}
        for value, count in zip(self.values, self._counts.tolist(), strict=True):
            key = value.strip()
            keys[key] = keys.get(key, 0) + count
        return keys

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
        others = [value for value in self.values if not _INTEGER.fullmatch(value.strip())]
        return len(others) < self.distinct and all(is_missing(value) for value in others)

    @cached_property
    def _could_be_numbers(self) -> bool:
        """Whether at least half of the first different values are numbers or say nothing: a quick first look."""
        sample = self.values[:_SAMPLE]
        fitting = sum(is_number(value, self.decimal) or is_missing(value) for value in sample)
        return fitting * 2 >= len(sample)

    @cached_property
    def is_mostly_integer(self) -> bool:
        """Whether all numbers are whole and nearly all cells hold one: ids, of which a few are written otherwise."""
        if self.is_integer:
            return True
        whole = sum(
            count
            for value, count in zip(self.values, self._counts.tolist(), strict=True)
            if _INTEGER.fullmatch(value.strip())
        )
        broken = any(is_number(value, self.decimal) and not _INTEGER.fullmatch(value.strip()) for value in self.values)
        return whole >= _MOSTLY * self.filled > 0 and not broken

    @cached_property
    def integers(self) -> set[int]:
        """The different values as whole numbers; only for columns of such."""
        return {int(value.strip().partition(".")[0]) for value in self.values if not is_missing(value)}

    @cached_property
    def is_padded(self) -> bool:
        """Whether some whole number has leading zeros, as codes and postcodes have."""
        return any(re.fullmatch(r"0\d+", value.strip(), re.ASCII) for value in self.values)

    @cached_property
    def numbers(self) -> float:
        """Share of the filled cells, words for "not known" left out, that are numbers."""
        if not self._could_be_numbers:
            return 0.0
        good = bad = 0
        for value, count in zip(self.values, self._counts.tolist(), strict=True):
            if is_number(value, self.decimal):
                good += count
            elif not is_missing(value):
                bad += count
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
        known = [value.strip().lower() for value in self.values if not is_missing(value)]
        return (
            0 < len(set(known)) <= 2
            and all(word in TRUE_WORDS | FALSE_WORDS for word in known)
            and any(word in TRUE_WORDS for word in known)
        )

    @cached_property
    def is_date(self) -> bool:
        """Whether the values are dates in one notation, a few faults allowed; judged on the first ones."""
        sample = [value for value in self.values[:_SAMPLE] if not is_missing(value)]
        if not sample or sum(could_be_date(value) for value in sample) < _MOSTLY * len(sample):
            return False
        days = to_dates(np.asarray(sample, dtype=object))
        return bool((~np.isnat(days)).mean() >= _MOSTLY)

    @cached_property
    def is_split(self) -> bool:
        """Whether the values are only train, valid, test, unused and the like."""
        words = {value.strip().lower() for value in self.values[:_MOST_SPELLINGS]}
        return bool(words) and self.distinct <= _MOST_SPELLINGS and words <= SPLIT_WORDS

    @cached_property
    def words(self) -> float:
        """Average number of blank-separated words in a value."""
        sample = self.values[:_SAMPLE]
        return sum(len(value.split()) for value in sample) / len(sample) if sample else 0.0

    @cached_property
    def length(self) -> float:
        """Average number of characters in a value."""
        sample = self.values[:_SAMPLE]
        return sum(len(value) for value in sample) / len(sample) if sample else 0.0

    @cached_property
    def counts_rows(self) -> bool:
        """Whether the cells count the rows: 0, 1, 2 … or 1, 2, 3 … from top to bottom."""
        is_suspect = self.name.startswith("column ") or self.rows >= _LEAST_TO_COUNT
        if not is_suspect or not self.is_unique or self.values[0] not in ("0", "1"):
            return False
        first = int(self.values[0])
        return all(value == str(first + place) for place, value in enumerate(self.values))

    def share_in(self, other: Profile) -> float:
        """Return the share of filled cells whose value the other column holds as well."""
        common = self.keys.keys() & other.keys.keys()
        if len(common) == len(self.keys):
            return 1.0 if common else 0.0
        return sum(self.keys[key] for key in common) / self.filled

    def overlap(self, other: Profile) -> float:
        """Return how much of the column with fewer different values is found in the other one."""
        fewest = min(len(self.keys), len(other.keys))
        return len(self.keys.keys() & other.keys.keys()) / fewest if fewest else 0.0


def profile_table(table: Table) -> dict[str, Profile]:
    """Return the profile of each column, by name."""
    decimal = table.form.decimal
    return {name: Profile(name, table.cells(name), decimal) for name in table.frame.columns}
