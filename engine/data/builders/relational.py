"""Tables of nodes, edges and features with roles become one graph and one table in node order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from engine.core.cancel import CancelToken
from engine.core.errors import BuildError
from engine.core.events import EventSink, Progress, silent
from engine.data.clean import note_similar_ids
from engine.data.columns import TextFrame, number_rows, places_in
from engine.data.edge_issues import Ends, note_dangling, note_isolated, note_merged
from engine.data.issues import IssueLog
from engine.data.items import Items
from engine.data.join import JoinReport
from engine.data.options import DataOptions
from engine.data.parts import EdgeRows, FeatureRows, NodeRows, join_edges, join_features, join_nodes
from engine.data.roles import Role, TableKind
from engine.data.room import Room, gathered
from engine.data.table import ColumnSpec, Table
from engine.data.texts import Texts
from engine.graph.csr import OnDisk
from engine.graph.graph import Graph, build_graph

__all__ = ["CodedFeatures", "JoinReport", "RelationalData", "build_relational"]

_EXAMPLES = 10
_BYTES_AN_EDGE = 64


@dataclass(frozen=True, slots=True)
class CodedFeatures:
    """Features that come ready-made, such as those of atoms.

    Args: values: [N, K] uint8, mostly marks of 0 and 1. names: K names.
    """

    values: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelationalData:
    """A graph with the table of its nodes.

    Args:
        graph: the structure, N nodes.
        node_ids: [N] object, text as in the files; rows of the node tables first, then added ones as they appear.
        nodes: [N rows] in node order, text cells, None where nothing is known; without the id column.
        columns: what is known about each column of `nodes`.
        features: csr [N, K] float32 from the feature tables, None without any.
        feature_names: K names, text.
        join: how the tables fitted together.
        lines: [N] int64, line of each node's row in its file; -1 for added nodes.
        coded: features that need no coding, None without any.
        edge_names: what the columns of `graph.edge_attr` mark, where kinds of edges come from a table.
    """

    graph: Graph
    node_ids: np.ndarray
    nodes: TextFrame | pd.DataFrame
    columns: Mapping[str, ColumnSpec]
    features: sparse.csr_matrix | None
    feature_names: list[str]
    join: JoinReport
    lines: np.ndarray
    coded: CodedFeatures | None = None
    edge_names: tuple[str, ...] = ()

    @property
    def items(self) -> Items:
        """The nodes, as what a target and a split are about."""
        return Items("node", self.node_ids, self.nodes, self.columns, self.lines, self.join.node_files)

    @property
    def has_features(self) -> bool:
        """Whether nodes bring features of their own."""
        has_columns = any(spec.role is Role.FEATURE for spec in self.columns.values())
        return has_columns or self.features is not None or self.coded is not None


def build_relational(
    tables: Sequence[Table],
    options: DataOptions,
    *,
    issues: IssueLog | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
    room: Room | None = None,
) -> RelationalData:
    """Join tables whose columns have roles.

    Args:
        tables: nodes, edges and features in any order; several of one kind are put together.
        options: whether edges are directed, and what to do with edge ends that no node table names.
        issues: where duplicates, unreadable values and unmatched ids are noted; None keeps them out of sight.
        cancel: checked between the steps.
        sink: told of progress, four steps.
        room: how much memory there is, and where the rest of the graph goes; None for enough.
    Returns: the graph, its node table and features, and the join report.
    Raises:
        RoleError: a table lacks the columns that its kind needs.
        BuildError: there is no edge, or no node in common.
    """
    log = issues if issues is not None else IssueLog()
    token = cancel or CancelToken()
    of_kind = {kind: [table for table in tables if table.kind is kind] for kind in TableKind}
    if not of_kind[TableKind.EDGES]:
        raise BuildError(
            "None of the tables holds edges.",
            code="data.build.no_edges",
            hint="Add a table with two columns of ids, one row for each edge.",
            files=[str(table.path) for table in tables],
        )
    nodes = join_nodes(of_kind[TableKind.NODES], log)
    token.check()
    sink(Progress(1, 4, "steps"))
    ends = join_edges(of_kind[TableKind.EDGES], log)
    entries = join_features(of_kind[TableKind.FEATURES], log)
    token.check()
    sink(Progress(2, 4, "steps"))
    data = _assemble(nodes, ends, entries, of_kind, options, _Work(log, token, room))
    token.check()
    sink(Progress(4, 4, "steps"))
    return data


@dataclass(frozen=True, slots=True)
class _Work:
    """Who hears of the work, who may end it, and how much memory there is."""

    log: IssueLog
    token: CancelToken
    room: Room | None


def _assemble(
    nodes: NodeRows | None,
    edges: EdgeRows,
    features: FeatureRows | None,
    of_kind: Mapping[TableKind, Sequence[Table]],
    options: DataOptions,
    work: _Work,
) -> RelationalData:
    log, token, room = work.log, work.token, work.room
    known = Texts.of([]) if nodes is None else nodes.ids
    # Source and target of one row stand side by side, so that new ids get their number where they first appear.
    joined = number_rows(known, edges.source, edges.target)
    ids, num_known, num_all = joined.texts, len(known), len(joined.texts)
    # Four numbers of four bytes an edge are in memory at once, unless there is no room for them.
    used = room if room is not None and room.memory < _BYTES_AN_EDGE * len(edges.source) else None
    with ThreadPoolExecutor(2) as pool:
        source, target = pool.map(
            gathered, (joined.left, joined.right), (edges.source.codes, edges.target.codes), (used, used)
        )
    ends = Ends(source, target)
    is_loose = (ends.source >= num_known) | (ends.target >= num_known)
    is_adding = nodes is None or options.implicit_nodes == "add"
    keep = ~is_loose | is_adding
    num_loose = num_all - num_known if nodes is not None else 0
    loose_ids = ids.take(np.arange(num_known, num_known + min(num_loose, _EXAMPLES)))
    if not is_adding:
        ids = known
    if not keep.any():
        raise _nothing_matches(of_kind, known, edges)
    kept, kept_ends = edges.take(keep), ends.take(keep)
    token.check()
    built = build_graph(
        kept_ends.source,
        kept_ends.target,
        len(ids),
        weight=kept.weight,
        directed=options.directed,
        on_disk=None if used is None else OnDisk(used.folder, used.memory // 4),
        cancel=token,
    )
    made = _feature_matrix(features, ids, log)
    join = JoinReport(
        node_files=_file_names(of_kind[TableKind.NODES]),
        edge_files=_file_names(of_kind[TableKind.EDGES]),
        dangling=num_loose,
        dangling_ids=tuple(loose_ids.to_list()),
        dangling_edges=int(is_loose.sum()) if nodes is not None else 0,
        implicit_added=len(ids) - num_known,
        edges_dropped=len(keep) - int(keep.sum()),
        edges_read=len(keep),
        duplicates=built.counts.duplicates,
        reversed_duplicates=built.counts.reversed,
        self_loops=built.counts.self_loops,
        isolated=built.counts.isolated,
        duplicate_nodes=0 if nodes is None else nodes.duplicates,
        features_read=0 if features is None else len(features.ids),
        features_unmatched=made.unmatched,
        nodes_without_features=0 if made.matrix is None else int((np.diff(made.matrix.indptr) == 0).sum()),
        num_nodes=built.graph.num_nodes,
        num_edges=built.counts.kept,
        **_coverage(known, ends, num_all),
    )
    if nodes is not None:
        note_dangling(edges, ends, num_known, join, log)
    note_merged(kept, kept_ends, join, built.graph, log)
    note_isolated(nodes, ids, _num_neighbours(built.graph), ", ".join(join.node_files), log)
    token.check()
    note_similar_ids(ids, log)
    frame, lines = _frame(nodes, len(ids))
    columns = {} if nodes is None else nodes.columns
    return RelationalData(built.graph, ids.objects(), frame, columns, made.matrix, made.names, join, lines)


def _coverage(known: Texts, ends: Ends, num_all: int) -> dict[str, Any]:  # Any: counts and ids of the report
    is_seen = np.zeros(num_all, dtype=bool)
    is_seen[ends.source] = True
    is_seen[ends.target] = True
    without = np.flatnonzero(~is_seen[: len(known)])
    return {
        "nodes_in_table": len(known),
        "nodes_in_edges": int(is_seen.sum()),
        "matched": len(known) - len(without),
        "without_edges": len(without),
        "without_edges_ids": tuple(known.take(without[:_EXAMPLES]).to_list()),
    }


def _num_neighbours(graph: Graph) -> np.ndarray:
    """Return how many stored edges touch each node, in either direction: int64 [N]."""
    if not graph.directed:
        return graph.degree()
    return graph.degree() + np.bincount(graph.indices, minlength=graph.num_nodes)


def _nothing_matches(of_kind: Mapping[TableKind, Sequence[Table]], known: Texts, edges: EdgeRows) -> BuildError:
    nodes, ends = (" and ".join(_file_names(of_kind[kind])) for kind in (TableKind.NODES, TableKind.EDGES))
    return BuildError(
        f"No id of {nodes} (first: {known[0]!r}) is at both ends of an edge of {ends} "
        f"(first: {edges.source.text(0)!r})."
        if len(known)
        else f"{nodes} holds no node that could be read.",
        code="data.build.no_match",
        hint="Mark the column that the edges refer to as the node's id, or allow implicit nodes.",
    )


def _file_names(tables: Sequence[Table]) -> tuple[str, ...]:
    return tuple(table.path.name for table in tables)


@dataclass(frozen=True, slots=True)
class _Features:
    """Feature rows as a matrix, and how many of them found no node."""

    matrix: sparse.csr_matrix | None
    names: list[str]
    unmatched: int


def _feature_matrix(rows: FeatureRows | None, ids: Texts, log: IssueLog) -> _Features:
    if rows is None:
        return _Features(None, [], 0)
    node = np.append(places_in(rows.ids.values, ids), np.int32(-1))[rows.ids.codes].astype(np.int64)
    found = node >= 0
    unmatched = int((~found).sum())
    if unmatched:
        first = rows.ids.text(int(np.argmin(found)))
        text = f"{unmatched:,} feature rows name an id that is no node (first: {first!r}); they are left out."
        log.add("data.feature_unmatched", text, value=first)
    codes, names = rows.names.codes, rows.names.values.to_list()
    order = np.asarray(sorted(range(len(names)), key=lambda k: _natural(names[k])), dtype=np.int64)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    node, column, values = node[found], rank[codes[found]], rows.values[found]
    key = node * max(len(names), 1) + column
    first_rows = np.flatnonzero(~pd.Series(key).duplicated().to_numpy())
    repeated = len(key) - len(first_rows)
    if repeated:
        text = f"{repeated:,} feature rows repeat a node and feature that came before; the first row counts."
        log.add("data.duplicate_feature", text)
    shape = (len(ids), len(names))
    parts = (values[first_rows].astype(np.float32), (node[first_rows], column[first_rows]))
    matrix = sparse.csr_matrix(parts, shape=shape)
    matrix.sort_indices()
    return _Features(matrix, [names[k] for k in order], unmatched)


def _natural(name: str) -> tuple[int, int, str]:
    """Order whole numbers by size and put them before words, so that 10 follows 9."""
    return (0, int(name), name) if name.isascii() and name.isdigit() else (1, 0, name)


def _frame(nodes: NodeRows | None, count: int) -> tuple[TextFrame, np.ndarray]:
    lines = np.full(count, -1, np.int64)
    if nodes is None:
        return TextFrame({}, count), lines
    lines[: len(nodes.ids)] = nodes.lines
    columns = {name: nodes.frame.column(name).padded(count) for name in nodes.frame.columns}
    return TextFrame(columns, count), lines
