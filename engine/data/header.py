"""Tell whether the first row of a table holds names, and make the names usable."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.data.issues import IssueLog
from engine.data.values import MISSING_WORDS
from engine.data.words import SPLIT_WORDS, is_header_word

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?", re.ASCII)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first of these rows holds names.

    A word above a column of numbers settles it; so does a number or a split word above its like. Among words alone,
    names do not come again below, and people give columns certain names.
    """
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    body = [row for row in rows[1:] if len(row) in (len(first), len(first) + 1)]
    if not body:
        return not any(_is_value(cell) for cell in first) and (len(rows) > 1 or _looks_like_names(first))
    shift = 1 if sum(len(row) == len(first) + 1 for row in body) > len(body) / 2 else 0
    columns = [[row[k + shift].strip() for row in body if k + shift < len(row)] for k in range(len(first))]
    if any(_is_word_above_values(cell, below) for cell, below in zip(first, columns, strict=True)):
        return True
    if any(_is_value(cell) for cell in first) or any(cell.lower() in SPLIT_WORDS for cell in first):
        return False
    return _are_names(first, columns)


def _is_value(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _is_word_above_values(cell: str, below: Sequence[str]) -> bool:
    filled = [value for value in below if value and value.lower() not in MISSING_WORDS]
    if not cell or _is_value(cell) or cell.lower() in MISSING_WORDS or not filled:
        return False
    if sum(_is_value(value) for value in filled) >= 0.9 * len(filled):
        return True
    # A column of split words has a name that is none: "split" above train, val, test.
    return cell.lower() not in SPLIT_WORDS and all(value.lower() in SPLIT_WORDS for value in filled)


def _are_names(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    named = [cell for cell in first if cell]
    if any(is_header_word(cell) for cell in named):
        return True
    everything = {value for below in columns for value in below}
    if len(set(named)) < len(named) or any(cell in everything for cell in named):
        return False
    # Values of one column are written alike ("hsa-miR-155-5p"); a name above them is not.
    odd = sum(_shape(cell) not in {_shape(v) for v in below} for cell, below in zip(first, columns, strict=True))
    return odd * 2 >= len(first) or len(first) != 2


def _shape(text: str) -> str:
    shape = re.sub(r"\d+", "0", text)
    shape = re.sub(r"[A-Z]+", "A", re.sub(r"[a-z]+", "a", shape))
    return re.sub(r"\s+", " ", shape)


def _looks_like_names(first: Sequence[str]) -> bool:
    return any(is_header_word(cell) for cell in first)


def readable(text: str) -> str:
    """Return text that can be shown and stored: bytes that were no text, and zero bytes, as backslash codes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\0")


def usable_names(cells: Sequence[str], file: str, line: int, issues: IssueLog) -> list[str]:
    """Return one name for each column: trimmed, never empty, each once; what had to be changed becomes an issue."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        wanted = readable(cell.strip()) or f"column {place}"
        name = wanted
        number = 2
        while name in names:
            name = f"{wanted} ({number})"
            number += 1
        if name != wanted:
            text = f"Several columns are called {wanted!r}; this one is called {name!r} here."
            issues.add("data.duplicate_column", text, file=file, line=line, column=name, value=cell)
        elif not cell.strip():
            text = f"Column {place} has no name; it is called {name!r} here."
            issues.add("data.unnamed_column", text, file=file, line=line, column=name)
        names.append(name)
    return names
