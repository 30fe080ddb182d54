"""Compiled loops of the force layout: distances by breadth-first search, and one step of all forces."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from engine.layout._quadtree import build_tree


@njit(cache=True, nogil=True)
def distances(
    indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int32], source: int, queue: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Return the number of edges from `source` to each node, int32 [N]; -1 where no path leads.

    Args: indptr, indices: rows of the graph, both directions. queue: scratch, int32 [N].
    """
    found = np.full(len(indptr) - 1, -1, np.int32)
    found[source] = 0
    queue[0] = source
    head, tail = 0, 1
    while head < tail:
        node = queue[head]
        head += 1
        for k in range(indptr[node], indptr[node + 1]):
            other = indices[k]
            if found[other] < 0:
                found[other] = found[node] + 1
                queue[tail] = other
                tail += 1
    return found


def repulsion(
    xy: npt.NDArray[np.float64], mass: npt.NDArray[np.float64], theta: float, softening: float
) -> npt.NDArray[np.float64]:
    """Return the sum over all other points of m_i m_j (x_i - x_j) / (|x_i - x_j|² + softening²), shape [N, 2].

    A cell of side s at distance d counts as one point when s < theta d.

    Source: Barnes and Hut (1986).
    """
    tree = build_tree(xy, mass)
    force = np.empty_like(xy)
    force[tree.order] = _push(tree.xy, tree.mass, tree.cells, tree.centre, tree.size * theta**-2, tree.after, softening)
    return force


@njit(cache=True, nogil=True, fastmath=True)
def _push(
    xy: npt.NDArray[np.float64],
    mass: npt.NDArray[np.float64],
    cells: npt.NDArray[np.int64],
    centre: npt.NDArray[np.float64],
    reach: npt.NDArray[np.float64],
    after: npt.NDArray[np.int64],
    softening: float,
) -> npt.NDArray[np.float64]:
    """Walk the tree for each point; `reach` is the squared distance from which a cell counts as one point."""
    force = np.empty((len(xy), 2))
    soft = softening * softening
    count = len(cells)
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        fx, fy = 0.0, 0.0
        cell = 0
        while cell < count:
            dx, dy = x - centre[cell, 0], y - centre[cell, 1]
            square = dx * dx + dy * dy
            if reach[cell] < square:
                pull = centre[cell, 2] / (square + soft)
                fx += dx * pull
                fy += dy * pull
                cell = after[cell]
            elif cells[cell, 4] == 1:
                for j in range(cells[cell, 0], cells[cell, 1]):
                    dx, dy = x - xy[j, 0], y - xy[j, 1]
                    pull = mass[j] / (dx * dx + dy * dy + soft)
                    fx += dx * pull
                    fy += dy * pull
                cell = after[cell]
            else:
                cell += 1
        force[i, 0] = fx * mass[i]
        force[i, 1] = fy * mass[i]
    return force


@njit(cache=True, nogil=True, fastmath=True)
def attraction(
    indptr: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int32],
    weight: npt.NDArray[np.float64],
    xy: npt.NDArray[np.float64],
    linlog: float,
) -> npt.NDArray[np.float64]:
    """Return the pull of the neighbours and its stiffness, shape [N, 3].

    The pull of an edge of length d is w d / (1 + linlog d): a spring at first, then ever weaker in proportion, so that
    the few long edges between communities do not draw them into one heap.

    Args: indptr, indices, weight: rows of the graph, both directions. xy: [N, 2]. linlog: 0 for plain springs.
    """
    out = np.zeros((len(xy), 3))
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        fx, fy, stiff = 0.0, 0.0, 0.0
        for k in range(indptr[i], indptr[i + 1]):
            j = indices[k]
            dx, dy = xy[j, 0] - x, xy[j, 1] - y
            w = weight[k] / (1.0 + linlog * math.sqrt(dx * dx + dy * dy))
            fx += dx * w
            fy += dy * w
            stiff += w
        out[i, 0], out[i, 1], out[i, 2] = fx, fy, stiff
    return out
