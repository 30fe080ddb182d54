"""Look over the cells of understood tables: blanks around ids, values that are not of their column's kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.data.columns import Column, number, with_column
from engine.data.issues import IssueLog
from engine.data.judging import BLANKS, MISSING, judge
from engine.data.judging import plainest as plainest_of_all
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.table import Table
from engine.data.texts import Texts
from engine.data.values import to_booleans, to_dates

_ID_ROLES = (Role.NODE_ID, Role.EDGE_SOURCE, Role.EDGE_TARGET)
_USED_ROLES = (Role.FEATURE, Role.TARGET)
_READERS = {
    ColumnKind.NUMBER: "not a number",
    ColumnKind.BOOLEAN: "neither yes nor no",
    ColumnKind.DATE: "not a date like the others",
}


def trim_ids(table: Table, issues: IssueLog) -> Table:
    """Return the table with the blanks around its ids taken away, which is noted.

    Where two rows of a node table would then have the same id, its ids stay as they are, and that is noted.
    """
    frame = table.frame
    for name, spec in table.columns.items():
        if spec.role not in _ID_ROLES:
            continue
        column = table.column(name)
        changed = judge(column.values).are(BLANKS)
        if not changed.any():
            continue
        rows = np.flatnonzero(np.append(changed, False)[column.codes])
        count, line = f"{len(rows):,} {'id has' if len(rows) == 1 else 'ids have'}", int(table.lines[rows[0]])
        place = {"file": table.path.name, "line": line, "column": name, "value": column.text(rows[0])}
        trimmed = [value.strip() for value in column.values.to_list()]
        if table.kind is TableKind.NODES and len(set(trimmed)) < len(trimmed):
            text = f"{count} blanks around them; without them two nodes would be one, so they stay."
            issues.add("data.blanks", text, **place)  # type: ignore[arg-type]  # text and one line number
            continue
        text = f"{count} blanks around them; they are read without."
        issues.add("data.blanks", text, **place)  # type: ignore[arg-type]  # text and one line number
        frame = with_column(frame, name, column.with_texts([value or None for value in trimmed]))
    return table if frame is table.frame else replace(table, frame=frame)


def note_values(table: Table, issues: IssueLog) -> None:
    """Note each cell that is not of the kind its column has; it counts as unknown. Blanks in categories are noted."""
    for name, spec in table.columns.items():
        if spec.role not in _USED_ROLES or spec.kind not in (ColumnKind.CATEGORY, *_READERS):
            continue
        column = table.column(name)
        if spec.kind is ColumnKind.CATEGORY:
            _note_blanks(table, name, column, issues)
            continue
        is_odd = _are_odd(column, spec.kind, spec.decimal)
        if not is_odd.any():
            continue
        rows = np.flatnonzero(np.append(is_odd, False)[column.codes])
        for row in issues.listed("data.value", rows):
            value = column.text(row)
            text = f"{value!r} is {_READERS[spec.kind]}; it counts as unknown."
            line = int(table.lines[row]) if table.lines[row] > 0 else None
            issues.add("data.value", text, file=table.path.name, line=line, column=name, value=value)


def _are_odd(column: Column, kind: ColumnKind, decimal: str) -> np.ndarray:
    """Return which of the different texts are not of a kind and do not say that nothing is known."""
    facts = judge(column.values, decimal)
    if kind is ColumnKind.NUMBER:
        is_odd = ~np.isfinite(facts.numbers)
    else:
        cells = column.values.objects()
        is_odd = ~np.isfinite(to_booleans(cells)) if kind is ColumnKind.BOOLEAN else np.isnat(to_dates(cells))
    return np.asarray(is_odd & ~facts.are(MISSING))


def _note_blanks(table: Table, name: str, column: Column, issues: IssueLog) -> None:
    with_blanks = judge(column.values).are(BLANKS)
    if not with_blanks.any():
        return
    rows = np.flatnonzero(np.append(with_blanks, False)[column.codes])
    text = f"{len(rows):,} cells have blanks around them and stay as they are; they differ from cells without."
    line, value = int(table.lines[rows[0]]), column.text(rows[0])
    issues.add("data.category_blanks", text, file=table.path.name, line=line, column=name, value=value)


def note_similar_ids(ids: Texts, issues: IssueLog, file: str = "") -> int:
    """Note ids that differ only in how they are written: case, blanks, leading zeros, 7.0 for 7, character encoding.

    Args: ids: all different. Returns: how many ids resemble an earlier one.
    """
    numbered = number([plainest_of_all(ids)])
    first = np.full(len(numbered.texts), -1, np.int64)
    codes = numbered.codes[0]
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    again = np.flatnonzero(first[codes] != np.arange(len(codes)))
    if len(again):
        left, right = ids[int(first[codes[again[0]]])], ids[int(again[0])]
        noun = "1 id differs" if len(again) == 1 else f"{len(again):,} ids differ"
        text = (
            f"{noun} from another only in how it is written, such as {left!r} and {right!r} "
            "(case, blanks, zeros, encoding); they are different nodes."
        )
        issues.add("data.similar_ids", text, file=file, value=right, count=len(again))
    return len(again)
