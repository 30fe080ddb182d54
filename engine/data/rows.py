"""Text to rows: a fast reader for plain tables and a careful one for all others, with the same answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from engine.core.cancel import CancelToken
from engine.data.dialect import BLANKS, Dialect, prepare_line
from engine.data.header import readable
from engine.data.issues import IssueLog

# A quoted cell over more lines than this is taken for a quote that somebody forgot to close.
_MOST_LINES_IN_ROW = 1000
_CHECK_EVERY = 20000
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells by column.

    Args:
        header: cells of the header row as they stand, None when the table has none.
        header_line: its line, counted from 1; 0 without a header.
        cells: one array [rows] object for each column, text or None.
        lines: [rows] int64, line on which each row begins.
    """

    header: list[str] | None
    header_line: int
    cells: list[np.ndarray]
    lines: np.ndarray


def read_rows(
    text: str,
    dialect: Dialect,
    *,
    file: str,
    issues: IssueLog,
    limit: int | None = None,
    cancel: CancelToken | None = None,
) -> Rows:
    """Read all rows that can be read; the others become issues with their line.

    Args:
        text: the whole file.
        dialect: how it is written.
        file: its name, for issues.
        issues: takes rows that are left out, and what was skipped.
        limit: most rows to read.
        cancel: checked now and then.
    """
    rows = _read_plain(text, dialect) if limit is None else None
    if rows is None:
        rows = read_carefully(text, dialect, file=file, issues=issues, limit=limit, cancel=cancel)
    return _without_empty_rows(rows, file, issues)


def _read_plain(text: str, dialect: Dialect) -> Rows | None:
    """Read a table without quotes, comments, empty or odd lines; None when it is not so plain."""
    is_plain = (
        dialect.delimiter.isascii()
        and dialect.delimiter != BLANKS
        and not dialect.comment
        and not dialect.skip_blanks
        and not (dialect.quote and dialect.quote in text)
        and "\0" not in text
        and text.count("\r") == text.count("\r\n")
        and not text.startswith(("\n", "\r"))
        and "\n\n" not in text
        and "\n\r\n" not in text
    )
    if not is_plain:
        return None
    try:
        data = text.encode()
    except UnicodeEncodeError:
        # Lone surrogates mark bytes that are no text; the careful reader names their rows.
        return None
    head, mark, _ = text.partition("\n")
    header = head.rstrip("\r").split(dialect.delimiter) if dialect.header else None
    if header is not None and (len(header) != dialect.width or not mark):
        return None
    cells = _read_with_arrow(data[len(head.encode()) + 1 :] if header is not None else data, dialect)
    if cells is None:
        return None
    first = 2 if header is not None else 1
    lines = np.arange(first, first + len(cells[0]), dtype=np.int64)
    return Rows(header, first - 1, cells, lines)


def _read_with_arrow(data: bytes, dialect: Dialect) -> list[np.ndarray] | None:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if not data.strip(b"\r\n"):
        return None
    names = [str(place) for place in range(dialect.width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=dialect.delimiter, quote_char=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid:
        # A row with more or fewer cells, or one longer than a block: the careful reader tells which.
        return None
    expected = data.count(b"\n") + (0 if data.endswith(b"\n") else 1)
    if table.num_rows != expected:
        return None
    return [_to_objects(column) for column in table.unify_dictionaries().columns]


def _to_objects(column: object) -> np.ndarray:
    # Each different text is one Python object, however many cells hold it.
    chunks = column.chunks  # type: ignore[attr-defined]  # pyarrow has no types
    if not chunks:
        return np.empty(0, dtype=object)
    words = np.append(np.asarray(chunks[0].dictionary.to_pylist(), dtype=object), [None])
    codes = [chunk.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False) for chunk in chunks]
    taken: np.ndarray = words[np.concatenate(codes)]
    return taken


class _Lines:
    """Hand physical lines to the csv reader, and remember on which line the current row began."""

    def __init__(self, lines: Sequence[str], dialect: Dialect) -> None:
        self._lines = lines
        self._dialect = dialect
        self._position = 0
        self._is_row_start = True
        self.start = 0
        self.comments: list[int] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while self._position < len(self._lines):
            line = self._lines[self._position]
            self._position += 1
            if self._is_row_start:
                if self._dialect.comment and line.startswith(self._dialect.comment):
                    self.comments.append(self._position)
                    continue
                self._is_row_start = False
                self.start = self._position
            elif self._position - self.start > _MOST_LINES_IN_ROW:
                raise csv.Error("a quote that is never closed")
            return prepare_line(line, self._dialect.delimiter)
        raise StopIteration

    def begin_row(self) -> None:
        """Say that the next line begins a row."""
        self._is_row_start = True

    def text_of_row(self) -> str:
        """Return the first line of the current row."""
        return self._lines[self.start - 1]

    def resume_behind_start(self) -> None:
        """Go on with the line behind the first one of the current row."""
        self._position = self.start
        self._is_row_start = True


def read_carefully(
    text: str,
    dialect: Dialect,
    *,
    file: str,
    issues: IssueLog,
    limit: int | None = None,
    cancel: CancelToken | None = None,
) -> Rows:
    """Read row by row, following quotes over lines; see `read_rows`. Rows that are empty throughout are kept."""
    lines = _Lines(io.StringIO(text, newline="").readlines(), dialect)
    reader = _reader(lines, dialect)
    header: list[str] | None = None
    header_line = 0
    kept: list[list[str]] = []
    starts: list[int] = []
    width = dialect.width
    while limit is None or len(kept) < limit:
        lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            _note_row(issues, file, lines, _trouble_in_words(error))
            lines.resume_behind_start()
            reader = _reader(lines, dialect)
            continue
        if not row or (len(row) == 1 and not row[0].strip() and width > 1):
            continue
        if dialect.header and header is None:
            header, header_line = row, lines.start
            width = _width_with_header(len(row), dialect.width)
            continue
        trouble = _row_trouble(row, width)
        if trouble:
            _note_row(issues, file, lines, trouble, _first_odd_column(row, header, width))
            continue
        kept.append(row)
        starts.append(lines.start)
        if cancel is not None and len(kept) % _CHECK_EVERY == 0:
            cancel.check()
    _note_comments(lines, dialect, file, issues)
    columns = list(zip(*kept, strict=True)) if kept else [()] * width
    return Rows(header, header_line, [_to_cells(column) for column in columns], np.asarray(starts, dtype=np.int64))


def _reader(lines: _Lines, dialect: Dialect):  # type: ignore[no-untyped-def]  # the reader's type has no public name
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        skipinitialspace=dialect.skip_blanks or dialect.delimiter == BLANKS,
        strict=True,
    )


def _width_with_header(header: int, body: int) -> int:
    # R leaves out the name of its row names; any other difference means that the rows are wrong, not the header.
    return body if body == header + 1 else header


def _to_cells(column: Sequence[str]) -> np.ndarray:
    cells = np.asarray(column, dtype=object)
    cells[cells == ""] = None
    return cells


def _row_trouble(row: Sequence[str], width: int) -> str:
    if len(row) != width:
        cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
        return f"The row has {cells} where {width} are expected; it is left out."
    joined = "".join(row)
    if "\0" in joined:
        return "The row holds a zero byte, which is never part of text; it is left out."
    if not joined.isascii() and any("\ud800" <= mark <= "\udfff" for mark in joined):
        return "The row holds bytes that are no text in this encoding; it is left out."
    return ""


def _first_odd_column(row: Sequence[str], header: Sequence[str] | None, width: int) -> str | None:
    place = len(row) if len(row) < width else width - 1
    return header[place] if header is not None and place < len(header) else None


def _trouble_in_words(error: csv.Error) -> str:
    text = str(error)
    if "expected after" in text:
        return "Something follows a closing quote; the row is left out."
    if "field larger" in text:
        return "A cell is longer than 131,072 characters; the row is left out."
    return "A quote is opened and never closed; the row is left out."


def _note_row(issues: IssueLog, file: str, lines: _Lines, text: str, column: str | None = None) -> None:
    value = lines.text_of_row().rstrip("\r\n")[:_SHOWN]
    shown = readable(value)
    issues.add("data.row", text, file=file, line=lines.start, column=column or None, value=shown)


def _note_comments(lines: _Lines, dialect: Dialect, file: str, issues: IssueLog) -> None:
    if lines.comments:
        count = len(lines.comments)
        end = "line begins with {!r} and was" if count == 1 else "lines begin with {!r} and were"
        text = f"{count:,} {end.format(dialect.comment)} skipped as {'a comment' if count == 1 else 'comments'}."
        issues.add("data.comments", text, file=file, line=lines.comments[0], value=dialect.comment)


def _without_empty_rows(rows: Rows, file: str, issues: IssueLog) -> Rows:
    if not len(rows.lines) or len(rows.cells) < 2:
        return rows
    empty = np.ones(len(rows.lines), dtype=bool)
    for cells in rows.cells:
        suspects = np.flatnonzero(empty)
        empty[suspects] = pd.isna(cells[suspects])
        if not empty.any():
            return rows
    count = int(empty.sum())
    text = f"{count:,} {'row holds' if count == 1 else 'rows hold'} nothing in any column and were left out."
    issues.add("data.empty_row", text, file=file, line=int(rows.lines[empty][0]))
    return replace(rows, cells=[cells[~empty] for cells in rows.cells], lines=rows.lines[~empty])
