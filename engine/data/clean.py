"""Look over the cells of understood tables: blanks around ids, values that are not of their column's kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from engine.data.issues import IssueLog
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.table import Table
from engine.data.values import is_missing, to_booleans, to_dates, to_numbers

_WHOLE = re.compile(r"0*(\d+?)(?:\.0+)?", re.ASCII)
_ID_ROLES = (Role.NODE_ID, Role.EDGE_SOURCE, Role.EDGE_TARGET)
_USED_ROLES = (Role.FEATURE, Role.TARGET)
_READERS = {ColumnKind.BOOLEAN: "neither yes nor no", ColumnKind.DATE: "not a date like the others"}


def trim_ids(table: Table, issues: IssueLog) -> Table:
    """Return the table with the blanks around its ids taken away, which is noted.

    Where two rows of a node table would then have the same id, its ids stay as they are, and that is noted.
    """
    frame = table.frame
    for name, column in table.columns.items():
        if column.role not in _ID_ROLES:
            continue
        cells = table.cells(name)
        codes, values = pd.factorize(cells)
        trimmed = np.asarray([value.strip() for value in values], dtype=object)
        changed = trimmed != values
        if not changed.any():
            continue
        rows = np.flatnonzero(np.append(changed, False)[codes])
        count, line = f"{len(rows):,} {'id has' if len(rows) == 1 else 'ids have'}", int(table.lines[rows[0]])
        place = {"file": table.path.name, "line": line, "column": name, "value": str(cells[rows[0]])}
        if table.kind is TableKind.NODES and len(set(trimmed)) < len(trimmed):
            text = f"{count} blanks around them; without them two nodes would be one, so they stay."
            issues.add("data.blanks", text, **place)  # type: ignore[arg-type]  # text and one line number
            continue
        text = f"{count} blanks around them; they are read without."
        issues.add("data.blanks", text, **place)  # type: ignore[arg-type]  # text and one line number
        trimmed[trimmed == ""] = None
        trimmed = np.append(trimmed, [None])
        frame = frame.assign(**{name: pd.Series(trimmed[codes], index=frame.index, dtype=object)})
    return table if frame is table.frame else replace(table, frame=frame)


def note_values(table: Table, issues: IssueLog) -> None:
    """Note each cell that is not of the kind its column has; it counts as unknown. Blanks in categories are noted."""
    for name, column in table.columns.items():
        if column.role not in _USED_ROLES:
            continue
        cells = table.cells(name)
        if column.kind is ColumnKind.CATEGORY:
            _note_blanks(table, name, cells, issues)
        known = _readable(cells, column.kind, column.decimal)
        if known is None:
            continue
        expected = _READERS.get(column.kind, "not a number")
        for row in np.flatnonzero(~known):
            if not is_missing(cells[row]):
                text = f"{cells[row]!r} is {expected}; it counts as unknown."
                line = int(table.lines[row]) if table.lines[row] > 0 else None
                issues.add("data.value", text, file=table.path.name, line=line, column=name, value=cells[row])


def _readable(cells: np.ndarray, kind: ColumnKind, decimal: str) -> np.ndarray | None:
    if kind is ColumnKind.NUMBER:
        return np.asarray(np.isfinite(to_numbers(cells, decimal)))
    if kind is ColumnKind.BOOLEAN:
        return np.asarray(np.isfinite(to_booleans(cells)))
    return np.asarray(~np.isnat(to_dates(cells))) if kind is ColumnKind.DATE else None


def _note_blanks(table: Table, name: str, cells: np.ndarray, issues: IssueLog) -> None:
    codes, values = pd.factorize(cells)
    with_blanks = np.asarray([value != value.strip() for value in values], dtype=bool)
    rows = np.flatnonzero(np.append(with_blanks, False)[codes])
    if len(rows):
        text = f"{len(rows):,} cells have blanks around them and stay as they are; they differ from cells without."
        line = int(table.lines[rows[0]])
        place = cells[rows[0]]
        issues.add("data.category_blanks", text, file=table.path.name, line=line, column=name, value=place)


def note_similar_ids(ids: Sequence[str] | np.ndarray, issues: IssueLog, file: str = "") -> int:
    """Note ids that differ only in how they are written: case, blanks, leading zeros, 7.0 for 7, character encoding.

    Returns: how many ids resemble an earlier one.
    """
    first: dict[str, str] = {}
    pairs = []
    for text in ids:
        if first.setdefault(_plainest(text), text) != text:
            pairs.append((first[_plainest(text)], text))
    if pairs:
        left, right = pairs[0]
        noun = "1 id differs" if len(pairs) == 1 else f"{len(pairs):,} ids differ"
        text = (
            f"{noun} from another only in how it is written, such as {left!r} and {right!r} "
            "(case, blanks, zeros, encoding); they are different nodes."
        )
        issues.add("data.similar_ids", text, file=file, value=right, count=len(pairs))
    return len(pairs)


def _plainest(text: str) -> str:
    key = text if text.isascii() else unicodedata.normalize("NFKC", text)
    key = "".join(key.split()).casefold()
    if key[-1:] != "0" and key[:1] != "0":
        return key
    number = _WHOLE.fullmatch(key)
    return number[1] if number else key
