"""What the kinds of feature columns share: a raw column, what is learnt of it, and a reason to leave it out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.events import EventSink, IssueFound, Notice, silent

Block: TypeAlias = npt.NDArray[np.float32] | sp.csr_matrix
Cells: TypeAlias = npt.NDArray[np.object_]

# Single cells are told up to this number a column; the rest is in the count.
_CELLS_TOLD = 20


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column of the node table as it was read.

    Args: name: as in the header. cells: [N] object, text or None; numbers may come as a column.
        decimal: decimal mark of its numbers. lines: [N] int64, line in the file, -1 for nodes without a row.
        file: name of the file, for issues. sink: takes issues and notices about the column.
    """

    name: str
    cells: Any  # Any: an object array, or a Column for numbers
    decimal: str
    lines: npt.NDArray[np.int64]
    file: str = ""
    sink: EventSink = silent

    def tell_cells(self, code: str, rows: npt.NDArray[np.int64], trouble: str) -> None:
        """Report single cells: the first ones each with its line, all of them in one count.

        Args: code: of the issue. rows: node positions. trouble: ends the sentence `"x" in column "c" …`.
        """
        for row in rows[:_CELLS_TOLD]:
            line = int(self.lines[row])
            value = str(self.cells[row])
            self.sink(
                IssueFound(
                    code,
                    f'"{value}" in column "{self.name}" {trouble}.',
                    file=self.file,
                    line=line if line > 0 else None,
                    column=self.name,
                    value=value,
                )
            )
        if len(rows) > _CELLS_TOLD:
            self.sink(
                Notice(
                    "warning",
                    code,
                    f'{len(rows):,} cells of column "{self.name}" like that; the first {_CELLS_TOLD} are listed.',
                    {"column": self.name, "count": len(rows)},
                )
            )

    def tell_count(self, code: str, text: str, count: int) -> None:
        """Report something about several cells at once."""
        self.sink(Notice("warning", code, text, {"column": self.name, "count": count}))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that carries nothing, and why: one half sentence that continues `Column "x" …`."""

    column: str
    code: str
    reason: str


@dataclass(frozen=True)
class Coder:
    """What was learnt of one column; plain values only, so that it can be stored beside a checkpoint.

    Args: column: name in the node table. reason: what was done with it, one sentence for people.
    """

    kind: ClassVar[str] = ""
    column: str
    reason: str

    @property
    def names(self) -> list[str]:
        """Names of the columns of `x` that it makes."""
        raise NotImplementedError

    def transform(self, raw: RawColumn) -> Block:
        """Return its columns of x, shape [N, len(names)] float32."""
        raise NotImplementedError

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return everything learnt as JSON-ready data."""
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"kind": self.kind, **{k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Coder:  # Any: JSON values
        """Rebuild a coder from `to_plain`."""
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items() if k != "kind"}
        return cls(**values)


def stack(*columns: npt.NDArray[Any]) -> npt.NDArray[np.float32]:  # Any: numbers or truth values
    """Put columns of shape [N] beside each other, float32."""
    return np.stack(columns, axis=1).astype(np.float32)
