"""Tables of graphs, nodes and edges with roles become a collection: one graph beside the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.errors import BuildError, RoleError
from engine.core.events import EventSink, silent
from engine.data.builders.edge_kinds import with_edge_kinds
from engine.data.builders.relational import RelationalData, build_relational
from engine.data.collection import CollectionData, CollectionReport
from engine.data.columns import Column, TextFrame, column_of, number
from engine.data.issues import IssueLog
from engine.data.options import DataOptions
from engine.data.parts import NodeRows, join_nodes
from engine.data.roles import Role, TableKind
from engine.data.table import Table
from engine.data.texts import Texts
from engine.graph.csr import row_of_entry
from engine.graph.graph import Graph


def build_collection(
    tables: Sequence[Table],
    options: DataOptions,
    *,
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> CollectionData:
    """Join tables of graphs, of nodes that say which graph they are in, and of edges.

    Graphs come in the order of their table; a graph that only nodes name comes behind those, without a row. A node
    without a graph and an edge between two graphs are left out, and noted.

    Args: as `build_relational`.
    Raises: RoleError: a table lacks the columns that its kind needs. BuildError: no node is in a graph.
    """
    log = issues if issues is not None else IssueLog()
    rows = join_nodes([table for table in tables if table.kind is TableKind.GRAPHS], log, Role.GRAPH_ID)
    union = build_relational(
        [table for table in tables if table.kind is not TableKind.GRAPHS],
        # An end without a row would be a node without a graph.
        options.model_copy(update={"implicit_nodes": "drop"}),
        issues=log,
        cancel=cancel,
        sink=sink,
    )
    home, ids = _homes(union, rows, log)
    placed = _placed(union, home, len(ids), log)
    placed = replace(placed, union=with_edge_kinds(placed.union, tables, log))
    in_table = 0 if rows is None else len(rows.ids)
    sizes = np.diff(placed.graph_ptr)
    report = CollectionReport(
        nodes=replace(
            union.join,
            num_nodes=placed.union.graph.num_nodes,
            num_edges=placed.union.graph.num_links,
        ),
        graph_files=tuple(table.path.name for table in tables if table.kind is TableKind.GRAPHS),
        num_graphs=len(ids),
        in_table=in_table,
        added=len(ids) - in_table,
        empty=int((sizes == 0).sum()),
        homeless=int((home < 0).sum()),
        crossing=placed.crossing,
        smallest=int(sizes.min()),
        median=int(np.median(sizes)),
        largest=int(sizes.max()),
    )
    lines = np.full(len(ids), -1, np.int64)
    frame = TextFrame({}, len(ids))
    if rows is not None:
        lines[:in_table] = rows.lines
        frame = TextFrame({name: rows.frame.column(name).padded(len(ids)) for name in rows.frame.columns}, len(ids))
    return CollectionData(
        placed.union,
        placed.graph_ptr,
        ids.objects(),
        frame,
        {} if rows is None else rows.columns,
        lines,
        report,
    )


def _homes(union: RelationalData, rows: NodeRows | None, log: IssueLog) -> tuple[np.ndarray, Texts]:
    """Return the graph of each node, int64 [N] with -1 for none, and the ids of all graphs."""
    column = column_of(union.nodes, _home_column(union))
    known = Texts.of([]) if rows is None else rows.ids
    both = number([known, column.values])
    home = np.append(both.codes[1], np.int32(-1))[column.codes].astype(np.int64)
    added = len(both.texts) - len(known)
    if rows is not None and added:
        first = both.texts[len(known)]
        text = f"{added:,} graphs that nodes name are in no table of graphs (first: {first!r}); they have no target."
        log.add("data.graph_without_row", text, value=first, count=added)
    homeless = np.flatnonzero(home < 0)
    for row in log.listed("data.node_without_graph", homeless):
        line = int(union.lines[row])
        text = f"The node {union.node_ids[row]!r} is in no graph and is left out."
        log.add("data.node_without_graph", text, line=line if line > 0 else None, value=str(union.node_ids[row]))
    if len(homeless) == len(home):
        raise BuildError(
            "No node says which graph it is in.",
            code="data.build.no_graph",
            hint="Mark the column that names the graph of each node as graph_id.",
        )
    return home, both.texts


def _home_column(union: RelationalData) -> str:
    names = [name for name, spec in union.columns.items() if spec.role is Role.GRAPH_ID]
    if len(names) == 1:
        return names[0]
    found = "no column is" if not names else f"{len(names)} columns are ({', '.join(names)})"
    raise RoleError(
        f"The nodes are to be told apart by graph, but {found} marked as graph_id.",
        hint="Mark exactly one column of the nodes as graph_id.",
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """The union with its nodes graph by graph. Args: crossing: edges between two graphs, which were left out."""

    union: RelationalData
    graph_ptr: np.ndarray
    crossing: int


def _placed(union: RelationalData, home: np.ndarray, num_graphs: int, log: IssueLog) -> _Placed:
    order = np.argsort(home, kind="stable")
    order = order[np.searchsorted(home[order], 0) :]
    place = np.full(len(home), -1, np.int64)
    place[order] = np.arange(len(order))
    graph_ptr = np.searchsorted(home[order], np.arange(num_graphs + 1)).astype(np.int64)
    graph = union.graph
    target, source = row_of_entry(graph.indptr), graph.indices
    inside = (home[target] == home[source]) & (home[target] >= 0)
    both = (home[target] >= 0) & (home[source] >= 0) & ~inside
    crossing = int(both.sum()) // (1 if graph.directed else 2)
    if crossing:
        at = int(np.flatnonzero(both)[0])
        names = f"{union.node_ids[source[at]]!r} and {union.node_ids[target[at]]!r}"
        text = f"{crossing:,} edges join nodes of two graphs (first: {names}) and are left out."
        log.add("data.edge_between_graphs", text, count=crossing)
    if crossing or len(order) < len(home) or (order[1:] < order[:-1]).any():
        weight = None if graph.weight is None else graph.weight[inside]
        graph = _ordered(place[source[inside]], place[target[inside]], len(order), weight, directed=graph.directed)
    moved = replace(
        union,
        graph=graph,
        node_ids=union.node_ids[order],
        nodes=_rows_of(union.nodes, order),
        features=None if union.features is None else union.features[order],
        lines=np.asarray(union.lines)[order],
    )
    return _Placed(moved, graph_ptr, crossing)


def _ordered(
    source: np.ndarray, target: np.ndarray, num_nodes: int, weight: np.ndarray | None, *, directed: bool
) -> Graph:
    """Return the graph of stored entries, each of which is there once already."""
    order = np.lexsort((source, target))
    indptr = np.zeros(num_nodes + 1, np.int64)
    np.cumsum(np.bincount(target, minlength=num_nodes), out=indptr[1:])
    return Graph(indptr, source[order].astype(np.int32), None if weight is None else weight[order], directed)


def _rows_of(frame: object, order: np.ndarray) -> TextFrame:
    assert isinstance(frame, TextFrame)
    columns: dict[str, Column] = {name: frame.column(name).take(order) for name in frame.columns}
    return TextFrame(columns, len(order))
