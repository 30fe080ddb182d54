"""A first picture in a blink, and what later ones are held to: distances to a few pivots."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, dijkstra

from engine.core.cancel import CancelToken

Points = npt.NDArray[np.float64]

# Pieces up to this size have a pivot in every node: one call finds all distances.
_FEW = 64


class Pivots:
    """Some nodes of a connected graph and the number of edges from each of them to every node.

    Every second pivot is the node farthest from all before it, the others are drawn. Nothing here is compiled by this
    program: the first picture must not wait for that.

    Args: indptr, indices: rows of the graph, both directions. rng: draws pivots. `places` int32 [P], `away` [N, P].
    """

    def __init__(self, indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int32], rng: np.random.Generator) -> None:
        n = len(indptr) - 1
        self._rows = sp.csr_matrix((np.ones(len(indices)), indices, indptr), shape=(n, n))
        self._rng = rng
        self._nearest = np.full(n, np.inf)
        self._found: list[int] = []
        self._columns: list[npt.NDArray[np.float32]] = []

    @property
    def places(self) -> npt.NDArray[np.int32]:
        """The pivots, int32 [P]."""
        return np.array(self._found, np.int32)

    @property
    def away(self) -> npt.NDArray[np.float32]:
        """Edges between each node and each pivot, float32 [N, P]."""
        return np.stack(self._columns, axis=1)

    @property
    def is_complete(self) -> bool:
        """Whether every node is a pivot."""
        return len(self._found) == len(self._nearest)

    def find(self, count: int, token: CancelToken) -> Pivots:
        """Have at least `count` pivots, or all nodes there are; return itself."""
        n = self._rows.shape[0]
        if n <= _FEW:
            self._found = list(range(n))
            self._columns = list(dijkstra(self._rows, unweighted=True).T.astype(np.float32))
        while len(self._found) < min(count, n):
            token.check()
            place = self._next()
            away = _edges_from(self._rows, place)
            self._found.append(place)
            self._columns.append(away.astype(np.float32))
            self._nearest = np.minimum(self._nearest, away)
        return self

    def _next(self) -> int:
        if not self._found:
            return int(np.diff(self._rows.indptr).argmax())
        if len(self._found) % 2:
            return int(self._nearest.argmax())
        return int(self._rng.integers(len(self._nearest)))

    def positions(self) -> Points:
        """Place the nodes so that distances to the pivots come out about right.

        Returns: shape [N, 2], the larger standard deviation of both axes sqrt(N), apart by a little where equal.
        Source: Brandes and Pich (2007), PivotMDS.
        """
        away = self.away
        n = len(away)
        square = away.astype(np.float64) ** 2
        centred = -0.5 * (square - square.mean(axis=0) - square.mean(axis=1, keepdims=True) + square.mean())
        _, axes = np.linalg.eigh(centred.T @ centred)
        xy = np.zeros((n, 2))
        main = centred @ axes[:, -2:][:, ::-1]
        xy[:, : main.shape[1]] = main
        # The sign of an eigenvector is free: fix it, so that the picture is the same everywhere.
        xy *= np.where(xy[np.abs(xy).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
        spread = float(xy.std(axis=0).max())
        xy = (xy - xy.mean(axis=0)) / (spread if spread > 0 else 1.0)
        # Nodes with the same distances would sit on one point, where no force can part them.
        return np.asarray((xy + self._rng.normal(scale=0.02, size=xy.shape)) * np.sqrt(n))


def _edges_from(rows: sp.csr_matrix, source: int) -> npt.NDArray[np.int64]:
    """Return the number of edges from a node to each other one of a connected graph, int64 [N]."""
    _, before = breadth_first_order(rows, source)
    before[source] = source
    steps = np.ones(len(before), np.int64)
    steps[source] = 0
    # Each round doubles how far back a node looks along its path.
    while (before != source).any():
        steps += steps[before]
        before = before[before]
    return steps
