"""Text cells as numbers, booleans and dates: the one place that knows how people write them."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

# How people write "not known" in a column of numbers. In ids and categories these words are kept as they are.
MISSING_WORDS = frozenset(
    {"na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "#n/a", "missing", "unknown"}
)
TRUE_WORDS = frozenset({"true", "t", "yes", "y", "1", "ja", "j", "oui", "si", "sí", "vrai", "wahr", "是", "真"})
FALSE_WORDS = frozenset({"false", "f", "no", "n", "0", "nein", "non", "faux", "falsch", "否", "假"})

_NUMBER = r"[+-]?(?:\d+(?:\{mark}\d*)?|\{mark}\d+)(?:[eE][+-]?\d+)?"
_NUMBERS = {mark: re.compile(_NUMBER.replace("{mark}", mark), re.ASCII) for mark in ".,"}
_DATES = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%b-%Y",
    "%Y年%m月%d日",
)
_LOOK = re.compile(r"\d{1,4}[-/.年]\w{1,3}[-/.月]\d{1,4}", re.ASCII)
_WHOLE = re.compile(r"0*(\d+?)(?:\.0+)?", re.ASCII)
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$", re.ASCII)


def is_missing(cell: str | None) -> bool:
    """Say whether a cell of a column of numbers, booleans or dates holds no value."""
    return cell is None or not cell.strip() or cell.strip().lower() in MISSING_WORDS


def is_number(cell: str, decimal: str = ".") -> bool:
    """Say whether the text is one finite number, written plainly or with an exponent."""
    return _NUMBERS[decimal].fullmatch(cell.strip()) is not None


def to_numbers(cells: np.ndarray, decimal: str = ".") -> np.ndarray:
    """Read text cells as numbers.

    Args: cells: [rows] object, text or None. decimal: decimal mark, "." or ",".
    Returns: [rows] float64; NaN where a cell is empty, says that nothing is known, or is no number.
    """
    codes, values = pd.factorize(np.asarray(cells, dtype=object), use_na_sentinel=True)
    table = np.full(len(values) + 1, np.nan)
    for position, value in enumerate(values):
        if is_number(value, decimal):
            table[position] = float(value.strip().replace(",", "."))
    table[~np.isfinite(table)] = np.nan
    return table[codes]


def to_booleans(cells: np.ndarray) -> np.ndarray:
    """Read text cells as 1 (true), 0 (false) or NaN (neither): [rows] float64."""
    codes, values = pd.factorize(np.asarray(cells, dtype=object), use_na_sentinel=True)
    table = np.full(len(values) + 1, np.nan)
    for position, value in enumerate(values):
        word = value.strip().lower()
        if word in TRUE_WORDS or word in FALSE_WORDS:
            table[position] = float(word in TRUE_WORDS)
    return table[codes]


def could_be_date(cell: str) -> bool:
    """Say whether the text has the outward look of a date: digits at the start, and a mark between them."""
    return _LOOK.match(cell.strip()) is not None


def date_format(cells: list[str]) -> str | None:
    """Return the one day format in which all of these cells are written, or None.

    Args: cells: text; a time of day after the date is allowed and kept out of the format.
    """
    if not cells or not all(could_be_date(cell) for cell in cells):
        return None
    days = [_CLOCK.sub("", cell.strip()) for cell in cells]
    for pattern in _DATES:
        if pd.to_datetime(pd.Series(days), format=pattern, errors="coerce").notna().all():
            return pattern
    return None


def to_dates(cells: np.ndarray) -> np.ndarray:
    """Read text cells as days: [rows] datetime64[s], NaT where a cell is empty or not written like the others.

    The format is the one that fits the most different values, so that 03/04/2020 is read like 25/04/2020 beside it.
    """
    codes, values = pd.factorize(np.asarray(cells, dtype=object), use_na_sentinel=True)
    days = pd.Series([_CLOCK.sub("", value.strip()) for value in values], dtype=object)
    best = np.full(len(values), np.datetime64("NaT", "s"))
    for pattern in _DATES:
        tried = pd.to_datetime(days, format=pattern, errors="coerce").to_numpy().astype("datetime64[s]")
        if (~np.isnat(tried)).sum() > (~np.isnat(best)).sum():
            best = tried
    return np.append(best, np.datetime64("NaT", "s"))[codes]


def plainest(text: str) -> str:
    """Return an id without what people write in two ways: case, blanks, zeros in front, .0 behind, wide letters."""
    key = text if text.isascii() else unicodedata.normalize("NFKC", text)
    key = "".join(key.split()).casefold()
    if key[-1:] != "0" and key[:1] != "0":
        return key
    number = _WHOLE.fullmatch(key)
    return number[1] if number else key
