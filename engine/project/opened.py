"""A recipe's files, read and joined: the data that a run, a prediction or an import works on."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.core.errors import CorruptError, MismatchError, RoleError
from engine.core.events import EventSink, Notice, silent
from engine.core.fingerprint import of_plain
from engine.data.dataset import AnyData, build
from engine.data.issues import IssueLog
from engine.data.items import Items
from engine.data.options import DataOptions
from engine.data.reading import ReadBefore, read_tables
from engine.data.roles import Role, TableKind
from engine.data.room import Room
from engine.data.table import Table
from engine.project.kept import Kept, digest_of

# Molecules without a column of ids are numbered as their rows are.
_ROW = "row"
_WITH_IDS = (TableKind.NODES, TableKind.GRAPHS, TableKind.MOLECULES)
_ITEM_IDS = {
    "node": ((TableKind.NODES,), Role.NODE_ID),
    "graph": ((TableKind.GRAPHS, TableKind.MOLECULES), Role.GRAPH_ID),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """Data as a recipe describes it.

    Args: data: graph and node table, or a collection of graphs. tables: as read, without their cells. issues: what
        was wrong. fingerprint: of files and options. is_kept: whether the next one who asks need not read the files.
    """

    data: AnyData
    tables: Sequence[Table]
    issues: IssueLog
    fingerprint: str
    is_kept: bool = False

    @property
    def id_name(self) -> str:
        """Name of the id column of the items' table, `node_id` or `graph_id` where there is none."""
        kinds, role = _ITEM_IDS[self.data.items.level]
        # Where no table is of graphs, nodes name them.
        tables = sorted(self.tables, key=lambda table: table.kind not in kinds)
        named = (name for table in tables if table.kind in _WITH_IDS for name in table.with_role(role))
        return next(named, _ROW if any(table.kind is TableKind.MOLECULES for table in tables) else role.value)


def open_data(
    options: DataOptions,
    *,
    base: Path | None = None,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
    room: Room | None = None,
    read: ReadBefore | None = None,
) -> Opened:
    """Read all files whole and join them, or open what came of it before (`engine.project.kept`).

    Args: options: the files and roles. base: where relative paths start. sink: hears progress and issues. room: how
        much memory there is, and where the rest goes while the data is in use; None for enough. read: rows of the
        files that were read a moment ago.
    Raises: ReadError, RoleError, BuildError: as the readers say. Cancelled.
    """
    token = cancel or CancelToken()
    folder = base or Path.cwd()
    if not all((folder / table.path).is_file() for table in options.tables):
        # The readers say what is wrong, in their words.
        read_tables(options, folder, cancel=token)
    digest = digest_of(options, folder, token)
    name = _fingerprint(options, digest)
    kept = Kept(options, folder, digest)
    found = kept.find(token)
    issues = IssueLog(sink)
    if found is not None:
        issues.replay(found.issues, found.counts)
        text = "The tables were read before and have not changed, so they are not read again."
        sink(Notice("info", "data.kept", text))
        return Opened(found.data, found.tables, issues, name, is_kept=True)
    tables = read_tables(options, folder, issues=issues, cancel=token, sink=sink, room=room, read=read)
    data = build(tables, options, issues=issues, cancel=token, sink=sink, room=room)
    tables = [table.without_cells() for table in tables]
    is_kept = kept.keep(data, tables, issues, token)
    return Opened(data, tables, issues, name, is_kept)


def fingerprint(options: DataOptions, base: Path | None = None) -> str:
    """Return the content hash of the files and of the options that decide how they are understood.

    Where the files lie takes no part: the same data elsewhere has the same fingerprint.
    """
    return _fingerprint(options, digest_of(options, base or Path.cwd()))


def _fingerprint(options: DataOptions, digest: str) -> str:
    plain = options.to_hash()
    for table in plain["tables"]:
        table["path"] = Path(table["path"]).name
    return of_plain([digest, plain])


def check_unchanged(options: DataOptions, expected: str) -> None:
    """Make sure that the files are those that a run began with.

    Raises: CorruptError: a file is gone. MismatchError: a file has changed since.
    """
    gone = [table.path for table in options.tables if not Path(table.path).is_file()]
    if gone:
        raise CorruptError(
            f"{gone[0]}, which this run began with, is no longer there.", hint="Put it back, or start a new run."
        )
    if fingerprint(options) != expected:
        names = ", ".join(Path(table.path).name for table in options.tables)
        raise MismatchError(
            f"The files of this run ({names}) have changed since it began, so it cannot go on with the same numbers.",
            hint="Put the old files back, or start a new run.",
        )


def target_cells(items: Items, columns: Sequence[str]) -> NDArray[np.object_]:
    """Return the cells of the target's columns, text or None: shape [I] of one column, [I, T] of several.

    Raises: RoleError: there is no such column; the message names close ones.
    """
    for column in columns:
        if column not in items.names:
            text = f'The {items.level} table has no column "{column}" to predict.'
            raise RoleError(text, hint=close_names(column, items.names))
    cells = [np.asarray(items.table[column], dtype=object) for column in columns]
    return cells[0] if len(cells) == 1 else np.stack(cells, axis=1)


def close_names(name: str, known: Sequence[str]) -> str:
    """Return a hint that names what was probably meant, or everything there is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f'Did you mean "{close[0]}"?'
    shown = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
    return f"It has: {shown}." if known else "It has no columns beside the ids."
