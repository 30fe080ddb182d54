"""Read text tables: CSV, TSV and their relatives."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import ClassVar

from engine.core.cancel import CancelToken
from engine.core.errors import ReadError
from engine.core.events import EventSink, Progress, silent
from engine.data.columns import TextFrame
from engine.data.content import Content, open_content, read_content, unpacked_size
from engine.data.dialect import Dialect, find_dialect
from engine.data.encoding import ask_for_encoding, decode, detect_bytes
from engine.data.header import usable_names
from engine.data.importers._base import Importer
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.roles import TableKind
from engine.data.room import Room
from engine.data.rows import Rows, read_rows
from engine.data.table import Table

_LEAST_BYTES = 1 << 20
# Larger files are read in chunks by compiled code, which takes a moment to load; their beginning shows the dialect.
_LARGE_BYTES = 2 << 20


class Delimited(Importer):
    """Text with a delimiter between cells, plain or gzipped.

    Source: RFC 4180 for quotes, widened to what people write: other delimiters, comment lines, runs of blanks,
    decimal commas, bare carriage returns, tables without a header.
    """

    key: ClassVar[str] = "delimited"
    label: ClassVar[str] = "Text table"
    extensions: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab", ".txt", ".dat", ".edgelist", ".edges", ".nodes")

    def sniff(self, path: Path) -> bool:
        """Say whether the file is text, and none that is marked up."""
        try:
            head = read_content(path, _LEAST_BYTES).data
        except ReadError:
            return False
        return not head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")

    def read(
        self,
        path: Path,
        options: TableOptions | None = None,
        *,
        limit: int | None = None,
        issues: IssueLog | None = None,
        cancel: CancelToken | None = None,
        sink: EventSink = silent,
        room: Room | None = None,
    ) -> list[Table]:
        """Read one table; see `Importer.read`.

        Raises: ReadError: no text, an encoding that must be chosen (code data.encoding), or no column of cells.
        """
        log = issues if issues is not None else IssueLog()
        content = read_content(path, _LARGE_BYTES) if limit is None else _beginning(path, limit)
        if limit is None and not content.is_whole:
            table = _read_large(path, content, options, log, room, cancel=cancel, sink=sink)
            if table is not None:
                return [table]
            content = read_content(path)
        encoding = _encoding(path, content, options)
        text = decode(content.data, encoding, str(path))
        _check_table(path, text)
        dialect = find_dialect(text, options)
        rows = read_rows(text, dialect, file=path.name, issues=log, limit=limit, cancel=cancel)
        sink(Progress(content.size, content.size, "bytes"))
        return [_table(path, rows, encoding, dialect, log)]


def _read_large(
    path: Path,
    head: Content,
    options: TableOptions | None,
    issues: IssueLog,
    room: Room | None,
    *,
    cancel: CancelToken | None,
    sink: EventSink,
) -> Table | None:
    """Read a file in chunks; None when it is written in a way that only the careful reader knows."""
    from engine.data.chunks import NotThisEncoding, Reading, can_read, read_chunks

    encoding = _encoding(path, head, options)
    text = decode(head.data, encoding, str(path))
    if codecs.lookup(encoding).name != "utf-8":
        return None
    _check_table(path, text)
    dialect = find_dialect(text, options)
    if not can_read(dialect):
        return None
    is_stated = options is not None and options.encoding is not None
    size = head.size if head.is_whole else unpacked_size(path)
    used = room if room is not None and room.is_too_small(size) else None
    how = Reading(dialect, path.name, issues, is_stated, size, cancel, sink, room=used)
    try:
        with open_content(path) as source:
            rows = read_chunks(source, how)
    except NotThisEncoding:
        raise ask_for_encoding(path, detect_bytes(read_content(path).data)) from None
    sink(Progress(size, size, "bytes"))
    return _table(path, rows, encoding, dialect, issues)


def _table(path: Path, rows: Rows, encoding: str, dialect: Dialect, issues: IssueLog) -> Table:
    names = _names(rows, path.name, issues)
    frame = TextFrame(dict(zip(names, rows.cells, strict=True)), len(rows.lines))
    return Table(frame, path, TableKind.NODES, {}, rows.lines, _form(path, encoding, dialect))


def _beginning(path: Path, limit: int) -> Content:
    """Read about as much of a file as holds that many rows, judged by the length of its first lines."""
    content = read_content(path, _LEAST_BYTES)
    lines = max(content.data.count(b"\n"), content.data.count(b"\r"), 1)
    wanted = 2 * limit * len(content.data) // lines
    return content if content.is_whole or wanted <= len(content.data) else read_content(path, wanted)


def _encoding(path: Path, content: Content, options: TableOptions | None) -> str:
    if options is not None and options.encoding is not None:
        return options.encoding
    found = detect_bytes(content.data)
    if not found.certain:
        raise ask_for_encoding(path, found)
    return found.name


def _check_table(path: Path, text: str) -> None:
    head = text[:2000].lstrip().lower()
    what = ""
    if re.match(r"<(!doctype html|html)", head):
        what = "a web page"
    elif re.match(r"<(\?xml|[a-z]+[ >])", head):
        what = "an XML file"
    elif re.match(r'[{\[]\s*["{\[]', head):
        what = "a JSON file"
    if what:
        raise ReadError(
            f"{path.name} is {what}, not a text table.",
            code="data.not_a_table",
            hint="Export the table behind it as CSV.",
            file=str(path),
        )


def _names(rows: Rows, file: str, issues: IssueLog) -> list[str]:
    width = len(rows.cells)
    if rows.header is None:
        names = [f"column {place}" for place in range(1, width + 1)]
        text = f"The first row is data, so the columns are called {names[0]} to {names[-1]}."
        issues.add("data.no_header", text, file=file, line=1)
        return names
    cells = list(rows.header)
    if len(cells) < width and rows.cells[-1].is_empty().all():
        text = "Every row ends with a delimiter, so there is an empty column without a name at the end."
        issues.add("data.short_header", text, file=file, line=rows.header_line)
        cells += [""]
    elif len(cells) < width:
        text = "The header is one name short, so the first column is taken for row names."
        issues.add("data.short_header", text, file=file, line=rows.header_line)
        cells = [""] * (width - len(cells)) + cells
    return usable_names(cells, file, rows.header_line, issues)


def _form(path: Path, encoding: str, dialect: Dialect) -> TableOptions:
    return TableOptions(
        path=str(path),
        kind=TableKind.NODES,
        format=Delimited.key,
        encoding=encoding,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        comment=dialect.comment,
        header=dialect.header,
        decimal="," if dialect.decimal == "," else ".",
    )
