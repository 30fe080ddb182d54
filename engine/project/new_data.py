"""Other files in the shape of a run's data: roles go by column name, file names may differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.core.errors import MismatchError, ReadError
from engine.data.options import ColumnOptions, DataOptions, TableOptions
from engine.data.reading import read_files
from engine.data.roles import Role, TableKind
from engine.data.table import Table

# What a table cannot do without, whatever else it holds.
_NEEDED = (
    Role.NODE_ID,
    Role.GRAPH_ID,
    Role.SMILES,
    Role.EDGE_SOURCE,
    Role.EDGE_TARGET,
    Role.FEATURE_NAME,
    Role.FEATURE_VALUE,
)
_ROWS_TO_LOOK_AT = 200


def options_for(trained_on: DataOptions, files: Sequence[Path], *, encoding: str | None = None) -> DataOptions:
    """Return how new files are to be read so that they mean what the run's files meant.

    Each file takes the roles of that table of the run with which it shares most column names. Columns that the run
    never saw are ignored; columns that it needs and that are missing are found by the schema afterwards. Molecules
    are found by their SMILES, whatever the column is called, and need no ids.

    Args: trained_on: the run's own options. files: new files, in any order. encoding: of text that does not say.
    Raises: ReadError: a file cannot be read. MismatchError: a file resembles no table of the run, or none has edges.
    """
    tables = []
    for path in files:
        for table in _look(path, trained_on, encoding):
            tables.append(_matched(table, trained_on))
    if not any(table.kind in (TableKind.EDGES, TableKind.MOLECULES) for table in tables):
        raise MismatchError(
            "None of the new files holds edges.",
            hint="Add the file with the edges of the new graph; its columns are named as in the run's own.",
        )
    return trained_on.model_copy(update={"tables": tuple(tables)})


def _look(path: Path, trained_on: DataOptions, encoding: str | None) -> list[Table]:
    """Read the first rows; where the encoding is uncertain, the one the run was trained with is taken."""
    try:
        return _first_rows(path, encoding)
    except ReadError as error:
        known = next((table.encoding for table in trained_on.tables if table.encoding), None)
        if error.code != "data.encoding" or encoding or known is None:
            raise
        return _first_rows(path, known)


def _first_rows(path: Path, encoding: str | None) -> list[Table]:
    return read_files([path], {"": encoding} if encoding else None, limit=_ROWS_TO_LOOK_AT)


def _matched(table: Table, trained_on: DataOptions) -> TableOptions:
    of_molecules = next((known for known in trained_on.tables if known.kind is TableKind.MOLECULES), None)
    if of_molecules is not None and table.kind is TableKind.MOLECULES:
        return _molecules(table, of_molecules)
    names = set(table.columns) or set(map(str, table.frame.columns))
    best = max(trained_on.tables, key=lambda known: _likeness(names, known))
    needed = [name for name, spec in best.columns.items() if spec.role in _NEEDED]
    absent = [name for name in needed if name not in names]
    if absent or not needed:
        raise MismatchError(
            f"{table.path.name} is like none of the tables that the run was trained on.",
            hint=f"Its columns must have the same names; the closest is {Path(best.path).name}, which also has "
            f"{', '.join(absent)}."
            if absent
            else "Its columns must have the same names.",
            file=str(table.path),
        )
    ignored = ColumnOptions(role=Role.IGNORE)
    columns = {name: best.columns.get(name, ignored) for name in map(str, table.frame.columns)}
    return table.form.model_copy(
        update={"path": str(table.path), "kind": best.kind, "columns": columns, "decimal": best.decimal}
    )


def _molecules(table: Table, known: TableOptions) -> TableOptions:
    ignored = ColumnOptions(role=Role.IGNORE)
    columns = {name: known.columns.get(name, ignored) for name in table.columns}
    for role in (Role.SMILES, Role.GRAPH_ID):
        if not any(spec.role is role for spec in columns.values()):
            columns.update({name: ColumnOptions(role=role) for name in table.with_role(role)})
    update = {"path": str(table.path), "kind": known.kind, "columns": columns, "decimal": known.decimal}
    return table.form.model_copy(update=update)


def _likeness(names: set[str], known: TableOptions) -> float:
    """Return the share of column names in common; a table that lacks what it needs counts for less."""
    own = set(known.columns)
    lacks = any(spec.role in _NEEDED and name not in names for name, spec in known.columns.items())
    return len(names & own) / max(1, len(names | own)) - (1.0 if lacks else 0.0)
