"""Tables with roles as arrays: rows that lack what they need become issues, the rest goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.core.errors import BuildError, RoleError
from engine.data.columns import Column, TextFrame, number
from engine.data.issues import IssueLog
from engine.data.judging import numbers_of
from engine.data.lines import Lines, as_lines
from engine.data.roles import Role
from engine.data.table import ColumnSpec, Table
from engine.data.texts import Texts


@dataclass(frozen=True, slots=True)
class NodeRows:
    """The node tables as one: rows of the first table that names an id, columns of all."""

    ids: Texts
    frame: TextFrame
    columns: dict[str, ColumnSpec]
    lines: Lines
    duplicates: int


@dataclass(frozen=True, slots=True)
class EdgeRows:
    """The edge tables as one.

    Args:
        source, target: ids of both ends [M].
        weight: [M] float64, or None.
        lines: [M], line of each row in its file, -1 where the format has none.
        counts: int64, how many rows are from each table; they stand one table behind the other.
        files, columns: name, and names of the two columns, of each table.
    """

    source: Column
    target: Column
    weight: np.ndarray | None
    lines: Lines
    counts: np.ndarray
    files: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]

    def table_of(self, row: int) -> int:
        """Return which table a row is from."""
        return int(np.searchsorted(np.cumsum(self.counts), row, side="right"))

    def take(self, keep: np.ndarray) -> EdgeRows:
        """Return the rows where keep [M] is true."""
        if keep.all():
            return self
        weight = None if self.weight is None else self.weight[keep]
        ends = np.cumsum(self.counts)
        counts = np.array([int(keep[end - count : end].sum()) for end, count in zip(ends, self.counts, strict=True)])
        source, target = self.source.take(keep), self.target.take(keep)
        return EdgeRows(source, target, weight, self.lines.take(keep), counts, self.files, self.columns)


@dataclass(frozen=True, slots=True)
class FeatureRows:
    """The feature tables as one: id, feature name and value of each row [R]."""

    ids: Column
    names: Column
    values: np.ndarray


def one_column(table: Table, role: Role) -> str:
    """Return the one column of a table that has a role.

    Raises: RoleError: none has it, or several have.
    """
    names = table.with_role(role)
    if len(names) == 1:
        return names[0]
    found = "no column is" if not names else f"{len(names)} columns are ({', '.join(names)})"
    raise RoleError(
        f"{table.path.name} is a table of {table.kind.value}, but {found} marked as {role.value}.",
        hint=f"Mark exactly one column of {table.path.name} as {role.value}, or give the table another kind.",
        file=str(table.path),
        role=role.value,
    )


def join_nodes(tables: Sequence[Table], log: IssueLog, role: Role = Role.NODE_ID) -> NodeRows | None:
    """Put the node tables together: an id that several of them name is one row; None when there is no table.

    Args: role: of the column that holds the ids; with `GRAPH_ID` these are tables of graphs.
    Raises: RoleError: a table has not exactly one id column.
    """
    noun = "node" if role is Role.NODE_ID else "graph"
    parts = [_unique_rows(table, log, role) for table in tables]
    if len(parts) < 2:
        return parts[0] if parts else None
    union = number([part.ids for part in parts])
    count = len(union.texts)
    shared = sum(len(part.ids) for part in parts) - count
    if shared:
        names = " and ".join(table.path.name for table in tables)
        text = f"{names} have {shared:,} ids in common; rows with the same id are taken for the same {noun}."
        log.add("data.shared_ids", text, file=tables[-1].path.name)
    columns: dict[str, ColumnSpec] = {}
    data: dict[str, Column] = {}
    lines = np.full(count, -1, np.int64)
    for part, rows, table in zip(parts, union.codes, tables, strict=True):
        fresh = lines[rows] < 0
        lines[rows[fresh]] = part.lines[fresh]
        for name, spec in part.columns.items():
            unique = name if name not in columns else f"{name} ({table.path.name})"
            columns[unique] = spec
            column = part.frame.column(name)
            codes = np.full(count, -1, np.int32)
            codes[rows] = column.codes
            data[unique] = Column(codes, column.values).take(np.ones(count, dtype=bool))
    frame = TextFrame(data, count)
    return NodeRows(union.texts, frame, columns, Lines.of(lines), sum(p.duplicates for p in parts))


def _unique_rows(table: Table, log: IssueLog, role: Role) -> NodeRows:
    name = one_column(table, role)
    ids = table.column(name)
    file = table.path.name
    empty = ids.is_empty()
    for row in log.listed("data.no_id", np.flatnonzero(empty)):
        log.add("data.no_id", "The row has no id and is left out.", file=file, line=_line(table, row), column=name)
    keep = np.zeros(len(ids), dtype=bool)
    keep[ids.firsts()] = True
    repeated = ~(keep | empty)
    for row in log.listed("data.duplicate_node", np.flatnonzero(repeated)):
        value = ids.text(row)
        text = f"The id {value!r} came before; this row is left out."
        log.add("data.duplicate_node", text, file=file, line=_line(table, row), column=name, value=value)
    columns = {other: spec for other, spec in table.columns.items() if other != name}
    is_whole = bool(keep.all())
    kept = {other: table.column(other) if is_whole else table.column(other).take(keep) for other in columns}
    frame = TextFrame(kept, len(ids.values))
    return NodeRows(ids.values, frame, columns, as_lines(table.lines).take(keep), int(repeated.sum()))


def _line(table: Table, row: np.integer) -> int | None:
    line = int(table.lines[row])
    return line if line > 0 else None


def join_edges(tables: Sequence[Table], log: IssueLog) -> EdgeRows:
    """Put the edge tables below each other; rows without both ends, or with a weight that is none, become issues.

    Raises:
        RoleError: a table has not exactly one source and one target column, or several weights.
        BuildError: no row is left.
    """
    parts = [_edge_rows(table, log) for table in tables]
    weight = None
    if any(part.weight is not None for part in parts):
        # A table without weights beside one with them counts 1 for each edge.
        weight = np.concatenate([np.ones(len(p.source)) if p.weight is None else p.weight for p in parts])
    edges = EdgeRows(
        Column.join([p.source for p in parts]),
        Column.join([p.target for p in parts]),
        weight,
        Lines.join([p.lines for p in parts]),
        np.concatenate([p.counts for p in parts]),
        tuple(table.path.name for table in tables),
        tuple(columns for p in parts for columns in p.columns),
    )
    if not len(edges.source):
        names = ", ".join(table.path.name for table in tables)
        raise BuildError(
            f"{names} holds no edge that could be read.",
            code="data.build.no_edges",
            hint="See the issues for the rows that were left out.",
        )
    return edges


def _edge_rows(table: Table, log: IssueLog) -> EdgeRows:
    names = [one_column(table, role) for role in (Role.EDGE_SOURCE, Role.EDGE_TARGET)]
    source, target = (table.column(name) for name in names)
    file = table.path.name
    keep = ~(source.is_empty() | target.is_empty())
    for row in log.listed("data.edge_end", np.flatnonzero(~keep)):
        column = names[0] if source.codes[row] < 0 else names[1]
        text = f"The edge has nothing in column {column!r} and is left out."
        log.add("data.edge_end", text, file=file, line=_line(table, row), column=column)
    weight = _weights(table, keep, log)
    whole = EdgeRows(
        source, target, weight, as_lines(table.lines), np.array([len(source)]), (file,), ((names[0], names[1]),)
    )
    return whole.take(keep)


def _weights(table: Table, keep: np.ndarray, log: IssueLog) -> np.ndarray | None:
    if not table.with_role(Role.EDGE_WEIGHT):
        return None
    name = one_column(table, Role.EDGE_WEIGHT)
    column = table.column(name)
    weight = numbers_of(column, table.form.decimal)
    bad = ~np.isfinite(weight) | (weight < 0)
    for row in log.listed("data.weight", np.flatnonzero(bad & keep)):
        value = column.text(row)
        found = "is empty" if value is None else f"is {value!r}"
        text = f"The weight {found}, not a number from 0 up; the edge is left out."
        log.add("data.weight", text, file=table.path.name, line=_line(table, row), column=name, value=value)
    keep &= ~bad
    return weight


def join_features(tables: Sequence[Table], log: IssueLog) -> FeatureRows | None:
    """Put the feature tables below each other; None when there is no table. A table without values counts 1 a row.

    Raises: RoleError: a table has not exactly one id and one feature column.
    """
    if not tables:
        return None
    parts = [_feature_rows(table, log) for table in tables]
    return FeatureRows(
        Column.join([part.ids for part in parts]),
        Column.join([part.names for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


def _feature_rows(table: Table, log: IssueLog) -> FeatureRows:
    id_column, name_column = (one_column(table, role) for role in (Role.NODE_ID, Role.FEATURE_NAME))
    ids, names = table.column(id_column), table.column(name_column)
    values = np.ones(len(ids))
    file = table.path.name
    if table.with_role(Role.FEATURE_VALUE):
        value_column = one_column(table, Role.FEATURE_VALUE)
        cells = table.column(value_column)
        values = numbers_of(cells, table.form.decimal)
        for row in log.listed("data.feature_value", np.flatnonzero(~np.isfinite(values))):
            text = "The value is not a number; the row is left out."
            line, value = _line(table, row), cells.text(row)
            log.add("data.feature_value", text, file=file, line=line, column=value_column, value=value)
    blank = ids.is_empty() | names.is_empty()
    for row in log.listed("data.feature_row", np.flatnonzero(blank)):
        column = id_column if ids.codes[row] < 0 else name_column
        text = f"Column {column!r} is empty; the row is left out."
        log.add("data.feature_row", text, file=file, line=_line(table, row), column=column)
    keep = ~blank & np.isfinite(values)
    return FeatureRows(ids.take(keep), names.take(keep), values[keep])
