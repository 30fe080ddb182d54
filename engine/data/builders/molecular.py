"""Tables of molecules with roles become a collection: one graph of atoms and bonds for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.errors import BuildError
from engine.core.events import EventSink, silent
from engine.data.builders.relational import CodedFeatures, RelationalData
from engine.data.chem.fields import Field
from engine.data.chem.reading import Place, Reading, Target, read_molecules
from engine.data.collection import CollectionData, CollectionReport
from engine.data.columns import Column, TextFrame
from engine.data.issues import IssueLog
from engine.data.join import JoinReport
from engine.data.options import DataOptions
from engine.data.parts import one_column
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.table import ColumnSpec, Table
from engine.graph.graph import Graph


def build_molecules(
    tables: Sequence[Table],
    options: DataOptions,
    *,
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> CollectionData:
    """Read the molecules of tables with a SMILES column; several tables stand one below the other.

    Rows that cannot be read are left out and noted; the ids are those of the column with the role graph_id, or the
    numbers of the rows.

    Args: as `build_collection`; tables of other kinds are not looked at.
    Raises: RoleError: a table has not exactly one SMILES column. BuildError: no row can be read. Cancelled.
    """
    log = issues if issues is not None else IssueLog()
    rows = _Rows(
        [table for table in tables if table.kind is TableKind.MOLECULES],
    )
    found = read_molecules(
        rows.smiles.tolist(),
        {name: Target(rows.frame.column(name).objects(), is_number) for name, is_number in rows.targets().items()},
        features=options.molecules,
        cleaning=options.cleaning,
        place=Place(rows.file, rows.smiles_name, rows.lines),
        issues=log,
        cancel=cancel,
        sink=sink,
    )
    if not len(found.rows):
        raise BuildError(
            f"No row of {' and '.join(rows.files)} can be read as a molecule.",
            code="data.build.no_molecule",
            hint="See the issues; the column with the role smiles has to hold SMILES.",
        )
    return _collection(rows, found)


class _Rows:
    """The tables as one. `frame` holds every column, the ids and the SMILES among them."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.files = tuple(table.path.name for table in tables)
        self.file = self.files[0] if len(self.files) == 1 else ""
        names = [one_column(table, Role.SMILES) for table in tables]
        self.smiles_name = names[0]
        self.columns: dict[str, ColumnSpec] = {}
        for table, smiles in zip(tables, names, strict=True):
            for name, spec in table.columns.items():
                self.columns.setdefault(self.smiles_name if name == smiles else name, spec)
        self.columns[self.smiles_name] = replace(self.columns[self.smiles_name], name=self.smiles_name)
        cells: dict[str, Column] = {}
        for name in self.columns:
            own = [smiles if name == self.smiles_name else name for smiles in names]
            parts = [_cells(table, column) for table, column in zip(tables, own, strict=True)]
            cells[name] = Column.join(parts)
        self.lines = np.concatenate([np.asarray(table.lines, np.int64) for table in tables])
        self.frame = TextFrame(cells, len(self.lines))
        self.smiles = cells[self.smiles_name]

    def targets(self) -> dict[str, bool]:
        """Return the columns to predict, and whether each holds numbers."""
        specs = self.columns.items()
        return {name: spec.kind is ColumnKind.NUMBER for name, spec in specs if spec.role is Role.TARGET}

    def ids(self) -> tuple[str | None, np.ndarray]:
        """Return the column of the ids, None where there is none, and the ids [R]."""
        name = next((name for name, spec in self.columns.items() if spec.role is Role.GRAPH_ID), None)
        numbers = np.array([str(row + 1) for row in range(len(self.lines))], dtype=object)
        if name is None:
            return None, numbers
        cells = self.frame.column(name).objects()
        return name, np.where(self.frame.column(name).is_empty(), numbers, cells)


def _cells(table: Table, name: str) -> Column:
    if name in table.columns:
        return table.column(name)
    return Column.of([None] * table.num_rows)


def _collection(rows: _Rows, found: Reading) -> CollectionData:
    molecules = found.molecules
    name, ids = rows.ids()
    columns = {key: spec for key, spec in rows.columns.items() if key != name}
    cells = {key: rows.frame.column(key).take(found.rows) for key in columns}
    # What is drawn and compared must be what became the graph: of a salt perhaps its largest fragment.
    cells[rows.smiles_name] = Column.of(found.smiles)
    for target, values in found.targets.items():
        cells[target] = Column.of(values)
    graph = Graph(molecules.indptr, molecules.indices, None, False, molecules.edge_attr)
    sizes = molecules.num_atoms
    count = len(molecules.x)
    report = CollectionReport(
        nodes=JoinReport(num_nodes=count, num_edges=graph.num_links),
        graph_files=rows.files,
        num_graphs=len(found.rows),
        in_table=len(rows.lines),
        smallest=int(sizes.min()),
        median=int(np.median(sizes)),
        largest=int(sizes.max()),
        reading=found.report.to_plain(),
    )
    union = RelationalData(
        graph,
        # Atoms have no ids.
        np.full(count, "", dtype=object),
        TextFrame({}, count),
        {},
        None,
        [],
        report.nodes,
        np.full(count, -1, np.int64),
        CodedFeatures(molecules.x, names_of(molecules.atom_fields)),
    )
    return CollectionData(
        union,
        molecules.atom_ptr,
        ids[found.rows],
        TextFrame(cells, len(found.rows)),
        columns,
        rows.lines[found.rows],
        report,
    )


def names_of(fields: Sequence[Field]) -> tuple[str, ...]:
    """Return the name of each column of the fields, such as "element C" or "aromatic"."""
    return tuple(
        field.name if field.width == 1 else f"{field.name} {value}" for field in fields for value in field.values
    )
