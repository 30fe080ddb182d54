"""Tables with roles as arrays: rows that lack what they need become issues, the rest goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.core.errors import BuildError, RoleError
from engine.data.issues import IssueLog
from engine.data.roles import Role
from engine.data.table import ColumnSpec, Table
from engine.data.values import to_numbers


@dataclass(frozen=True, slots=True)
class NodeRows:
    """The node tables as one: rows of the first table that names an id, columns of all."""

    ids: np.ndarray
    frame: pd.DataFrame
    columns: dict[str, ColumnSpec]
    lines: np.ndarray
    duplicates: int


@dataclass(frozen=True, slots=True)
class EdgeRows:
    """The edge tables as one.

    Args:
        source, target: [M] object, ids of both ends.
        weight: [M] float64, or None.
        lines: [M] int64, line of each row in its file, -1 where the format has none.
        table: [M] int64, which table each row is from.
        files, columns: name, and names of the two columns, of each table.
    """

    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray | None
    lines: np.ndarray
    table: np.ndarray
    files: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]

    def take(self, keep: np.ndarray) -> EdgeRows:
        """Return the rows where keep [M] is true."""
        weight = None if self.weight is None else self.weight[keep]
        cells = (self.source[keep], self.target[keep], weight, self.lines[keep], self.table[keep])
        return EdgeRows(*cells, self.files, self.columns)


@dataclass(frozen=True, slots=True)
class FeatureRows:
    """The feature tables as one: id, feature name and value of each row [R]."""

    ids: np.ndarray
    names: np.ndarray
    values: np.ndarray


def _one_column(table: Table, role: Role) -> str:
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


def join_nodes(tables: Sequence[Table], log: IssueLog) -> NodeRows | None:
    """Put the node tables together: an id that several of them name is one row; None when there is no table.

    Raises: RoleError: a table has not exactly one id column.
    """
    parts = [_unique_rows(table, log) for table in tables]
    if len(parts) < 2:
        return parts[0] if parts else None
    ids = pd.unique(np.concatenate([part.ids for part in parts]))
    index = pd.Index(ids)
    shared = sum(len(part.ids) for part in parts) - len(ids)
    if shared:
        names = " and ".join(table.path.name for table in tables)
        text = f"{names} have {shared:,} ids in common; rows with the same id are taken for the same node."
        log.add("data.shared_ids", text, file=tables[-1].path.name)
    columns: dict[str, ColumnSpec] = {}
    data: dict[str, np.ndarray] = {}
    lines = np.full(len(ids), -1, np.int64)
    for part, table in zip(parts, tables, strict=True):
        rows = index.get_indexer(part.ids)
        fresh = lines[rows] < 0
        lines[rows[fresh]] = part.lines[fresh]
        for name, spec in part.columns.items():
            unique = name if name not in columns else f"{name} ({table.path.name})"
            columns[unique] = spec
            data[unique] = np.full(len(ids), None, dtype=object)
            data[unique][rows] = np.asarray(part.frame[name], dtype=object)
    return NodeRows(
        ids, pd.DataFrame(data, index=range(len(ids)), dtype=object), columns, lines, sum(p.duplicates for p in parts)
    )


def _unique_rows(table: Table, log: IssueLog) -> NodeRows:
    column = _one_column(table, Role.NODE_ID)
    ids = table.cells(column)
    file = table.path.name
    keep = ~pd.isna(ids)
    for row in np.flatnonzero(~keep):
        log.add("data.no_id", "The row has no id and is left out.", file=file, line=_line(table, row), column=column)
    repeated = pd.Series(ids).duplicated().to_numpy() & keep
    for row in np.flatnonzero(repeated):
        text = f"The id {ids[row]!r} came before; this row is left out."
        log.add("data.duplicate_node", text, file=file, line=_line(table, row), column=column, value=ids[row])
    keep &= ~repeated
    columns = {name: spec for name, spec in table.columns.items() if name != column}
    frame = table.frame.loc[keep, list(columns)].reset_index(drop=True)
    return NodeRows(ids[keep], frame, columns, table.lines[keep], int(repeated.sum()))


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
        np.concatenate([p.source for p in parts]),
        np.concatenate([p.target for p in parts]),
        weight,
        np.concatenate([p.lines for p in parts]),
        np.repeat(np.arange(len(parts)), [len(p.source) for p in parts]),
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
    names = [_one_column(table, role) for role in (Role.EDGE_SOURCE, Role.EDGE_TARGET)]
    source, target = (table.cells(name) for name in names)
    file = table.path.name
    keep = ~(pd.isna(source) | pd.isna(target))
    for row in np.flatnonzero(~keep):
        column = names[0] if source[row] is None else names[1]
        text = f"The edge has nothing in column {column!r} and is left out."
        log.add("data.edge_end", text, file=file, line=_line(table, row), column=column)
    weight = _weights(table, keep, log)
    lines = table.lines[keep]
    kept = None if weight is None else weight[keep]
    return EdgeRows(source[keep], target[keep], kept, lines, np.zeros_like(lines), (file,), ((names[0], names[1]),))


def _weights(table: Table, keep: np.ndarray, log: IssueLog) -> np.ndarray | None:
    if not table.with_role(Role.EDGE_WEIGHT):
        return None
    column = _one_column(table, Role.EDGE_WEIGHT)
    cells = table.cells(column)
    weight = to_numbers(cells, table.form.decimal)
    bad = ~np.isfinite(weight) | (weight < 0)
    for row in np.flatnonzero(bad & keep):
        found = "is empty" if cells[row] is None else f"is {cells[row]!r}"
        text = f"The weight {found}, not a number from 0 up; the edge is left out."
        log.add("data.weight", text, file=table.path.name, line=_line(table, row), column=column, value=cells[row])
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
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.names for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


def _feature_rows(table: Table, log: IssueLog) -> FeatureRows:
    id_column, name_column = (_one_column(table, role) for role in (Role.NODE_ID, Role.FEATURE_NAME))
    ids, names = table.cells(id_column), table.cells(name_column)
    values = np.ones(len(ids))
    file = table.path.name
    if table.with_role(Role.FEATURE_VALUE):
        value_column = _one_column(table, Role.FEATURE_VALUE)
        cells = table.cells(value_column)
        values = to_numbers(cells, table.form.decimal)
        for row in np.flatnonzero(~np.isfinite(values)):
            text = "The value is not a number; the row is left out."
            line = _line(table, row)
            log.add("data.feature_value", text, file=file, line=line, column=value_column, value=cells[row])
    blank = pd.isna(ids) | pd.isna(names)
    for row in np.flatnonzero(blank):
        column = id_column if ids[row] is None else name_column
        text = f"Column {column!r} is empty; the row is left out."
        log.add("data.feature_row", text, file=file, line=_line(table, row), column=column)
    keep = ~blank & np.isfinite(values)
    return FeatureRows(ids[keep], names[keep], values[keep])
