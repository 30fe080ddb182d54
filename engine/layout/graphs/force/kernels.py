"""Compiled loops of the force layout: distances by breadth-first search, and one step of all forces."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

# Bodies in a leaf of the quadtree, summed up one by one.
_LEAF = 8
# Bits of each coordinate in the space-filling order, and so the depth of the tree.
_DEPTH = 16


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


@njit(cache=True, nogil=True)
def _interleave(x: int, y: int) -> int:
    """Return the Morton code of two 16-bit numbers: their bits taken in turn."""
    code = 0
    for bit in range(_DEPTH):
        code |= ((x >> bit) & 1) << (2 * bit) | ((y >> bit) & 1) << (2 * bit + 1)
    return code


@njit(cache=True, nogil=True)
def morton_order(xy: npt.NDArray[np.float64]) -> Any:  # Any: (codes, order), arrays; numba's own tuple
    """Sort points along a space-filling curve.

    Args: xy: shape [N, 2].
    Returns: codes sorted int64 [N], the order of the points int64 [N], and the side of the square around them.
    """
    n = len(xy)
    low_x, low_y, high_x, high_y = xy[0, 0], xy[0, 1], xy[0, 0], xy[0, 1]
    for i in range(n):
        low_x, high_x = min(low_x, xy[i, 0]), max(high_x, xy[i, 0])
        low_y, high_y = min(low_y, xy[i, 1]), max(high_y, xy[i, 1])
    side = max(high_x - low_x, high_y - low_y) * 1.0001 + 1e-12
    scale = (1 << _DEPTH) / side
    codes = np.empty(n, np.int64)
    for i in range(n):
        codes[i] = _interleave(int((xy[i, 0] - low_x) * scale), int((xy[i, 1] - low_y) * scale))
    order = np.argsort(codes)
    return codes[order], order, side


@njit(cache=True, nogil=True)
def _parting_depth(codes: npt.NDArray[np.int64], start: int, stop: int, depth: int) -> int:
    """Return the depth at which the points stop sharing one quarter: a cell with one child adds nothing."""
    while depth < _DEPTH:
        shift = 2 * (_DEPTH - 1 - depth)
        if (codes[start] >> shift) != (codes[stop - 1] >> shift):
            break
        depth += 1
    return depth


@njit(cache=True, nogil=True)
def _first_of(codes: npt.NDArray[np.int64], start: int, stop: int, shift: int, quarter: int) -> int:
    """Return the first point of a quarter or of a later one, between start and stop, by bisection."""
    while start < stop:
        middle = (start + stop) // 2
        if ((codes[middle] >> shift) & 3) < quarter:
            start = middle + 1
        else:
            stop = middle
    return start


@njit(cache=True, nogil=True)
def _cells(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Cut sorted points into the cells of a quadtree, parents first, in the order of the points.

    Returns: shape [M, 5]: first point, point after the last, depth, parent (-1 for the root), 1 for leaves.
    """
    most = 2 * len(codes) + 4 * _DEPTH
    cells = np.empty((most, 5), np.int64)
    stack = np.empty((4 * _DEPTH + 8, 4), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, len(codes), 0, -1
    top, count = 1, 0
    while top > 0:
        top -= 1
        start, stop, depth, parent = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
        if stop - start > _LEAF:
            depth = _parting_depth(codes, start, stop, depth)
        is_leaf = stop - start <= _LEAF or depth >= _DEPTH
        cells[count, 0], cells[count, 1], cells[count, 2], cells[count, 3] = start, stop, depth, parent
        cells[count, 4] = 1 if is_leaf else 0
        count += 1
        if is_leaf:
            continue
        end = stop
        # The last quarter goes onto the stack first, so that cells come out in the order of the points.
        for quarter in range(3, -1, -1):
            first = _first_of(codes, start, end, 2 * (_DEPTH - 1 - depth), quarter)
            if first < end:
                stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = first, end, depth + 1, count - 1
                top += 1
            end = first
    return cells[:count]


@njit(cache=True, nogil=True)
def build_tree(
    codes: npt.NDArray[np.int64], xy: npt.NDArray[np.float64], mass: npt.NDArray[np.float64], side: float
) -> Any:  # Any: arrays; numba's own tuple
    """Build a quadtree over points sorted by code, written in the order in which a walk visits it.

    Args: codes: sorted, int64 [N]. xy: [N, 2] in that order. mass: [N] in that order. side: of the root's square.
    Returns: the cells [M, 5] (see `_cells`), centre and mass [M, 3], squared side [M], the cell after each subtree [M].
    """
    cells = _cells(codes)
    count = len(cells)
    centre = np.zeros((count, 3))
    size = np.empty(count)
    after = np.empty(count, np.int64)
    for cell in range(count):
        after[cell] = cell + 1
        size[cell] = (side / (1 << cells[cell, 2])) ** 2
        if cells[cell, 4] == 1:
            for i in range(cells[cell, 0], cells[cell, 1]):
                centre[cell, 0] += xy[i, 0] * mass[i]
                centre[cell, 1] += xy[i, 1] * mass[i]
                centre[cell, 2] += mass[i]
    # Children come after their parents: going backwards, sums rise and the end of each subtree is known.
    for cell in range(count - 1, 0, -1):
        parent = cells[cell, 3]
        for axis in range(3):
            centre[parent, axis] += centre[cell, axis]
        after[parent] = max(after[parent], after[cell])
    for cell in range(count):
        centre[cell, 0] /= centre[cell, 2]
        centre[cell, 1] /= centre[cell, 2]
    return cells, centre, size, after


@njit(cache=True, nogil=True, fastmath=True)
def repulsion(
    xy: npt.NDArray[np.float64], mass: npt.NDArray[np.float64], theta: float, softening: float
) -> npt.NDArray[np.float64]:
    """Return the sum over all other points of m_i m_j (x_i - x_j) / (|x_i - x_j|² + softening²), shape [N, 2].

    A cell of side s at distance d counts as one point when s < theta d.

    Source: Barnes and Hut (1986).
    """
    codes, order, side = morton_order(xy)
    points, weights = xy[order], mass[order]
    tree, centre, size, after = build_tree(codes, points, weights, side)
    force = np.zeros_like(xy)
    soft = softening * softening
    far = 1.0 / (theta * theta)
    cells = len(tree)
    for i in range(len(points)):
        x, y = points[i, 0], points[i, 1]
        fx, fy = 0.0, 0.0
        cell = 0
        while cell < cells:
            dx, dy = x - centre[cell, 0], y - centre[cell, 1]
            square = dx * dx + dy * dy
            if size[cell] * far < square:
                pull = centre[cell, 2] / (square + soft)
                fx += dx * pull
                fy += dy * pull
                cell = after[cell]
            elif tree[cell, 4] == 1:
                for j in range(tree[cell, 0], tree[cell, 1]):
                    dx, dy = x - points[j, 0], y - points[j, 1]
                    pull = weights[j] / (dx * dx + dy * dy + soft)
                    fx += dx * pull
                    fy += dy * pull
                cell = after[cell]
            else:
                cell += 1
        force[order[i], 0] = fx * weights[i]
        force[order[i], 1] = fy * weights[i]
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
