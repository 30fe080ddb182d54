"""Bytes to rows: plain stretches by compiled readers, every other row by the careful one, with the same answer.

A table is read in chunks. While the cells of one chunk are numbered, each column by a thread, the next is scanned.
Where the compiled readers stop, the careful reader takes over at that row and hands back behind it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, Progress, silent
from engine.data.careful import CarefulReader, PhysicalLines, split_lines
from engine.data.columns import Column
from engine.data.dialect import BLANKS, Dialect
from engine.data.interning import Interner
from engine.data.issues import IssueLog
from engine.data.lines import LinesBuilder
from engine.data.room import Numbers, Room
from engine.data.rows import Rows, without_empty_rows
from engine.data.scanning import PADDING, scan_plain, scan_simple
from engine.data.texts import Texts

CHUNK = 4 << 20
_THREADS = 2
# Bytes handed to the careful reader at once: one row at first, more where odd rows follow each other closely.
_CLOSE = 1 << 11
_LEAST_CAREFUL = 1 << 10
_MOST_CAREFUL = 1 << 20
_STRETCH = 1 << 16
_TELL_EVERY = 0.1  # seconds
# More rows than the first ones of a file let expect, so that one allocation is enough.
_MARGIN = 1.02


class ByteSource(Protocol):
    """What bytes are read from: a file, an archive, a buffer."""

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:
        """Fill a buffer as far as possible; 0 at the end."""


class NotThisEncoding(Exception):  # noqa: N818 - a question for the caller, not an error
    """Raised at bytes that are no UTF-8 where nobody said that the file is UTF-8."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read, and who hears of it.

    Args: dialect: how the table is written. file: its name, for issues. issues: takes rows that are left out.
        is_stated: whether UTF-8 is stated, so that other bytes cost their row only. size: bytes of the file, for the
        progress. cancel: checked at every chunk. sink: told of progress. chunk: bytes of a chunk. room: where the
        numbers of the cells go; None keeps them in memory.
    """

    dialect: Dialect
    file: str
    issues: IssueLog
    is_stated: bool = True
    size: int = 0
    cancel: CancelToken | None = None
    sink: EventSink = silent
    chunk: int = CHUNK
    room: Room | None = None


def can_read(dialect: Dialect) -> bool:
    """Say whether the compiled readers know how a table is written: marks of one byte."""
    marks = (dialect.delimiter, dialect.quote, dialect.comment)
    return all(mark.isascii() for mark in marks) and dialect.delimiter not in ("\n", "\r", "\0")


def read_chunks(source: ByteSource, reading: Reading) -> Rows:
    """Read all rows that can be read; the others become issues with their line.

    Args: source: UTF-8, a byte order mark already left behind. reading: how.
    Raises: NotThisEncoding: there are other bytes, and UTF-8 was not stated. Cancelled.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        work = _Reader(source, reading, pool)
        return without_empty_rows(work.run(), reading.file, reading.issues)


class _Chunk:
    """Bytes that begin with a row. They hold complete lines; a last line without an end is given one."""

    def __init__(self, size: int) -> None:
        self.data = np.empty(size + PADDING, np.uint8)
        self.begin = 0
        self.filled = 0
        self.end = 0
        cells = max(size // 4, 64)
        self.starts, self.ends = np.empty(cells, np.int32), np.empty(cells, np.int32)

    def take(self, rest: npt.NDArray[np.uint8], source: ByteSource) -> bool:
        """Begin with what another chunk left over and read on; say whether the file is at its end."""
        capacity = len(self.data) - PADDING
        if len(rest) * 2 > capacity:
            self.__init__(4 * len(rest))  # type: ignore[misc]  # a line longer than a chunk needs a longer one
        self.data[: len(rest)] = rest
        self.begin, self.filled = 0, len(rest)
        return self.fill(source)

    def fill(self, source: ByteSource) -> bool:
        """Read until full; say whether the file is at its end."""
        view = self.data.data[: len(self.data) - PADDING]
        is_last = False
        # One byte stays free for the end of the last line.
        while self.filled < len(view) - 1 and not is_last:
            count = source.readinto(view[self.filled : len(view) - 1]) or 0
            self.filled += count
            is_last = count == 0
        if is_last and self.filled > self.begin and self.data[self.filled - 1] != 10:
            self.data[self.filled] = 10
            self.filled += 1
        self.end = self.filled if is_last else self._behind_last_line()
        self.data[self.filled : self.filled + PADDING] = 0
        return is_last

    def lengthen(self) -> None:
        """Make room for as much again."""
        self.data = np.concatenate([self.data, np.empty(len(self.data), np.uint8)])

    def behind_line(self, place: int) -> int:
        """Return where the line ends that holds the byte at this place; complete lines only."""
        step = 1 << 10
        for begin in range(place, self.end, step):
            found = np.flatnonzero(self.data[begin : min(begin + step, self.end)] == 10)
            if len(found):
                return begin + int(found[0]) + 1
        return self.end

    def _behind_last_line(self) -> int:
        step = 1 << 16
        for end in range(self.filled, self.begin, -step):
            begin = max(self.begin, end - step)
            found = np.flatnonzero(self.data[begin:end] == 10)
            if len(found):
                return begin + int(found[-1]) + 1
        return self.begin


class _Cells:
    """One column while it is read."""

    def __init__(self, room: Room | None) -> None:
        self._codes = Numbers(room)
        self._known = Interner()

    def place(self, rows: int, expected: int = 0) -> npt.NDArray[np.int32]:
        """Return where the numbers of the next rows go; to be filled before more rows are placed.

        Args: expected: rows of the whole column, about; 0 where that is not known.
        """
        self._codes.expect(expected)
        return self._codes.extend(rows)

    def add(
        self,
        data: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.int32],
        ends: npt.NDArray[np.int32],
        codes: npt.NDArray[np.int32],
    ) -> None:
        """Number cells that lie in bytes, into a place that was made for them."""
        self._known.add_cells(data, starts, ends, codes)

    def add_texts(self, cells: Sequence[str]) -> None:
        """Add cells of Python's texts."""
        texts = Texts.of(cells)
        self._known.add_cells(texts.data, texts.offsets[:-1], texts.offsets[1:], self.place(len(cells)))

    def column(self) -> Column:
        """Return what was collected."""
        return Column(self._codes.array(), self._known.texts())


class _Reader:
    def __init__(self, source: ByteSource, reading: Reading, pool: ThreadPoolExecutor) -> None:
        dialect = reading.dialect
        self._source = source
        self._reading = reading
        self._pool = pool
        self._careful = CarefulReader(dialect, reading.file, reading.issues, reading.cancel)
        self._lines = LinesBuilder()
        self._line = 0  # lines that were read
        self._columns: list[_Cells] = []
        self._pending: list[Future[None]] = []
        self._busy: _Chunk | None = None  # whose cells are being numbered
        self._blanks, self._skip = dialect.delimiter == BLANKS, dialect.skip_blanks
        self._marks = tuple(ord(mark[0]) if mark else -1 for mark in (dialect.quote, dialect.comment))
        self._told = np.zeros(3, np.int64)
        self._simple_until = 0
        self._span = 0
        self._last_odd = -_CLOSE
        self._passed = 0  # bytes of earlier chunks
        self._told_at = time.monotonic()

    def run(self) -> Rows:
        chunk, spare = _Chunk(self._reading.chunk), _Chunk(self._reading.chunk)
        is_last = chunk.take(np.empty(0, np.uint8), self._source)
        if self._reading.dialect.header:
            # The header has its own words for its width; the careful reader knows them.
            is_last = self._read_carefully(chunk, is_last, 1)
        self._columns = [_Cells(self._reading.room) for _ in range(self._careful.width)]
        self._take_careful_rows()
        while True:
            is_last = self._read_chunk(chunk, is_last)
            rest = chunk.data[chunk.begin : chunk.filled]
            if is_last:
                break
            self._passed += chunk.begin
            self._look_up()
            self._wait(spare)
            is_last = spare.take(rest, self._source)
            chunk, spare = spare, chunk
        self._wait()
        self._careful.note_comments()
        header = self._careful.header
        columns = list(self._pool.map(_Cells.column, self._columns))
        return Rows(header, self._careful.header_line, columns, self._lines.lines())

    def _look_up(self) -> None:
        reading = self._reading
        if reading.cancel is not None:
            reading.cancel.check()
        now = time.monotonic()
        if now - self._told_at > _TELL_EVERY:
            self._told_at = now
            reading.sink(Progress(min(self._passed, reading.size), reading.size, "bytes"))

    def _read_chunk(self, chunk: _Chunk, is_last: bool) -> bool:
        """Read all complete rows of a chunk; say whether the file is at its end, which a long row may reach."""
        while chunk.begin < chunk.end:
            rows = self._scan(chunk)
            if rows:
                self._lines.add(self._line + 1, rows)
                self._line += rows
                self._hand_over(chunk, rows)
                chunk.begin = int(self._told[1])
                continue
            at = self._passed + chunk.begin
            self._span = min(2 * self._span + 1, _MOST_CAREFUL) if at - self._last_odd < _CLOSE + self._span else 1
            is_last = self._read_carefully(chunk, is_last, self._span)
            self._take_careful_rows()
            self._last_odd = self._passed + chunk.begin
        return is_last

    def _scan(self, chunk: _Chunk) -> int:
        """Find the cells of the next plain rows; return how many rows."""
        width = len(self._columns)
        quote, comment = self._marks
        delimiter = ord(self._reading.dialect.delimiter)
        usable = len(chunk.starts) // width * width
        if not usable:
            return 0
        self._wait(chunk)
        starts, ends = chunk.starts[:usable], chunk.ends[:usable]
        told = self._told
        begin = chunk.begin
        is_plain = not (self._blanks or self._skip) and self._passed + begin >= self._simple_until
        if is_plain:
            scan_plain(chunk.data, begin, chunk.end, width, delimiter, quote, comment, starts, ends, told)
            if told[1] - begin < _STRETCH and told[1] < chunk.end:
                self._simple_until = self._passed + begin + 16 * _STRETCH
        if not is_plain or not told[0]:
            scan_simple(
                chunk.data, begin, chunk.end, width, delimiter, quote, comment, self._blanks, self._skip,
                starts, ends, told,
            )  # fmt: skip
        if told[2] and not _is_utf8(chunk.data[begin : int(told[1])]):
            if not self._reading.is_stated:
                raise NotThisEncoding
            # Some row holds bytes that are no text: the careful reader finds out which.
            self._span = max(self._span, int(told[1]) - begin)
            self._last_odd = self._passed + begin
            return 0
        return int(told[0])

    def _hand_over(self, chunk: _Chunk, rows: int) -> None:
        """Number the cells of rows, each column for itself."""
        width = len(self._columns)
        self._wait()
        expected = self._expected(chunk)
        for place, cells in enumerate(self._columns):
            cut = slice(place, rows * width, width)
            task = (chunk.data, chunk.starts[cut], chunk.ends[cut], cells.place(rows, expected))
            if rows < 1000:
                cells.add(*task)
            else:
                self._pending.append(self._pool.submit(cells.add, *task))
                self._busy = chunk

    def _expected(self, chunk: _Chunk) -> int:
        """Return about how many rows the file has, by those of its first chunk; 0 for a short one, and later."""
        if self._passed or self._reading.size <= len(chunk.data):
            return 0
        return int(_MARGIN * self._lines.count * self._reading.size / int(self._told[1]))

    def _wait(self, chunk: _Chunk | None = None) -> None:
        """Wait until all cells handed over are numbered; with a chunk, only when they are its own."""
        if chunk is not None and chunk is not self._busy:
            return
        for task in self._pending:
            task.result()
        self._pending.clear()
        self._busy = None

    def _read_carefully(self, chunk: _Chunk, is_last: bool, until: int) -> bool:
        """Read one row or some bytes more carefully; say whether the file is at its end."""
        self._wait()
        at = chunk.begin
        end = is_last
        step = max(_LEAST_CAREFUL, min(until, _STRETCH))

        def more() -> list[str]:
            nonlocal at, end, step
            while at >= chunk.end and not end:
                chunk.lengthen()
                end = chunk.fill(self._source)
            stop = chunk.end
            if stop - at > step:
                # Cut behind a line, so that no letter is cut.
                stop = chunk.behind_line(at + step)
            step = min(2 * step, _STRETCH)
            text = chunk.data[at:stop].tobytes().decode("utf-8", "surrogateescape")
            if not self._reading.is_stated and not text.isascii() and not _is_utf8(chunk.data[at:stop]):
                raise NotThisEncoding
            at = stop
            return split_lines(text)

        lines = PhysicalLines(self._reading.dialect, more, self._line)
        self._careful.read(lines, until=until)
        chunk.begin += lines.position
        self._line += lines.passed
        return end

    def _take_careful_rows(self) -> None:
        rows, starts = self._careful.rows, self._careful.starts
        if rows:
            for cells, texts in zip(self._columns, zip(*rows, strict=True), strict=True):
                cells.add_texts(texts)
            for start in starts:
                self._lines.add(start, 1)
            rows.clear()
            starts.clear()


def _is_utf8(data: npt.NDArray[np.uint8]) -> bool:
    try:
        str(data.data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
