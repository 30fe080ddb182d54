"""Numbers that are known of each graph beside its nodes: descriptors of molecules, columns of the table of graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError, RoleError
from engine.core.events import EventSink, silent
from engine.data.collection import CollectionData
from engine.data.columns import column_of
from engine.data.judging import numbers_of
from engine.data.roles import ColumnKind, Role

KnownTable = Literal["descriptors", "motifs", "targets"]


def known_numbers(
    data: CollectionData,
    table: KnownTable,
    columns: Sequence[str] = (),
    *,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
) -> npt.NDArray[np.float32]:
    """Return a table of numbers with one row for each graph, float32 [B, K], NaN where unknown.

    Args:
        table: "descriptors" or "motifs" of molecules, see `engine.data.chem.asking`; "targets" of the table of graphs.
        columns: of the targets; none takes every column of numbers that is no id.
        sink: told of progress, in molecules. cancel: checked now and then.
    Raises: MismatchError: the graphs are no molecules, or their table has no column of numbers. RoleError: a column is
        not there. Cancelled.
    """
    if table == "targets":
        return _columns(data, columns)
    smiles = next((name for name, spec in data.columns.items() if spec.role is Role.SMILES), None)
    if smiles is None:
        raise MismatchError(
            f"Only molecules have {table}, and these graphs have no column of SMILES.",
            hint="Choose another objective.",
            path="pretrain.type",
        )
    from engine.data.chem.asking import descriptors

    cells = column_of(data.graphs, smiles).tolist()
    which: Literal["all", "motifs"] = "motifs" if table == "motifs" else "all"
    return descriptors(cells, which, sink=sink, cancel=cancel).values


def _columns(data: CollectionData, columns: Sequence[str]) -> npt.NDArray[np.float32]:
    wanted = list(columns)
    if not wanted:
        of_numbers = [name for name, spec in data.columns.items() if spec.kind is ColumnKind.NUMBER]
        wanted = [name for name in of_numbers if data.columns[name].role is not Role.GRAPH_ID]
    for name in wanted:
        if name not in data.columns:
            raise RoleError(
                f'The graphs that shall be pretrained on have no column "{name}".',
                hint=f"They have: {', '.join(data.columns)}." if data.columns else "They have no table.",
                column=name,
            )
    if not wanted:
        raise MismatchError(
            "The table of the graphs has no column of numbers that could be predicted.",
            hint="Choose another objective.",
            path="pretrain.type",
        )
    return np.stack([numbers_of(column_of(data.graphs, name)) for name in wanted], axis=1).astype(np.float32)
