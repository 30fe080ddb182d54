"""A table as it was read: every cell text, every row with its line in the file, every column with its role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from engine.data.columns import Column, TextFrame, column_of
from engine.data.lines import Lines
from engine.data.options import ColumnOptions, TableOptions
from engine.data.roles import ColumnKind, Role, TableKind


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """What is known about one column.

    Args:
        name: as in the header, unique in its table.
        kind: how its values are read when they become features or targets.
        role: what the column is for.
        reason: why kind and role were suggested, one sentence for people; "chosen by you" when they were confirmed.
        missing: number of empty cells.
        distinct: number of different values, empty cells left out.
        examples: the first few different values.
        decimal: decimal mark of its numbers.
    """

    name: str
    kind: ColumnKind
    role: Role
    reason: str
    missing: int
    distinct: int
    examples: tuple[str, ...]
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one file, or of one half of a graph file; never changed, every change gives a new Table.

    Args:
        frame: one column for each name; each cell is text, or None where the file has nothing. Text tables come as
            a `TextFrame`, others as a data frame of dtype object.
        path: the file.
        kind: what the rows are.
        columns: name to what is known about the column, in the order of the file.
        lines: [rows], line of each row in the file, counted from 1; -1 where the format has no lines.
        form: how the file was read, as a recipe states it; its `columns` are empty until roles are suggested.
        directed: what the file itself says about its edges, None when it says nothing.
    """

    frame: TextFrame | pd.DataFrame
    path: Path
    kind: TableKind
    columns: Mapping[str, ColumnSpec]
    lines: Lines | np.ndarray
    form: TableOptions
    directed: bool | None = None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return len(self.lines)

    def with_role(self, role: Role) -> list[str]:
        """Return the names of the columns of that role, in the order of the file."""
        return [name for name, spec in self.columns.items() if spec.role is role]

    def cells(self, column: str) -> np.ndarray:
        """Return one column: [rows] object, text or None."""
        return np.asarray(self.frame[column], dtype=object)

    def column(self, name: str) -> Column:
        """Return one column as numbers of its different texts."""
        return column_of(self.frame, name)

    def with_columns(self, kind: TableKind, columns: Mapping[str, ColumnSpec]) -> Table:
        """Return the same rows understood in another way."""
        return replace(self, kind=kind, columns=dict(columns))

    def without_cells(self) -> Table:
        """Return what is known about the table, and no row of it."""
        return replace(self, frame=TextFrame({}, 0), lines=np.empty(0, np.int64))

    def to_options(self) -> TableOptions:
        """Return how the file was read and what its columns are for, as a recipe states it."""
        columns = {name: ColumnOptions(role=spec.role, kind=spec.kind) for name, spec in self.columns.items()}
        return self.form.model_copy(update={"kind": self.kind, "columns": columns})
