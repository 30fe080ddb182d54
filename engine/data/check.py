"""Look at files before anything is imported: what was understood, what is wrong, and how the tables fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.cancel import CancelToken
from engine.core.errors import BuildError, ReadError, RoleError
from engine.core.events import EventSink, silent
from engine.data.content import check_file, read_content, unpacked_size
from engine.data.dataset import build
from engine.data.encoding import Encoding, ask_for_encoding, detect
from engine.data.importers import importer_for, without_companions
from engine.data.issues import IssueLog
from engine.data.options import DataOptions
from engine.data.reading import chosen_encoding, read_files, read_tables
from engine.data.suggest import options_of
from engine.data.table import Table

# Files up to this size are read whole: what a table is and how tables fit shows only where all ids are seen.
WHOLE_SIZE = 16 * 1024 * 1024
_ROWS_OF_LARGE = 5000
_ROWS_SHOWN = 50
_CELLS_SHOWN = 20000
_JUDGED_BYTES = 1 << 20


def check_files(
    paths: Sequence[Path],
    *,
    encodings: Mapping[str, str] | None = None,
    options: DataOptions | None = None,
    target: str | None = None,
    base: Path = Path(),
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> dict[str, Any]:  # Any: JSON values
    """Read files, or their beginnings where they are large, and report on them.

    Args:
        paths: the files; not needed when options are given.
        encodings: path or name of a file to its encoding, "" for all that do not say; one that needs one is shown
            in the likeliest.
        options: kinds and roles as edited so far; suggested when None.
        target: column to predict, None to suggest one.
        base: folder that relative paths start from.
        issues, cancel, sink: as in `read_tables`.
    Returns: `{data, tables: [{path, name, kind, format, encoding, encoding_certain, encoding_candidates, error,
        delimiter, header, rows, rows_complete, columns, head, head_lines}], join, join_error, issues, issue_counts}`.
        A file whose encoding must be chosen has `encoding` None here and in `data`, so that nothing is guessed later.
    Raises: ReadError: a file cannot be read. RoleError: there is no such target.
    """
    log = issues if issues is not None else IssueLog(sink)
    named = (
        [base / form.path for form in options.tables] if options else without_companions([*map(base.joinpath, paths)])
    )
    files = list(dict.fromkeys(named))
    chosen = {str(base / form.path): form.encoding for form in options.tables if form.encoding} if options else {}
    chosen |= _by_path(files, encodings or {})
    asked = {path: found for path in files if (found := _uncertain(path, chosen)) is not None}
    guessed = chosen | {str(path): found.name for path, found in asked.items()}
    large = {path for path in files if unpacked_size(path) > WHOLE_SIZE}
    limits = dict.fromkeys(large, _ROWS_OF_LARGE)
    if options is None:
        tables = read_files(files, guessed, target, limit=limits, issues=log, cancel=cancel, sink=sink)
    else:
        options = _with_encodings(options, base, guessed)
        tables = read_tables(options, base, limit=limits, issues=log, cancel=cancel, sink=sink, with_reasons=True)
    tables = [_without_guess(table) if table.path in asked else table for table in tables]
    data = options_of(tables, None if options is None else options.directed)
    if options is not None:
        data = options.model_copy(update={"tables": data.tables})
    join, trouble = _join(tables, data, large, log, cancel)
    return {
        "data": data.model_dump(mode="json"),
        "tables": [_describe(table, asked.get(table.path), limits.get(table.path)) for table in tables],
        "join": join,
        "join_error": trouble,
        **log.to_plain(),
    }


def _uncertain(path: Path, chosen: Mapping[str, str]) -> Encoding | None:
    """Return the candidates of a file whose encoding was neither found nor chosen."""
    check_file(path)
    if str(path) in chosen or importer_for(path).key != "delimited":
        return None
    found = detect(path, WHOLE_SIZE)
    return None if found.certain else found


def _by_path(files: Sequence[Path], encodings: Mapping[str, str]) -> dict[str, str]:
    found = {str(path): chosen_encoding(path, encodings) for path in files}
    return {path: name for path, name in found.items() if name is not None}


def _with_encodings(options: DataOptions, base: Path, chosen: Mapping[str, str]) -> DataOptions:
    tables = []
    for form in options.tables:
        path = base / form.path
        encoding = chosen.get(str(path), form.encoding)
        # Until one is chosen the names of the columns were read in the likeliest encoding; in another they differ.
        before = form.encoding or (detect(path, WHOLE_SIZE).name if encoding is not None else None)
        columns = form.columns if encoding == before else {}
        tables.append(form.model_copy(update={"encoding": encoding, "columns": columns}))
    return options.model_copy(update={"tables": tuple(tables)})


def _without_guess(table: Table) -> Table:
    return replace(table, form=table.form.model_copy(update={"encoding": None}))


def _join(
    tables: Sequence[Table], data: DataOptions, large: set[Path], issues: IssueLog, cancel: CancelToken | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:  # Any: JSON values
    """Join the tables; why that cannot be done is part of the report, not its failure."""
    if large:
        names = " and ".join(sorted(path.name for path in large))
        # The first rows of nodes and of edges seldom speak of the same nodes.
        error = BuildError(
            f"Only the first {_ROWS_OF_LARGE:,} rows of {names} were looked at, "
            "so how the tables fit together is not known yet.",
            code="data.preview_partial",
            hint="Import the files to see it.",
        )
        return None, error.to_plain()
    try:
        built = build(tables, data, issues=issues, cancel=cancel)
    except (BuildError, RoleError) as error:
        return None, error.to_plain()
    return built.join.to_plain(), None


def _describe(table: Table, asked: Encoding | None, limit: int | None) -> dict[str, Any]:  # Any: JSON values
    rows = min(_ROWS_SHOWN, max(5, _CELLS_SHOWN // max(1, len(table.columns))))
    is_complete = limit is None or table.num_rows < limit
    error: ReadError | None = None if asked is None else ask_for_encoding(table.path, asked)
    return {
        "path": str(table.path),
        "name": table.path.name,
        "kind": table.kind.value,
        "format": table.form.format,
        "encoding": table.form.encoding,
        "encoding_certain": asked is None,
        "encoding_candidates": [{"name": c.name, "sample": c.sample} for c in asked.candidates] if asked else [],
        "error": error.to_plain() if error else None,
        "delimiter": table.form.delimiter,
        "header": table.form.header,
        "rows": table.num_rows if is_complete else _estimate_rows(table.path),
        "rows_complete": is_complete,
        "columns": [
            {
                "name": column.name,
                "role": column.role.value,
                "kind": column.kind.value,
                "reason": column.reason,
                "missing": column.missing,
                "distinct": column.distinct,
                "examples": list(column.examples),
            }
            for column in table.columns.values()
        ],
        "head": [list(row) for row in table.frame.head(rows).itertuples(index=False, name=None)],
        "head_lines": [int(line) for line in table.lines[:rows]],
    }


def _estimate_rows(path: Path) -> int:
    content = read_content(path, _JUDGED_BYTES)
    lines = max(content.data.count(b"\n"), content.data.count(b"\r"), 1)
    return max(1, round(lines * content.size / len(content.data)))
