"""From fine to coarse: groups of neighbours as one node, over and over, until few are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.cancel import CancelToken
from engine.layout.graphs.force.kernels import join

Array = npt.NDArray[np.float64]

# A level this small is not made coarser, nor one from which less than a sixth of the nodes would go.
_SMALLEST, _WORTH = 600, 0.85
# The heaviest group, in the mean weight of a node: at first, and how much more at every further level.
_HEAVIEST, _GROWTH = 16.0, 3.0


@dataclass(frozen=True, slots=True)
class Level:
    """A graph whose nodes may stand for groups.

    Args: indptr, indices, weight: its rows, both directions, without loops. mass: of each node, [n].
        pivots, away: of `Pivots`; a group has the distances of one of its nodes. parent: the group on the next coarser
        level, int32 [n]; None on the coarsest.
    """

    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    weight: Array
    mass: Array
    pivots: npt.NDArray[np.int32]
    away: npt.NDArray[np.float32]
    parent: npt.NDArray[np.int32] | None = None

    @property
    def num_nodes(self) -> int:
        """Number of nodes, or groups."""
        return len(self.mass)

    def middles(self, xy: Array) -> Array:
        """Return where the groups are when their nodes are at `xy`: their centres of mass."""
        assert self.parent is not None
        whole = np.bincount(self.parent, self.mass)
        sums = [np.bincount(self.parent, self.mass * xy[:, axis]) for axis in range(2)]
        return np.stack(sums, axis=1) / whole[:, None]


def ladder(finest: Level, token: CancelToken) -> list[Level]:
    """Return the levels, finest first.

    Masses and weights add up, so that a coarse graph has the energy of the fine one whose groups are points.

    Source: Walshaw (2003), Hu (2005); groups by the weight of an edge against the mass of what it would join.
    """
    levels = [finest]
    heaviest = _HEAVIEST * float(finest.mass.mean())
    while levels[-1].num_nodes > _SMALLEST:
        token.check()
        level = levels[-1]
        order = np.argsort(np.diff(level.indptr), kind="stable")
        parent = join(level.indptr, level.indices, level.weight, level.mass, order, heaviest)
        count = int(parent.max()) + 1
        if count > _WORTH * level.num_nodes:
            break
        levels[-1] = Level(
            level.indptr, level.indices, level.weight, level.mass, level.pivots, level.away, parent.astype(np.int32)
        )
        levels.append(_joined(level, parent, count))
        heaviest *= _GROWTH
    return levels


def _joined(level: Level, parent: npt.NDArray[np.int32], count: int) -> Level:
    n = level.num_nodes
    rows = sp.csr_matrix((level.weight, level.indices, level.indptr), shape=(n, n))
    member = sp.csr_matrix((np.ones(n), parent, np.arange(n + 1)), shape=(n, count))
    coarse = (member.T @ rows @ member).tocsr()
    coarse.setdiag(0)
    coarse.eliminate_zeros()
    coarse.sort_indices()
    away = np.empty((count, level.away.shape[1]), np.float32)
    away[parent] = level.away
    return Level(
        coarse.indptr.astype(np.int64),
        coarse.indices.astype(np.int32),
        coarse.data,
        np.bincount(parent, level.mass, count).astype(np.float64),
        parent[level.pivots],
        away,
    )
