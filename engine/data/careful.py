"""Text to rows, one after the other: quotes over lines, comments, and rows that cannot be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from engine.core.cancel import CancelToken
from engine.data.dialect import BLANKS, Dialect, prepare_line
from engine.data.header import readable
from engine.data.issues import IssueLog

# A quoted cell over more lines than this is taken for a quote that somebody forgot to close.
_MOST_LINES_IN_ROW = 1000
_CHECK_EVERY = 20000
_SHOWN = 80


class CarefulReader:
    """Reads rows wherever it is set, and remembers header, width and comments from one place to the next.

    Args: dialect: how the table is written. file: its name, for issues. issues: takes rows that are left out.
        cancel: checked now and then.
    """

    def __init__(self, dialect: Dialect, file: str, issues: IssueLog, cancel: CancelToken | None) -> None:
        self.header: list[str] | None = None
        self.header_line = 0
        self.width = dialect.width
        self.rows: list[list[str]] = []
        self.starts: list[int] = []
        self._dialect = dialect
        self._file = file
        self._issues = issues
        self._cancel = cancel
        self._comments = 0
        self._first_comment = 0

    def read(self, lines: PhysicalLines, *, limit: int | None = None, until: int | None = None) -> None:
        """Add rows to `rows`, and the lines they begin on to `starts`.

        Args: lines: where to read. limit: most rows to hold. until: end behind the row that reaches this byte.
        """
        reader = self._reader(lines)
        while (limit is None or len(self.rows) < limit) and not self._is_behind(lines, until):
            lines.begin_row()
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                self._note_row(lines, _trouble_in_words(error))
                lines.resume_behind_start()
                reader = self._reader(lines)
                continue
            if not row or (len(row) == 1 and not row[0].strip() and self.width > 1):
                continue
            if self._dialect.header and self.header is None:
                self.header, self.header_line = row, lines.start
                self.width = _width_with_header(len(row), self._dialect.width)
                continue
            trouble = _row_trouble(row, self.width)
            if trouble:
                self._note_row(lines, trouble, _first_odd_column(row, self.header, self.width))
                continue
            self.rows.append(row)
            self.starts.append(lines.start)
            if self._cancel is not None and len(self.rows) % _CHECK_EVERY == 0:
                self._cancel.check()
        if lines.comments and not self._comments:
            self._first_comment = lines.comments[0]
        self._comments += len(lines.comments)

    def _is_behind(self, lines: PhysicalLines, until: int | None) -> bool:
        needs_header = self._dialect.header and self.header is None
        return until is not None and not needs_header and lines.position >= until

    def note_comments(self) -> None:
        """Note how many lines were skipped as comments."""
        if self._comments:
            count, mark = self._comments, self._dialect.comment
            end = "line begins with {!r} and was" if count == 1 else "lines begin with {!r} and were"
            text = f"{count:,} {end.format(mark)} skipped as {'a comment' if count == 1 else 'comments'}."
            self._issues.add("data.comments", text, file=self._file, line=self._first_comment, value=mark)

    def _reader(self, lines: PhysicalLines) -> Any:  # Any: the reader's type has no public name
        return csv.reader(
            lines,
            delimiter=self._dialect.delimiter,
            quotechar=self._dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if self._dialect.quote else csv.QUOTE_NONE,
            skipinitialspace=self._dialect.skip_blanks or self._dialect.delimiter == BLANKS,
            strict=True,
        )

    def _note_row(self, lines: PhysicalLines, text: str, column: str | None = None) -> None:
        shown = readable(lines.text_of_row().rstrip("\r\n")[:_SHOWN])
        self._issues.add("data.row", text, file=self._file, line=lines.start, column=column or None, value=shown)


class PhysicalLines:
    """Hand physical lines to the csv reader, and remember on which line the current row began.

    Args: dialect: how the table is written. more: gives the next lines, none at the end of the file.
        before: lines of the file that come before.
    """

    def __init__(self, dialect: Dialect, more: Callable[[], Sequence[str]], before: int = 0) -> None:
        self._lines: list[str] = []
        self._bytes = [0]
        self._dialect = dialect
        self._more = more
        self._next = 0
        self._before = before
        self._is_row_start = True
        self._row = 0
        self.comments: list[int] = []

    @property
    def start(self) -> int:
        """Line on which the current row began, counted from 1."""
        return self._before + self._row

    @property
    def passed(self) -> int:
        """Number of lines handed over or skipped."""
        return self._next

    @property
    def position(self) -> int:
        """Bytes of those lines as UTF-8."""
        for place in range(len(self._bytes), self._next + 1):
            line = self._lines[place - 1]
            size = len(line) if line.isascii() else len(line.encode("utf-8", "surrogateescape"))
            self._bytes.append(self._bytes[-1] + size)
        return self._bytes[self._next]

    def __iter__(self) -> PhysicalLines:
        return self

    def __next__(self) -> str:
        while self._next < len(self._lines) or self._fetch():
            line = self._lines[self._next]
            self._next += 1
            if self._is_row_start:
                if self._dialect.comment and line.startswith(self._dialect.comment):
                    self.comments.append(self._before + self._next)
                    continue
                self._is_row_start = False
                self._row = self._next
            elif self._next - self._row > _MOST_LINES_IN_ROW:
                raise csv.Error("a quote that is never closed")
            return prepare_line(line, self._dialect.delimiter)
        raise StopIteration

    def _fetch(self) -> bool:
        lines = self._more()
        self._lines.extend(lines)
        return bool(lines)

    def begin_row(self) -> None:
        """Say that the next line begins a row."""
        self._is_row_start = True

    def text_of_row(self) -> str:
        """Return the first line of the current row."""
        return self._lines[self._row - 1]

    def resume_behind_start(self) -> None:
        """Go on with the line behind the first one of the current row."""
        self._next = self._row
        self._is_row_start = True


def split_lines(text: str) -> list[str]:
    r"""Return the lines of a text with their ends: \n, \r\n or \r."""
    return io.StringIO(text, newline="").readlines()


def lines_of(text: str, dialect: Dialect) -> PhysicalLines:
    """Return the lines of a whole text."""
    rest = iter([split_lines(text)])
    return PhysicalLines(dialect, lambda: next(rest, []))


def _width_with_header(header: int, body: int) -> int:
    # R leaves out the name of its row names; any other difference means that the rows are wrong, not the header.
    return body if body == header + 1 else header


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
