"""Find the cells of plain rows in the bytes of a text table; where a row is not plain, stop and say so.

Two compiled readers: one compares 64 bytes at once and knows delimiters and line ends only, the other goes byte by
byte and also knows simple quotes and runs of blanks. Whatever else there is stops both at the beginning of its row.
"""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled
from engine.graph.wide import above_ascii64, load8, lowest_bit, match64

__all__ = ["LONGEST", "PADDING", "load8", "scan_plain", "scan_simple"]

# Bytes that must follow the last one that is scanned.
PADDING = 64
# Longer cells are left to the careful reader, which refuses them at 131,072 characters.
LONGEST = 100_000

_NEWLINE, _RETURN, _TAB, _BLANK = 10, 13, 9, 32


@compiled
def scan_plain(data, begin, end, width, delimiter, quote, comment, starts, ends, told):  # type: ignore[no-untyped-def]  # numba infers types # noqa: C901 - one loop
    """Find the cells of rows that hold nothing but cells, delimiters and line ends.

    Args: data: uint8, PADDING bytes longer than `end`. begin, end: where rows begin, and behind the last line end.
        width: cells of a row. delimiter: its byte. quote, comment: bytes that make a row odd, inside it or as its
        first one; -1 for none. starts, ends: int32 [rows * width], filled. told: int64 [3], filled: number of rows,
        where the first row begins that was not read, whether a byte from 128 up was seen.
    """
    most = len(starts) // width
    rows = 0
    row_start = cell_start = begin
    cell = 0
    place = 0
    returned = np.uint64(0)
    one = np.uint64(1)
    high = np.uint64(0)
    at = begin
    done = False
    told[2] = 0
    while at < end and not done:
        lines = match64(data, at, np.uint8(_NEWLINE))
        returns = match64(data, at, np.uint8(_RETURN))
        odd = match64(data, at, np.uint8(0)) | (((returns << one) | returned) & ~lines)
        if quote >= 0:
            odd |= match64(data, at, np.uint8(quote))
        high |= above_ascii64(data, at)
        returned = returns >> np.uint64(63)
        marks = lines | match64(data, at, np.uint8(delimiter))
        if end - at < 64:
            inside = (one << np.uint64(end - at)) - one
            marks &= inside
            odd &= inside
        if odd != 0:
            marks &= (one << np.uint64(lowest_bit(odd))) - one
        while marks != 0:
            bit = lowest_bit(marks)
            marks &= marks - one
            here = at + bit
            is_end = (lines >> np.uint64(bit)) & one
            stop = here
            if is_end and here > cell_start and data[here - 1] == _RETURN:
                stop = here - 1
            starts[place] = cell_start
            ends[place] = stop
            place += 1
            cell += 1
            if (is_end != 0) != (cell == width) or stop - cell_start >= LONGEST:
                done = True
                break
            cell_start = here + 1
            if is_end:
                if data[row_start] == comment or (width == 1 and stop == row_start):
                    done = True
                    break
                rows += 1
                cell = 0
                row_start = here + 1
                if rows == most:
                    done = True
                    break
        if odd != 0:
            done = True
        at += 64
    told[0] = rows
    told[1] = row_start
    told[2] = 1 if high != 0 else 0


@compiled
def scan_simple(data, begin, end, width, delimiter, quote, comment, blanks, skip, starts, ends, told):  # type: ignore[no-untyped-def]  # numba infers types # noqa: C901 - one loop
    """Find the cells of rows, some of which stand in quotes that hold neither quotes nor line ends.

    Args: as in `scan_plain`; blanks: runs of blanks and tabs divide cells. skip: blanks before a cell are no part.
    """
    most = len(starts) // width
    rows = 0
    at = begin
    row_start = begin
    high = False
    while at < end and rows < most:
        row_start = at
        if data[at] == comment:
            break
        cell = 0
        is_good = True
        while is_good:
            if blanks:
                while data[at] == _BLANK or data[at] == _TAB:
                    at += 1
                if data[at] == _NEWLINE or (data[at] == _RETURN and data[at + 1] == _NEWLINE):
                    is_good = cell == width
                    at += 1 if data[at] == _NEWLINE else 2
                    break
            elif skip:
                while data[at] == _BLANK:
                    at += 1
            if cell == width:
                is_good = False
                break
            is_quoted = data[at] == quote
            if is_quoted:
                at += 1
            start = at
            if is_quoted:
                while data[at] != quote and data[at] != _NEWLINE and data[at] != _RETURN and data[at] != 0:
                    high |= data[at] >= 128
                    if blanks and (data[at] < _BLANK or data[at] >= 128):
                        is_good = False
                    at += 1
                is_good &= data[at] == quote
            elif blanks:
                while data[at] > _BLANK and data[at] < 128:
                    at += 1
            else:
                while data[at] != delimiter and data[at] != _NEWLINE and data[at] != _RETURN and data[at] != 0:
                    high |= data[at] >= 128
                    at += 1
            stop = at
            if not is_good or stop - start >= LONGEST:
                is_good = False
                break
            if is_quoted:
                at += 1
            starts[rows * width + cell] = start
            ends[rows * width + cell] = stop
            cell += 1
            mark = data[at]
            if mark == _NEWLINE or (mark == _RETURN and data[at + 1] == _NEWLINE):
                is_good = cell == width and not (width == 1 and start == stop and not is_quoted)
                at += 1 if mark == _NEWLINE else 2
                break
            if mark == delimiter or (blanks and mark in (_BLANK, _TAB)):
                is_good = blanks or cell < width
                at += 1
            else:
                is_good = False
        if not is_good or at > end:
            break
        rows += 1
        row_start = at
    told[0] = rows
    told[1] = row_start
    told[2] = 1 if high else 0
