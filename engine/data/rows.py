"""Text to rows: a fast reader for plain stretches and a careful one for all others, with the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.core.cancel import CancelToken
from engine.data.careful import CarefulReader, lines_of
from engine.data.columns import Column
from engine.data.dialect import Dialect
from engine.data.issues import IssueLog
from engine.data.lines import Lines


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells by column.

    Args:
        header: cells of the header row as they stand, None when the table has none.
        header_line: its line, counted from 1; 0 without a header.
        cells: one column [rows] for each column of the file, text or None.
        lines: [rows], line on which each row begins.
    """

    header: list[str] | None
    header_line: int
    cells: list[Column]
    lines: Lines


def read_rows(
    text: str,
    dialect: Dialect,
    *,
    file: str,
    issues: IssueLog,
    limit: int | None = None,
    cancel: CancelToken | None = None,
) -> Rows:
    """Read all rows that can be read, one by one; the others become issues with their line.

    Args:
        text: the whole file.
        dialect: how it is written.
        file: its name, for issues.
        issues: takes rows that are left out, and what was skipped.
        limit: most rows to read.
        cancel: checked now and then.
    """
    rows = read_carefully(text, dialect, file=file, issues=issues, limit=limit, cancel=cancel)
    return without_empty_rows(rows, file, issues)


def read_carefully(
    text: str,
    dialect: Dialect,
    *,
    file: str,
    issues: IssueLog,
    limit: int | None = None,
    cancel: CancelToken | None = None,
) -> Rows:
    """Read as `read_rows` does, and keep rows that are empty throughout."""
    reader = CarefulReader(dialect, file, issues, cancel)
    reader.read(lines_of(text, dialect), limit=limit)
    reader.note_comments()
    columns = list(zip(*reader.rows, strict=True)) if reader.rows else [()] * reader.width
    return Rows(reader.header, reader.header_line, [_column(cells) for cells in columns], Lines.of(reader.starts))


def without_empty_rows(rows: Rows, file: str, issues: IssueLog) -> Rows:
    """Leave out rows that hold nothing in any column, with one issue for all of them."""
    if not len(rows.lines) or len(rows.cells) < 2:
        return rows
    empty = rows.cells[0].is_empty()
    for cells in rows.cells[1:]:
        if not empty.any():
            return rows
        empty &= cells.is_empty()
    if not empty.any():
        return rows
    count, first = int(empty.sum()), int(np.argmax(empty))
    text = f"{count:,} {'row holds' if count == 1 else 'rows hold'} nothing in any column and were left out."
    issues.add("data.empty_row", text, file=file, line=rows.lines[first])
    keep = ~empty
    return replace(rows, cells=[cells.take(keep) for cells in rows.cells], lines=rows.lines.take(keep))


def _column(cells: Sequence[str]) -> Column:
    return Column.of([cell or None for cell in cells])
