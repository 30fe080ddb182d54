"""Many small graphs in a handful of flat arrays, as they are kept: checked once, without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.errors import BuildError
from engine.graph.csr import IntArray, row_of_entry
from engine.graph.graph import AttributeArray, Graph


@dataclass(frozen=True, slots=True)
class Collection:
    """Graphs one after the other: as one graph without an edge from one into another.

    Args:
        graph: all of them; its positions count over all nodes.
        x: uint8 or float32 [N, F], the nodes' features.
        graph_ptr: int64 [B+1], first node of each graph, then N. A graph may have no node.
    """

    graph: Graph
    x: AttributeArray
    graph_ptr: IntArray

    @property
    def num_graphs(self) -> int:
        """B."""
        return len(self.graph_ptr) - 1

    @property
    def num_nodes(self) -> int:
        """N, over all graphs."""
        return self.graph.num_nodes

    def sizes(self) -> IntArray:
        """Return the number of nodes of each graph, int64 [B]."""
        return np.diff(self.graph_ptr)

    def validate(self) -> Collection:
        """Return the collection itself when it is sound.

        Raises: BuildError: its arrays break a promise of this class or of `Graph`; the message says which.
        """
        self.graph.validate()
        trouble = self._fault()
        if trouble:
            raise BuildError(
                f"The arrays of the graphs are damaged. {trouble}", code="data.graph", hint="Import the files again."
            )
        return self

    def _fault(self) -> str:
        pointers = self.graph_ptr
        if pointers.dtype != np.int64 or pointers.ndim != 1 or not len(pointers):
            return "The graph starts are not a list of 64-bit integers."
        if pointers[0] != 0 or pointers[-1] != self.num_nodes or (np.diff(pointers) < 0).any():
            return f"The graph starts do not run from 0 to {self.num_nodes} without going back."
        if self.x.dtype not in (np.float32, np.uint8) or self.x.ndim != 2 or len(self.x) != self.num_nodes:
            return "The features are not one row of 32-bit numbers or bytes for each node."
        if not np.isfinite(self.x).all():
            return "A feature is not a finite number."
        owner = row_of_entry(pointers)
        if (owner[self.graph.indices] != owner[row_of_entry(self.graph.indptr)]).any():
            return "An edge leads from one graph into another."
        return ""

    @classmethod
    def from_edges(
        cls,
        graph_ptr: IntArray,
        source: npt.NDArray[np.integer],
        target: npt.NDArray[np.integer],
        x: AttributeArray,
        *,
        edge_attr: AttributeArray | None = None,
        directed: bool = False,
    ) -> Collection:
        """Build a collection from edges; self-loops and repeats are left out, the first of equal edges stays.

        Args:
            graph_ptr: int64 [B+1], see the class.
            source, target: node positions [M] counted over all nodes; an undirected edge once or in both directions.
            x: features [N, F]. edge_attr: [M, D], a row for each edge as given. directed: whether a to b differs
                from b to a.
        Raises: BuildError: lengths differ, a position lies outside, or an edge leads from one graph into another.
        """
        num_nodes = len(x)
        tail, head = np.asarray(source, np.int64), np.asarray(target, np.int64)
        if len(tail) != len(head) or (edge_attr is not None and len(edge_attr) != len(tail)):
            raise BuildError("Sources, targets and attributes of the edges differ in number.", code="data.graph")
        if len(tail) and not 0 <= min(tail.min(), head.min()) <= max(tail.max(), head.max()) < num_nodes:
            raise BuildError(f"An edge leads outside the {num_nodes} nodes.", code="data.graph")
        given = np.flatnonzero(tail != head)
        tail, head = tail[given], head[given]
        if not directed:
            given = np.concatenate([given, given])
            tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        # Stable, so that of equal edges the one given first comes first; both its directions then agree.
        order = np.lexsort((given, tail, head))
        tail, head, given = tail[order], head[order], given[order]
        first = np.ones(len(tail), bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        tail, head, given = tail[first], head[first], given[first]
        indptr = np.zeros(num_nodes + 1, np.int64)
        np.cumsum(np.bincount(head, minlength=num_nodes), out=indptr[1:])
        attributes = None if edge_attr is None else np.ascontiguousarray(edge_attr[given])
        graph = Graph(indptr, tail.astype(np.int32), None, directed, attributes)
        return cls(graph, x, np.asarray(graph_ptr, np.int64)).validate()
