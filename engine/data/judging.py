"""What many texts look like at once: numbers, whole numbers, words for "not known", blanks around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.data.columns import LARGE, Column
from engine.data.texts import Texts
from engine.data.values import MISSING_WORDS, is_missing, is_number
from engine.data.values import plainest as of_one

# One bit for each thing that a text may be.
NUMBER, INTEGER, PADDED, MISSING, BLANKS, NEGATIVE, UNSURE = 1, 2, 4, 8, 16, 32, 64

# Python looks at so many in a tenth of a second; loading what is compiled takes longer than that.
_MANY = 8_000

# 12.0 is a whole number as well: so spreadsheets and pandas write ids once a cell in the column was empty.
_INTEGER = re.compile(r"[+-]?\d+(?:\.0+)?", re.ASCII)
_PADDED = re.compile(r"0\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about each of many texts.

    Args: flags: uint8 [M], the bits of this module. numbers: float64 [M], NaN where a text is no finite number.
    """

    flags: npt.NDArray[np.uint8]
    numbers: npt.NDArray[np.float64]

    def are(self, flag: int) -> npt.NDArray[np.bool_]:
        """Return which texts have a flag, [M] bool."""
        return np.asarray((self.flags & flag) != 0)


def judge(texts: Texts, decimal: str = ".") -> Facts:
    """Look at each text. Args: decimal: decimal mark of numbers, "." or ","."""
    flags, numbers = np.zeros(len(texts), np.uint8), np.full(len(texts), np.nan)
    if len(texts) < _MANY:
        doubtful = np.arange(len(texts))
    else:
        from engine.data.judging_kernels import judge_ascii

        judge_ascii(texts.data, texts.offsets, ord(decimal), _packed_words(), flags, numbers)
        doubtful = np.flatnonzero(flags & UNSURE)
    values = texts.to_list() if len(doubtful) == len(texts) else [texts[int(place)] for place in doubtful]
    for place, value in zip(doubtful.tolist(), values, strict=True):
        flags[place] = _flags_of(value, decimal)
        if flags[place] & NUMBER:
            number = float(value.strip().replace(",", "."))
            numbers[place] = number if np.isfinite(number) else np.nan
    return Facts(flags, numbers)


def numbers_of(column: Column, decimal: str = ".") -> npt.NDArray[np.float64]:
    """Return the cells of a column as numbers, as `engine.data.values.to_numbers` does: [rows] float64 with NaN."""
    return np.append(judge(column.values, decimal).numbers, np.nan)[column.codes]


def odd_numbers(column: Column, decimal: str = ".") -> npt.NDArray[np.int64]:
    """Return the rows whose cell is neither a number nor says that nothing is known."""
    facts = judge(column.values, decimal)
    is_odd = ~np.isfinite(facts.numbers) & ~facts.are(MISSING)
    return np.flatnonzero(np.append(is_odd, False)[column.codes]) if is_odd.any() else np.empty(0, np.int64)


def _flags_of(value: str, decimal: str) -> int:
    stripped = value.strip()
    return (
        NUMBER * is_number(value, decimal)
        | INTEGER * (_INTEGER.fullmatch(stripped) is not None)
        | PADDED * (_PADDED.fullmatch(stripped) is not None)
        | MISSING * is_missing(value)
        | BLANKS * (stripped != value)
        | NEGATIVE * (stripped.startswith("-") and len(stripped) > 1)
    )


def _packed_words() -> npt.NDArray[np.uint64]:
    """Return the words for "not known", at most 8 letters each, as the numbers that their bytes make."""
    return np.array([int.from_bytes(word.encode(), "little") for word in sorted(MISSING_WORDS)], np.uint64)


def plainest(texts: Texts) -> Texts:
    """Return each text as `engine.data.values.plainest` writes it: without case, blanks, zeros in front and behind."""
    if len(texts) < LARGE:
        return Texts.of([of_one(text) for text in texts.to_list()])
    from engine.data.judging_kernels import plainest_ascii

    data, offsets = np.zeros(len(texts.data), np.uint8), np.zeros(len(texts) + 1, np.int64)
    is_other = np.zeros(len(texts), np.bool_)
    plainest_ascii(texts.data, texts.offsets, data, offsets, is_other)
    plain = Texts(data, offsets)
    others = np.flatnonzero(is_other)
    if not len(others):
        return plain
    order = np.arange(len(texts), dtype=np.int64)
    order[others] = len(texts) + np.arange(len(others))
    return Texts.join([plain, Texts.of([of_one(texts[int(place)]) for place in others])]).take(order)
