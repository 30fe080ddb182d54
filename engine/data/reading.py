"""From files to tables whose columns have roles: suggested for new files, as stated for a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.cancel import CancelToken
from engine.core.errors import ReadError, RoleError
from engine.core.events import Event, EventSink, Progress, silent
from engine.data.clean import note_values, trim_ids
from engine.data.encoding import decode, detect
from engine.data.importers import importer_for, without_companions
from engine.data.issues import IssueLog
from engine.data.options import ColumnOptions, DataOptions, TableOptions
from engine.data.profile import profile_table
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.room import Room
from engine.data.suggest import suggest_tables
from engine.data.table import ColumnSpec, Table

_BAD_ROWS = 1000
_LARGE = 64 << 20  # bytes of all files together
_STRUCTURAL = (Role.NODE_ID, Role.EDGE_SOURCE, Role.EDGE_TARGET, Role.FEATURE_NAME)


@dataclass(frozen=True, slots=True)
class _Before:
    tables: list[Table]
    issues: IssueLog


class ReadBefore:
    """Rows of files as they were read, for a second reading that states what the first one found out."""

    def __init__(self) -> None:
        self._found: dict[Path, _Before] = {}

    def add(self, path: Path, tables: list[Table], issues: IssueLog) -> None:
        """Keep the tables of a file that was read whole, and what was wrong in it."""
        self._found[path.absolute()] = _Before(tables, issues)

    def find(self, path: Path, form: TableOptions) -> _Before | None:
        """Return what was read of a file, None where it was not, or was read in another way."""
        found = self._found.get(path.absolute())
        apart = {"path", "kind", "columns"}
        if found is None or found.tables[0].form.model_dump(exclude=apart) != form.model_dump(exclude=apart):
            return None
        return found


def read_files(
    paths: Sequence[Path],
    encodings: Mapping[str, str] | None = None,
    target: str | None = None,
    *,
    limit: int | Mapping[Path, int] | None = None,
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
    read: ReadBefore | None = None,
) -> list[Table]:
    """Read files of which nothing is known, and suggest what is in them.

    Args:
        paths: the files.
        encodings: path, or name, of a file to its encoding; "" for all files whose bytes do not say.
        target: column to predict, None to suggest one.
        limit: most rows of each file, or of those files that are named.
        issues, cancel, sink: as in `read_tables`.
        read: takes the rows, for a reading with roles that follows.
    Raises: ReadError: a file cannot be read. RoleError: there is no such target.
    """
    log = issues if issues is not None else IssueLog()
    found = []
    told = _Told(paths, sink)
    paths = without_companions(paths)
    for place, path in enumerate(paths):
        form = _form_with_encoding(path, encodings or {})
        own = log if read is None else IssueLog()
        tables = _read_one(path, form, None, _BAD_ROWS, _How(limit, own, cancel, told.of(path)))
        if read is not None:
            read.add(path, tables, own)
            log.replay(own.issues, own.counts)
        found += tables
        told.file(place, "files")
    suggested = suggest_tables(found, target)
    return [_looked_over(table, log) for table in suggested]


def read_tables(
    options: DataOptions,
    base: Path,
    *,
    limit: int | Mapping[Path, int] | None = None,
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
    with_reasons: bool = False,
    room: Room | None = None,
    read: ReadBefore | None = None,
) -> list[Table]:
    """Read the tables of a recipe with the kinds and roles that it states.

    Args:
        options: the `data` part. A table whose columns it does not name has them suggested.
        base: folder that relative paths start from.
        limit: most rows of each table, or of those from the files that are named.
        issues: takes what is wrong with single places.
        cancel: checked now and then.
        sink: told of progress, one step for each table.
        room: how much memory there is, and where the rest goes; None for enough.
        read: rows of files that were read a moment ago; they are used where the recipe states what was found then.
        with_reasons: give a column that is used as it would have been suggested the reason of that suggestion.
    Returns: one table for each of the recipe, in its order.
    Raises:
        ReadError: a file cannot be read, or too many of its rows cannot.
        RoleError: a column that joins the tables is not in its file.
    """
    log = issues if issues is not None else IssueLog()
    tables: list[Table] = []
    told = _Told([base / form.path for form in options.tables], sink)
    for place, form in enumerate(options.tables):
        path = base / form.path
        before = None if read is None or options.bad_rows_limit != _BAD_ROWS else read.find(path, form)
        if before is not None:
            found = before.tables
            log.replay(before.issues.issues, before.issues.counts)
        else:
            how = _How(limit, log, cancel, told.of(path), room)
            found = _read_one(path, form, form.format, options.bad_rows_limit, how)
        # A graph file gives two tables; each is named by its kind.
        tables.append(found[0] if len(found) == 1 else next(table for table in found if table.kind is form.kind))
        told.file(place, "tables")
    is_open = with_reasons or any(not form.columns for form in options.tables)
    suggested = suggest_tables(tables, kinds=[form.kind for form in options.tables]) if is_open else tables
    understood = [
        _as_stated(table, form, log, guess.columns) if form.columns else guess
        for table, guess, form in zip(tables, suggested, options.tables, strict=True)
    ]
    return [_looked_over(table, log) for table in understood]


def chosen_encoding(path: Path, encodings: Mapping[str, str]) -> str | None:
    """Return what was chosen for a file, by its path, by its name, or with "" for all files that do not say.

    Raises: ReadError: the file cannot be read, or no encoding has the name given for all.
    """
    named = encodings.get(str(path)) or encodings.get(path.name)
    general = encodings.get("")
    if named or not general:
        return named
    decode(b"", general, str(path))
    return None if detect(path).certain else general


def _form_with_encoding(path: Path, encodings: Mapping[str, str]) -> TableOptions | None:
    named = chosen_encoding(path, encodings)
    return TableOptions(path=str(path), kind=TableKind.NODES, encoding=named) if named else None


class _Told:
    """Progress: file by file where they are small, in megabytes of all of them where they are not."""

    def __init__(self, paths: Sequence[Path], sink: EventSink) -> None:
        self._sizes = {path: path.stat().st_size if path.is_file() else 0 for path in paths}
        self._count = len(paths)
        self._sink = sink

    def of(self, path: Path) -> EventSink:
        """Return what hears of one file; those before it count as read."""
        names = list(self._sizes)
        before = sum(self._sizes[name] for name in names[: names.index(path)])
        total = self._total

        def tell(event: Event) -> None:
            # The end of a file is told by whoever reads the next one.
            if isinstance(event, Progress) and 0 < event.done < event.total:
                done = before + int(event.done / event.total * self._sizes[path])
                self._sink(Progress(done >> 20, total >> 20, "MB"))

        return tell

    def file(self, place: int, unit: str) -> None:
        """Tell that the file at this place was read."""
        if self._total < _LARGE or place + 1 == self._count:
            self._sink(Progress(place + 1, self._count, unit))

    @property
    def _total(self) -> int:
        return sum(self._sizes.values())


@dataclass(frozen=True, slots=True)
class _How:
    """What reading one file needs beside the file; see `read_tables`."""

    limit: int | Mapping[Path, int] | None
    issues: IssueLog
    cancel: CancelToken | None
    sink: EventSink
    room: Room | None = None


def _read_one(path: Path, form: TableOptions | None, format: str | None, bad_rows_limit: int, how: _How) -> list[Table]:
    if how.cancel is not None:
        how.cancel.check()
    issues = how.issues
    before = issues.counts["data.row"]
    most = how.limit.get(path) if isinstance(how.limit, Mapping) else how.limit
    importer = importer_for(path, format)
    # Importers of others may not know of room.
    more = {} if how.room is None else {"room": how.room}
    tables = importer.read(path, form, limit=most, issues=issues, cancel=how.cancel, sink=how.sink, **more)
    bad = issues.counts["data.row"] - before
    if bad > bad_rows_limit:
        first = next((i for i in issues.issues if i.code == "data.row" and i.file == path.name), None)
        place = f" (first: line {first.line}: {first.text})" if first is not None else ""
        raise ReadError(
            f"{bad:,} rows of {path.name} cannot be read, more than the {bad_rows_limit:,} allowed{place}.",
            code="data.too_many_bad_rows",
            hint="Check delimiter and quotes, or raise data.bad_rows_limit.",
            file=str(path),
            rows=bad,
        )
    if all(table.num_rows == 0 for table in tables):
        raise ReadError(
            f"{path.name} has a header but no row below it." if bad == 0 else f"{path.name} has no row to read.",
            code="data.no_rows",
            hint="Check that the file was saved completely.",
            file=str(path),
        )
    return tables


def _as_stated(table: Table, form: TableOptions, issues: IssueLog, guessed: Mapping[str, ColumnSpec]) -> Table:
    profiles = profile_table(table)
    columns: dict[str, ColumnSpec] = {}
    for name, profile in profiles.items():
        stated = form.columns.get(name)
        if stated is None:
            text = f"Column {name!r} is not named in the recipe and is left out."
            issues.add("data.new_column", text, file=table.path.name, column=name)
            stated = ColumnOptions(role=Role.IGNORE, kind=ColumnKind.TEXT)
            reason = "The recipe does not name it."
        else:
            guess = guessed.get(name)
            is_as_guessed = guess is not None and (guess.role, guess.kind) == (stated.role, stated.kind)
            reason = guess.reason if guess is not None and is_as_guessed else "Chosen by you."
        counts = (profile.missing, profile.distinct)
        columns[name] = ColumnSpec(name, stated.kind, stated.role, reason, *counts, profile.examples, form.decimal)
    for name in form.columns:
        if name not in profiles:
            _note_absent(table, name, form.columns[name].role, issues)
    return table.with_columns(form.kind, columns)


def _note_absent(table: Table, name: str, role: Role, issues: IssueLog) -> None:
    file = table.path.name
    if role in _STRUCTURAL:
        raise RoleError(
            f"{file} has no column {name!r}, which the recipe marks as {role.value}.",
            code="data.role.column",
            hint=f"Its columns are {', '.join(map(str, table.frame.columns))}.",
            file=str(table.path),
            column=name,
        )
    if role is not Role.IGNORE:
        text = f"The file has no column {name!r}, which the recipe marks as {role.value}."
        issues.add("data.absent_column", text, file=file, column=name)


def _looked_over(table: Table, issues: IssueLog) -> Table:
    table = trim_ids(table, issues)
    note_values(table, issues)
    return replace(table, form=table.to_options())
