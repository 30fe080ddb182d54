"""Numbers that are known of each graph beside its nodes: descriptors of molecules, columns of the table of graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError, RoleError
from engine.core.events import EventSink, silent
from engine.data.collection import CollectionData, pooled_features
from engine.data.columns import column_of
from engine.data.judging import numbers_of
from engine.data.roles import ColumnKind, Role
from engine.data.schema import FeatureMatrix

KnownTable = Literal["descriptors", "motifs", "targets", "pooled"]


def known_names(table: KnownTable, width: int) -> tuple[str, ...]:
    """Return the columns of a table that is made from the graphs themselves.

    Args: table: all but "targets". width: F, features of a node.
    """
    if table == "pooled":
        parts = ("nodes", "edges", "degree"), *(tuple(f"{how} {k}" for k in range(width)) for how in ("sum", "mean"))
        return tuple(name for part in parts for name in part)
    from engine.data.chem.numbers import descriptor_names, motif_names

    return motif_names() if table == "motifs" else descriptor_names()


def known_numbers(
    data: CollectionData,
    table: KnownTable,
    columns: Sequence[str] = (),
    *,
    x: FeatureMatrix | None = None,
    path: str = "pretrain.type",
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
) -> npt.NDArray[np.float32]:
    """Return a table of numbers with one row for each graph, float32 [B, K], NaN where unknown.

    Args:
        table: "descriptors" or "motifs" of molecules, see `engine.data.chem.asking`; "targets" of the table of graphs;
            "pooled", see `pooled_features`.
        columns: of the targets; none takes every column of numbers that is no id.
        x: features of the nodes [N, F], for what is pooled. path: the option that asks for the table.
        sink: told of progress, in molecules. cancel: checked now and then.
    Raises: MismatchError: the graphs are no molecules, or their table has no column of numbers. RoleError: a column is
        not there. Cancelled.
    """
    if table == "targets":
        return _columns(data, columns)
    if table == "pooled":
        return pooled_features(data.graph, data.graph_ptr, x)
    smiles = next((name for name, spec in data.columns.items() if spec.role is Role.SMILES), None)
    if smiles is None:
        raise MismatchError(
            f"Only molecules have {table}, and these graphs have no column of SMILES.",
            hint="Choose another objective." if path == "pretrain.type" else 'Set it to "nothing".',
            path=path,
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
