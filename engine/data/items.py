"""What a target, a split and a prediction are about: the nodes of one graph, or the graphs of a collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from engine.data.columns import TextFrame
from engine.data.roles import Role
from engine.data.table import ColumnSpec

Level = Literal["node", "graph"]


@dataclass(frozen=True, slots=True)
class Items:
    """Items with what the files say about each of them.

    Args:
        level: whether an item is a node or a whole graph.
        ids: [I] object, text as in the files.
        table: [I rows], text cells, None where nothing is known; without the id column.
        columns: what is known about each column of `table`.
        lines: [I] int64, line of each item's row in its file; -1 where there is none.
        files: names of the files that the rows are from.
    """

    level: Level
    ids: np.ndarray
    table: TextFrame | pd.DataFrame
    columns: Mapping[str, ColumnSpec]
    lines: np.ndarray
    files: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def smiles(self) -> np.ndarray | None:
        """Return the SMILES of each item, [I] object, None where no column has that role."""
        name = next((name for name, spec in self.columns.items() if spec.role is Role.SMILES), None)
        return None if name is None else np.asarray(self.table[name], dtype=object)

    @property
    def names(self) -> list[str]:
        """Names of the columns of the table."""
        return [str(name) for name in self.table.columns]

    @property
    def file(self) -> str:
        """Name of the file, empty where there is none or more than one."""
        return self.files[0] if len(self.files) == 1 else ""

    def count(self, number: int) -> str:
        """Return a number of items in words, such as "1 node" or "1,200 graphs"."""
        return f"{number:,} {self.level}{'' if number == 1 else 's'}"
