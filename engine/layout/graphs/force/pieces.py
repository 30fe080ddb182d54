"""The connected components of a graph, each with a numbering of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.spatial import cKDTree

from engine.graph.graph import Graph

if TYPE_CHECKING:
    from engine.layout.graphs.force.levels import Level
    from engine.layout.graphs.force.pivot import Pivots

Points = npt.NDArray[np.float64]

# Pieces up to this size are often equal (pairs, triangles, stars) and need to be placed only once.
_SMALL = 8
# Nodes that are asked for their nearest one.
_ASKED = 2000


@dataclass
class Piece:
    """One component.

    Args: nodes: its nodes in the graph, int64 [n]. indptr, indices: its rows, in its own numbering.
        weight: of each entry, about 1 on average. xy: where its nodes are, shape [n, 2].
    """

    nodes: npt.NDArray[np.int64]
    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    xy: Points
    _drawn: Points | None = field(default=None, repr=False)

    @property
    def num_nodes(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @property
    def shape(self) -> bytes:
        """Name of structure and weights, the same for equal small pieces; empty for larger ones."""
        if self.num_nodes > _SMALL:
            return b""
        return b"|".join(array.tobytes() for array in (self.indptr, self.indices, self.weight))

    def level(self, guide: Pivots) -> Level:
        """Return it as the finest level of a ladder."""
        return self._level(guide.places, guide.away)

    def bare_level(self) -> Level:
        """Return it as a level without pivots."""
        return self._level(np.zeros(0, np.int32), np.zeros((self.num_nodes, 0), np.float32))

    def _level(self, pivots: npt.NDArray[np.int32], away: npt.NDArray[np.float32]) -> Level:
        from engine.layout.graphs.force.levels import Level

        mass = 1.0 + np.diff(self.indptr).astype(np.float64)
        return Level(self.indptr, self.indices, self.weight, mass, pivots, away)

    def move(self, xy: Points) -> None:
        """Put its nodes somewhere else."""
        self.xy, self._drawn = xy, None

    def drawn(self) -> Points:
        """Return the positions scaled so that all pieces can be drawn equally dense."""
        if self._drawn is None:
            self._drawn = self.xy / _spacing(self.xy)
        return self._drawn


@dataclass(frozen=True, slots=True)
class Cut:
    """The components of at least two nodes, largest first, and the nodes without edges, ascending."""

    pieces: list[Piece]
    alone: npt.NDArray[np.int64]


def cut(graph: Graph, *, use_weights: bool) -> Cut:
    """Cut a graph into its components; the direction of edges does not matter."""
    n = graph.num_nodes
    if not n:
        return Cut([], np.empty(0, np.int64))
    matrix = sp.csr_matrix((_pull(graph, use_weights), graph.indices, graph.indptr), shape=(n, n))
    if graph.directed:
        matrix = ((matrix + matrix.T) * 0.5).tocsr()
    count, labels = sp.csgraph.connected_components(matrix, directed=False)
    sizes = np.bincount(labels, minlength=count)
    _, first = np.unique(labels, return_index=True)
    rank = np.empty(count, np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(count)
    # Node by node in the order of the pieces, every piece is one block on the diagonal.
    order = np.argsort(rank[labels], kind="stable")
    blocks = matrix[order][:, order].tocsr()
    blocks.sort_indices()
    ends = np.cumsum(np.sort(sizes)[::-1])
    pieces: list[Piece] = []
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        if end - start < 2:
            return Cut(pieces, np.sort(order[start:]))
        indptr = blocks.indptr[start : end + 1].astype(np.int64)
        entries = slice(indptr[0], indptr[-1])
        indices = (blocks.indices[entries] - start).astype(np.int32)
        places = np.zeros((end - start, 2))
        pieces.append(Piece(order[start:end], indptr - indptr[0], indices, blocks.data[entries], places))
    return Cut(pieces, np.empty(0, np.int64))


def _pull(graph: Graph, use_weights: bool) -> npt.NDArray[np.float64]:
    """Return how much each entry pulls: the root of its weight, for weights over many orders of magnitude."""
    if graph.weight is None or not use_weights or not np.abs(graph.weight).sum() > 0:
        return np.ones(graph.num_edges)
    weight = np.abs(graph.weight).astype(np.float64)
    return np.asarray(np.sqrt(weight / weight[weight > 0].mean()) + 0.05)


def _spacing(xy: Points) -> float:
    """Return the usual distance of a node to its nearest one.

    The mean of the upper half: in star-like graphs many nodes sit almost on one point.
    """
    some = xy[:: max(1, len(xy) // _ASKED)]
    nearest = np.sort(cKDTree(xy).query(some, k=2)[0][:, 1])
    spacing = float(nearest[len(nearest) // 2 :].mean())
    return spacing if spacing > 0 else 1.0
