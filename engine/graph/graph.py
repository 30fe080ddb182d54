"""A graph as arrays: who is joined to whom, and how strongly. Frozen, checked, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.errors import BuildError
from engine.graph.csr import (
    COMPILED_FROM,
    IndexArray,
    IntArray,
    OnDisk,
    Rows,
    WeightArray,
    check_rows,
    row_of_entry,
    rows_from_pairs,
)

_MOST_NODES = 2**31 - 1
_ROWS = 1 << 16  # that are looked at at once
# Entries up to which numpy is done before compiled code is loaded.
_WORTH_COMPILING = 100_000
_Positions = Sequence[int] | npt.NDArray[np.integer]
# Whole numbers below 256 in a byte, where that is all there is; or float32.
AttributeArray = npt.NDArray[np.uint8 | np.float32]


@dataclass(frozen=True, slots=True)
class Graph:
    """Edges in compressed sparse rows by target: row i lists the nodes from which i hears.

    An undirected edge is stored in both directions, so a symmetric operator is its own transpose.

    Args:
        indptr: int64 [N+1], where each row starts.
        indices: int32 [E], ascending in each row.
        weight: float32 [E], finite, or None when every edge counts 1.
        directed: False promises that structure, weights and attributes are symmetric.
        edge_attr: float32 or uint8 [E, D], a row for each entry: of an undirected edge the same in both directions.
    """

    indptr: IntArray
    indices: IndexArray
    weight: WeightArray | None = None
    directed: bool = False
    edge_attr: AttributeArray | None = None

    @property
    def num_nodes(self) -> int:
        """Number of nodes."""
        return len(self.indptr) - 1

    @property
    def num_edges(self) -> int:
        """Number of stored entries: an undirected edge counts twice, a self-loop once."""
        return len(self.indices)

    @property
    def num_links(self) -> int:
        """Number of edges as a person counts them: an undirected edge once."""
        if self.directed:
            return self.num_edges
        loops = 0
        for first in range(0, self.num_nodes, _ROWS):
            bounds = self.indptr[first : first + _ROWS + 1]
            row = first + row_of_entry(bounds)
            loops += int((self.indices[bounds[0] : bounds[-1]] == row).sum())
        return (self.num_edges - loops) // 2 + loops

    def degree(self) -> IntArray:
        """Return the number of entries of each row, int64 [N]: the in-degree of a directed graph."""
        return np.diff(self.indptr)

    def edge_index(self) -> IntArray:
        """Return all entries as int64 [2, E]: sources, then targets. Made when asked for, not kept."""
        return np.stack([self.indices.astype(np.int64), row_of_entry(self.indptr)])

    def validate(self) -> Graph:
        """Return the graph itself when it is sound.

        Raises: BuildError: the arrays break a promise of this class; the message says which.
        """
        trouble = check_rows(self.indptr, self.indices, self.num_nodes)
        if not trouble and self.weight is not None:
            trouble = self._check_weight(self.weight)
        if not trouble and self.edge_attr is not None:
            trouble = self._check_attributes(self.edge_attr)
        if not trouble and not self.directed and not self._is_symmetric():
            trouble = (
                "It is called undirected, but an edge, its weight or its attributes differ between the two directions."
            )
        if trouble:
            raise BuildError(
                f"The graph's arrays are damaged. {trouble}",
                code="data.graph",
                hint="Import the files again.",
            )
        return self

    def _check_weight(self, weight: WeightArray) -> str:
        if weight.dtype != np.float32 or weight.shape != self.indices.shape:
            return "The weights are not one 32-bit number for each entry."
        return "" if bool(np.isfinite(weight).all()) else "A weight is not a finite number."

    def _check_attributes(self, edge_attr: AttributeArray) -> str:
        if edge_attr.dtype not in (np.float32, np.uint8) or edge_attr.ndim != 2 or len(edge_attr) != self.num_edges:
            return "The edge attributes are not one row of 32-bit numbers or bytes for each entry."
        return "" if bool(np.isfinite(edge_attr).all()) else "An edge attribute is not a finite number."

    def _is_symmetric(self) -> bool:
        if self.num_edges > _WORTH_COMPILING:
            from engine.graph.symmetry import is_symmetric

            return is_symmetric(self.indptr, self.indices, self.weight, self.edge_attr)
        row = row_of_entry(self.indptr)
        # Entries are ordered by (row, column); the transpose, stably sorted by column, comes out ordered likewise.
        order = np.argsort(self.indices, kind="stable")
        if not (np.array_equal(self.indices[order], row) and np.array_equal(row[order], self.indices)):
            return False
        tables = [table for table in (self.weight, self.edge_attr) if table is not None]
        return all(np.array_equal(table[order], table) for table in tables)

    @classmethod
    def from_edges(
        cls,
        source: _Positions,
        target: _Positions,
        num_nodes: int,
        *,
        weight: npt.ArrayLike | None = None,
        directed: bool = False,
    ) -> Graph:
        """Build a graph from edges; see `build_graph`, which also counts what it merged and dropped."""
        return build_graph(source, target, num_nodes, weight=weight, directed=directed).graph


@dataclass(frozen=True, slots=True)
class EdgeCounts:
    """What became of the edges that were given: given = kept + duplicates + self_loops.

    Args:
        given: edges as they came.
        kept: different edges in the graph; an undirected one counts once.
        duplicates: edges merged into an equal one; for undirected graphs a to b equals b to a.
        self_loops: edges from a node to itself, left out of the structure.
        isolated: nodes without any edge.
        reversed: those of the kept edges of an undirected graph that were given both ways, a to b and b to a.
    """

    given: int
    kept: int
    duplicates: int
    self_loops: int
    isolated: int
    reversed: int = 0


@dataclass(frozen=True, slots=True)
class BuiltGraph:
    """A graph and what became of its edges."""

    graph: Graph
    counts: EdgeCounts


def build_graph(
    source: _Positions,
    target: _Positions,
    num_nodes: int,
    *,
    weight: npt.ArrayLike | None = None,
    directed: bool = False,
    on_disk: OnDisk | None = None,
    cancel: CancelToken | None = None,
) -> BuiltGraph:
    """Build a graph from edges: merge duplicates, leave self-loops out, store undirected edges both ways.

    Args:
        source, target: node positions [M], any integer type.
        num_nodes: N; positions are below it.
        weight: [M] finite numbers, summed over duplicates; None counts each edge 1, duplicates included.
        directed: whether a to b differs from b to a.
        on_disk: where the entries go that do not fit into its memory; the graph is then mapped from there.
        cancel: checked now and then.
    Returns: the graph and the counts.
    Raises: BuildError: lengths differ, a position lies outside, or a weight is not finite. Cancelled.
    """
    tail, head = _integers(source), _integers(target)
    values = None if weight is None else np.asarray(weight, np.float32).ravel()
    _check_edges(tail, head, num_nodes, values)
    if len(tail) < COMPILED_FROM:
        rows, loops, turned = _sorted_rows(tail, head, num_nodes, values, directed)
    else:
        from engine.graph.building import Pairs, count_into_rows

        pairs = Pairs(tail.astype(np.int32, copy=False), head.astype(np.int32, copy=False), values, directed)
        made = count_into_rows(pairs, num_nodes, on_disk=on_disk, cancel=cancel)
        rows, loops, turned = made.rows, made.self_loops, 0 if directed else made.turned
    graph = Graph(rows.indptr, rows.indices, rows.weight, directed)
    kept = len(rows.indices) if directed else len(rows.indices) // 2
    touched = np.diff(rows.indptr) > 0
    for begin in range(0, len(rows.indices) if directed else 0, 1 << 22):
        touched[rows.indices[begin : begin + (1 << 22)]] = True
    isolated = num_nodes - int(touched.sum())
    return BuiltGraph(graph, EdgeCounts(len(tail), kept, len(tail) - loops - kept, loops, isolated, turned))


def _integers(positions: _Positions) -> npt.NDArray[np.integer]:
    given = np.asarray(positions).ravel()
    return given if np.issubdtype(given.dtype, np.integer) else given.astype(np.int64)


def _sorted_rows(
    tail: npt.NDArray[np.integer],
    head: npt.NDArray[np.integer],
    num_nodes: int,
    values: WeightArray | None,
    directed: bool,
) -> tuple[Rows, int, int]:
    """Return rows, number of self-loops, number of edges given both ways: for few edges, without compiled code."""
    plain = tail != head
    loops = len(plain) - int(plain.sum())
    tail, head = tail[plain], head[plain]
    values = None if values is None else values[plain]
    if directed:
        return rows_from_pairs(head, tail, num_nodes, num_nodes, values), loops, 0
    rows = _symmetric_rows(np.minimum(tail, head), np.maximum(tail, head), num_nodes, values)
    both_ways = len(rows_from_pairs(head, tail, num_nodes, num_nodes, None).indices) - len(rows.indices) // 2
    return rows, loops, both_ways


def _symmetric_rows(
    low: npt.NDArray[np.integer], high: npt.NDArray[np.integer], num_nodes: int, weight: WeightArray | None
) -> Rows:
    # Merged once before mirroring, so that both directions carry the very same sum.
    once = rows_from_pairs(low, high, num_nodes, num_nodes, weight)
    low, high = row_of_entry(once.indptr), once.indices
    both = None if once.weight is None else np.concatenate([once.weight, once.weight])
    return rows_from_pairs(np.concatenate([low, high]), np.concatenate([high, low]), num_nodes, num_nodes, both)


def _check_edges(
    source: npt.NDArray[np.integer], target: npt.NDArray[np.integer], num_nodes: int, weight: WeightArray | None
) -> None:
    if not 0 <= num_nodes <= _MOST_NODES:
        raise BuildError(
            f"A graph of {num_nodes} nodes cannot be held.", code="data.graph", hint=f"The limit is {_MOST_NODES:,}."
        )
    if len(source) != len(target) or (weight is not None and len(weight) != len(source)):
        raise BuildError("Sources, targets and weights of the edges differ in number.", code="data.graph")
    if len(source):
        lowest, highest = min(source.min(), target.min()), max(source.max(), target.max())
        if lowest < 0 or highest >= num_nodes:
            raise BuildError(
                f"An edge leads outside the {num_nodes} nodes (positions {lowest} to {highest}).", code="data.graph"
            )
    if weight is not None and not np.isfinite(weight).all():
        where = int(np.flatnonzero(~np.isfinite(weight))[0])
        raise BuildError(
            f"The weight of edge {where + 1} is not a finite number.",
            code="data.graph",
            hint="Give every edge a number, or none of them.",
        )
