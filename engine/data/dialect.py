"""Find out how a text table is written: delimiter, quotes, comment lines, header, decimal mark."""

from __future__ import annotations

import csv
import io
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.errors import OptionError
from engine.data.header import has_header
from engine.data.options import TableOptions

BLANKS = " "
_DELIMITERS = ("\t", ";", "|", ",")
_COMMENTS = ("#", "%", "//")
_SAMPLE_LINES = 300
_SAMPLE_CHARS = 1 << 18
# clevercsv tries every dialect on every line.
_HARD_LINES = 100
_HARD_CHARS = 5000
_GOOD = 0.7
# Spreadsheets may say in the first line what they put between cells.
_SEP_LINE = re.compile(r"sep=([^\r\n])[\r\n]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written.

    Args:
        delimiter: one character between two cells; a blank stands for any run of blanks and tabs.
        quote: character around a cell that holds delimiters or line ends; doubled inside.
        comment: lines that begin with this hold no cells; empty for none.
        header: whether the first row holds names.
        decimal: decimal mark of numbers.
        skip_blanks: whether a blank after each delimiter is part of the writing, not of the cell.
        width: number of cells of most rows.
    """

    delimiter: str
    quote: str
    comment: str
    header: bool
    decimal: str
    skip_blanks: bool
    width: int


def find_dialect(text: str, options: TableOptions | None = None) -> Dialect:
    """Find the dialect from the beginning of the text; what the options state is taken as stated.

    Raises: OptionError: a stated delimiter or quote is no single character, or both are the same.
    """
    lines = _sample(text)
    stated = options or None
    quote = stated.quote if stated and stated.quote is not None else _find_quote(lines)
    comment = stated.comment if stated and stated.comment is not None else None
    delimiter = stated.delimiter if stated and stated.delimiter else None
    _check_stated(delimiter, quote, stated.path if stated else "")
    spreadsheet = _SEP_LINE.match(text) if comment is None else None
    if spreadsheet:
        comment, delimiter = "sep=", delimiter or spreadsheet[1]
    if comment is None:
        # A comment may hold any delimiter, so both are looked for together.
        kept = [line for line in lines if not line.startswith(_COMMENTS)]
        delimiter = delimiter or _find_delimiter(kept or lines, quote)
        comment = _find_comment(lines, kept, delimiter, quote)
    lines = [line for line in lines if not (comment and line.startswith(comment))]
    delimiter = delimiter or _find_delimiter(lines, quote)
    skip_blanks = _has_blank_after(lines, delimiter)
    rows = split_rows(lines, delimiter, quote, skip_blanks)
    header = stated.header if stated and stated.header is not None else has_header(rows)
    decimal = stated.decimal if stated and stated.columns else _find_decimal(rows, delimiter)
    # The header may be one cell short (R leaves out the name of its row names), so it has no say in the width.
    body = rows[1:] if header and len(rows) > 1 else rows
    width = statistics.mode(len(row) for row in body) if body else 1
    return Dialect(delimiter, quote, comment, header, decimal, skip_blanks, width)


def _check_stated(delimiter: str | None, quote: str, path: str) -> None:
    for name, mark in (("delimiter", delimiter), ("quote", quote)):
        if mark is not None and (len(mark) > 1 or mark in ("\r", "\n")):
            raise OptionError(
                f"The {name} of {path} is {mark!r}, which is not one character.",
                hint='Give one character; "" for no quotes, "\\t" for a tab.',
                path=f"data.tables.{name}",
            )
    if delimiter is not None and delimiter == quote:
        raise OptionError(
            f"Delimiter and quote of {path} are both {quote!r}.",
            hint="Give two different characters.",
            path="data.tables.quote",
        )


def split_rows(lines: Sequence[str], delimiter: str, quote: str, skip_blanks: bool = False) -> list[list[str]]:
    """Split sample lines into cells; a quoted cell may span lines, and rows that cannot be split are left out."""
    reader = csv.reader(
        (prepare_line(line, delimiter) for line in lines),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=skip_blanks or delimiter == BLANKS,
    )
    rows: list[list[str]] = []
    try:
        rows.extend(row for row in reader if any(cell.strip() for cell in row))
    except csv.Error:
        return rows
    return rows


def prepare_line(line: str, delimiter: str) -> str:
    """Return the line as the csv reader needs it: for runs of blanks, tabs become blanks and the end is trimmed."""
    return line.replace("\t", " ").rstrip() + "\n" if delimiter == BLANKS else line


def _sample(text: str) -> list[str]:
    head = io.StringIO(text[:_SAMPLE_CHARS], newline="")
    lines = [line for _, line in zip(range(_SAMPLE_LINES), head, strict=False)]
    if len(text) > _SAMPLE_CHARS and len(lines) < _SAMPLE_LINES and len(lines) > 1:
        lines.pop()
    return [line for line in lines if line.strip()]


def _find_quote(lines: Sequence[str]) -> str:
    text = "".join(lines)
    if '"' in text:
        return '"'
    # A single quote counts only around whole cells, on most lines: names such as O'Neill hold one as well.
    cells = re.compile(r"(?:^|[,;|\t ])'[^'\r\n]*'(?=[,;|\t \r\n]|$)")
    return "'" if lines and sum(bool(cells.search(line)) for line in lines) > len(lines) / 2 else '"'


# What a delimiter loses that does not occur in the first row; with its other rows right it is still good enough.
_WHOLE_HEADER = 0.02


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    share: float
    preference: int
    delimiter: str


def _fit(lines: Sequence[str], delimiter: str, quote: str, preference: int) -> _Fit:
    rows = split_rows(lines, delimiter, quote)
    widths = Counter(len(row) for row in rows)
    if not widths:
        return _Fit(0.0, preference, delimiter)
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    if width == 1:
        return _Fit(0.0, preference, delimiter)
    # Rows lost in a quote that is never closed count against the delimiter, and so does a first row, header or not,
    # that it leaves whole: a semicolon inside every quoted text divides rows as evenly as the commas around it.
    share = count / max(len(rows), 1)
    return _Fit(share - (_WHOLE_HEADER if len(rows[0]) == 1 else 0.0), preference, delimiter)


def _find_delimiter(lines: Sequence[str], quote: str) -> str:
    best = max(_fit(lines, mark, quote, -place) for place, mark in enumerate(_DELIMITERS))
    if best.share >= _GOOD:
        return best.delimiter
    blanks = _fit(lines, BLANKS, quote, -len(_DELIMITERS))
    if blanks.share >= _GOOD:
        return BLANKS
    if best.share == 0 and blanks.share == 0 and not re.search(r"[:^~\x01\x1f]", "".join(lines)):
        return ","
    return _ask_clevercsv(lines, quote) or (best.delimiter if best.share > 0.3 else ",")


def _ask_clevercsv(lines: Sequence[str], quote: str) -> str | None:
    """Let clevercsv look at what no usual delimiter explains (van den Burg et al., 2019); it is slow to load."""
    from clevercsv.detect import Detector
    from clevercsv.exceptions import Error

    sample = "".join(lines[:_HARD_LINES])[:_HARD_CHARS].replace("\0", "")
    try:
        found = Detector().detect(sample)
    except Error:
        return None
    mark = str(found.delimiter or "") if found is not None else ""
    if (
        len(mark) != 1
        or mark.isalnum()
        or not mark.isascii()
        or not mark.isprintable()
        or _fit(lines, mark, quote, 0).share < 0.5
    ):
        return None
    return mark


def _find_comment(lines: Sequence[str], kept: Sequence[str], delimiter: str, quote: str) -> str:
    """Return the mark whose lines do not look like rows; "#,name" over "1,Anna" is a header, "#tag,3" a row."""
    if not kept:
        return ""
    widths = Counter(len(row) for row in split_rows(kept, delimiter, quote))
    usual = widths.most_common(1)[0][0] if widths else 1
    for mark in _COMMENTS:
        marked = [line for line in lines if line.startswith(mark)]
        # Behind a mark and a blank nobody writes a cell.
        close = [line for line in marked if not line[len(mark) :].startswith((" ", "\t", mark[0]))]
        alike = sum(len(row) == usual for row in split_rows(close, delimiter, quote)) if usual > 1 else 0
        if marked and alike * 2 < len(marked):
            return mark
    return ""


def _has_blank_after(lines: Sequence[str], delimiter: str) -> bool:
    if delimiter in (BLANKS, "\t"):
        return False
    with_mark = [line for line in lines if delimiter in line]
    follows = [line for line in with_mark if line.count(delimiter) == line.count(delimiter + " ")]
    return len(with_mark) > 1 and len(follows) >= 0.9 * len(with_mark)


def _find_decimal(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    comma = re.compile(r"\s*[+-]?\d+,\d+(?:[eE][+-]?\d+)?\s*", re.ASCII)
    point = re.compile(r"\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*", re.ASCII)
    with_comma = [cell for row in rows for cell in row if comma.fullmatch(cell)]
    with_point = sum(bool(point.fullmatch(cell)) for row in rows for cell in row)
    # 1,234 may be a thousand; 0,123 and 1,5 cannot be anything but decimals.
    is_sure = any(not re.fullmatch(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*", cell) for cell in with_comma)
    return "," if is_sure and len(with_comma) > with_point else "."
