"""A graph, or a collection of them, with its features made: what training and prediction take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.data.builders.collection import build_collection
from engine.data.builders.relational import RelationalData, build_relational
from engine.data.collection import CollectionData
from engine.data.issues import IssueLog
from engine.data.options import DataOptions
from engine.data.roles import Role, TableKind
from engine.data.room import Room
from engine.data.table import Table

if TYPE_CHECKING:
    from engine.data.schema import FeatureMatrix, FeatureSchema

AnyData = RelationalData | CollectionData


@dataclass(frozen=True, slots=True)
class Dataset:
    """Raw data beside its features.

    Args: data: graph, ids and raw columns. x: shape [N, F] float32, ndarray or csr_matrix.
        schema: what made x. fingerprint: content hash of the files and options behind it.
    """

    data: AnyData
    x: FeatureMatrix
    schema: FeatureSchema
    fingerprint: str


def build(
    tables: Sequence[Table],
    options: DataOptions,
    *,
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
    room: Room | None = None,
) -> AnyData:
    """Join tables whose columns have roles: to a collection where a table or a column speaks of graphs.

    Args and errors: as `build_relational` and `build_collection`.
    """
    if any(table.kind is TableKind.MOLECULES for table in options.tables):
        from engine.data.builders.molecular import build_molecules

        return build_molecules(tables, options, issues=issues, cancel=cancel, sink=sink)
    if is_collection(options):
        return build_collection(tables, options, issues=issues, cancel=cancel, sink=sink)
    return build_relational(tables, options, issues=issues, cancel=cancel, sink=sink, room=room)


def is_collection(options: DataOptions) -> bool:
    """Say whether tables make many graphs: some hold graphs, or nodes that say which one they are in."""
    of_graphs = (TableKind.GRAPHS, TableKind.MOLECULES)
    return any(
        table.kind in of_graphs or any(spec.role is Role.GRAPH_ID for spec in table.columns.values())
        for table in options.tables
    )


def union_of(data: AnyData) -> RelationalData:
    """Return one graph with the table of its nodes: of a collection that of all its graphs side by side."""
    return data.union if isinstance(data, CollectionData) else data
