"""Look at the first rows of files: what was understood, and what is wrong, before anything is imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import BuildError, OptionError, ReadError, RoleError
from engine.core.events import StageStarted
from engine.data.options import DataOptions
from engine.jobs._base import Job
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    from engine.data.encoding import Encoding
    from engine.data.issues import IssueLog
    from engine.data.table import Table

_ROWS_SHOWN = 50
_BYTES_TO_JUDGE = 1 << 20


class Preview(Job):
    """Read the first rows of each file, suggest kinds, roles and reasons, and try to join the tables.

    Source: our own; the row-level import doctor that users of other graph programs ask for.
    """

    key = "preview"
    label = "Preview files"

    class Config(ConfigBase):
        files: tuple[str, ...] = option((), "Files to look at.")
        encodings: dict[str, str] = option({}, "File to text encoding, where the content does not say.")
        data: DataOptions | None = option(None, "Options as edited so far; suggested when absent.")
        target: str | None = option(None, "Column to predict.")
        rows: int | None = option(1000, "Most rows of each file; none reads them whole.", ge=1)

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{data, tables, issues, issue_counts, join, join_error}`; the join is of the rows that were read."""
        from engine.data.issues import IssueLog
        from engine.data.suggest import options_of

        context.sink(StageStarted("preview", 0, 1))
        issues = IssueLog(context.sink)
        tables, asked = _tables(arguments, context, issues)
        # Without a file that could be read there is nothing to suggest; the candidates are told all the same.
        data = arguments.data or (options_of(tables) if tables else None)
        join, trouble = _join(tables, data, issues, context)
        return {
            "data": None if data is None else data.model_dump(mode="json"),
            "tables": [_describe(table, arguments.rows) for table in tables] + asked,
            "join": join,
            "join_error": trouble,
            **issues.to_plain(),
        }


def _tables(
    arguments: Any, context: JobContext, issues: IssueLog
) -> tuple[list[Table], list[dict[str, Any]]]:  # Any: the job's Config; JSON values
    """Read what can be read; a file whose encoding must be chosen comes back with its candidates."""
    from engine.data.reading import read_files, read_tables

    limit = arguments.rows
    if arguments.data is not None:
        data = _with_encodings(arguments.data, arguments.encodings)
        return read_tables(
            data, context.folder, limit=limit, issues=issues, cancel=context.cancel, sink=context.sink
        ), []
    if not arguments.files:
        raise OptionError("There are no files to look at.", hint="Name at least one.", path="preview.files")
    paths = [context.folder / file for file in arguments.files]
    readable, asked = [], []
    for path in paths:
        found = None if _named(path, arguments.encodings) else _candidates(path)
        if found is None:
            readable.append(path)
        else:
            asked.append(found)
    if not readable:
        return [], asked
    tables = read_files(
        readable,
        arguments.encodings,
        arguments.target,
        limit=limit,
        issues=issues,
        cancel=context.cancel,
        sink=context.sink,
    )
    return tables, asked


def _with_encodings(data: DataOptions, encodings: dict[str, str]) -> DataOptions:
    tables = tuple(
        table.model_copy(update={"encoding": encodings[table.path]}) if table.path in encodings else table
        for table in data.tables
    )
    return data.model_copy(update={"tables": tables})


def _named(path: Path, encodings: dict[str, str]) -> bool:
    return any(name in encodings for name in (str(path), path.name, ""))


def _candidates(path: Path) -> dict[str, Any] | None:  # Any: JSON values
    """Return a table entry without rows for a text whose encoding is uncertain, None when it is certain."""
    from engine.data.importers import importer_for

    try:
        importer_for(path).read(path, None, limit=1)
    except ReadError as error:
        if error.code != "data.encoding":
            raise
        plain = error.to_plain()
        return {
            "path": str(path),
            "name": path.name,
            "kind": None,
            "format": "delimited",
            "encoding": None,
            "encoding_certain": False,
            "encoding_candidates": plain["details"].get("candidates", []),
            "delimiter": None,
            "header": None,
            "rows": 0,
            "rows_complete": False,
            "columns": [],
            "head": [],
            "head_lines": [],
            "error": plain,
        }
    return None


def _join(
    tables: list[Table], data: DataOptions | None, issues: IssueLog, context: JobContext
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:  # Any: JSON values
    """Join the rows that were read; why it cannot be done is part of the preview, not its failure."""
    from engine.data.builders.relational import build_relational

    if data is None:
        return None, None
    try:
        built = build_relational(tables, data, issues=issues, cancel=context.cancel)
    except (BuildError, RoleError) as error:
        return None, error.to_plain()
    return built.join.to_plain(), None


def _describe(table: Table, limit: int | None) -> dict[str, Any]:  # Any: JSON values
    shown = table.frame.head(_ROWS_SHOWN)
    encoding = _detected(table.path, table.form.format)
    return {
        "path": str(table.path),
        "name": table.path.name,
        "kind": table.kind.value,
        "format": table.form.format,
        "encoding": table.form.encoding,
        "encoding_certain": encoding is None or encoding.certain,
        "encoding_candidates": []
        if encoding is None or encoding.certain
        else [{"name": one.name, "sample": one.sample} for one in encoding.candidates],
        "delimiter": table.form.delimiter,
        "header": table.form.header,
        "rows": table.num_rows,
        "rows_complete": limit is None or table.num_rows < limit,
        "columns": [
            {
                "name": spec.name,
                "role": spec.role.value,
                "kind": spec.kind.value,
                "reason": spec.reason,
                "missing": spec.missing,
                "distinct": spec.distinct,
                "examples": list(spec.examples),
            }
            for spec in table.columns.values()
        ],
        "head": [list(row) for row in shown.itertuples(index=False, name=None)],
        "head_lines": [int(line) for line in table.lines[:_ROWS_SHOWN]],
    }


def _detected(path: Path, format: str) -> Encoding | None:
    """Return what the content says about its encoding, None for formats that state it themselves."""
    from engine.data.encoding import detect

    return detect(path, _BYTES_TO_JUDGE) if format == "delimited" else None
