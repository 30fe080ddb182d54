"""A quadtree over points in the plane, so that far groups of them count as one (Barnes and Hut 1986)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

# Bodies in a leaf of the quadtree, summed up one by one.
_LEAF = 8
# Bits of each coordinate in the space-filling order, and so the depth of the tree.
_DEPTH = 16


@njit(cache=True, nogil=True)
def _interleave(x: int, y: int) -> int:
    """Return the Morton code of two 16-bit numbers: their bits taken in turn."""
    code = 0
    for bit in range(_DEPTH):
        code |= ((x >> bit) & 1) << (2 * bit) | ((y >> bit) & 1) << (2 * bit + 1)
    return code


@njit(cache=True, nogil=True)
def _codes(xy: npt.NDArray[np.float64]) -> Any:  # Any: an array and a number; numba's own tuple
    """Return the Morton code of each point, int64 [N], and the side of the square around all."""
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
    return codes, side


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
def _sums(
    codes: npt.NDArray[np.int64], xy: npt.NDArray[np.float64], mass: npt.NDArray[np.float64], side: float
) -> Any:  # Any: arrays; numba's own tuple
    """Return the cells of the tree with their sums; see `Quadtree`.

    Args: codes: sorted, int64 [N]. xy: [N, 2] in that order. mass: [N] in that order. side: of the root's square.
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


@dataclass(frozen=True, slots=True)
class Quadtree:
    """Points sorted along a space-filling curve, and the cells over them in the order in which a walk visits them.

    Args:
        order: position of each point in the array that was given, int64 [N].
        xy, mass: the points in that order, [N, 2] and [N].
        cells: [M, 5] int64: first point, point after the last, depth, parent (-1 for the root), 1 for leaves.
        centre: centre of mass and mass of each cell, [M, 3].
        size: squared side of each cell, [M].
        after: the cell after the whole subtree, int64 [M].
    """

    order: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]
    mass: npt.NDArray[np.float64]
    cells: npt.NDArray[np.int64]
    centre: npt.NDArray[np.float64]
    size: npt.NDArray[np.float64]
    after: npt.NDArray[np.int64]


def build_tree(xy: npt.NDArray[np.float64], mass: npt.NDArray[np.float64]) -> Quadtree:
    """Build a quadtree over points.

    Sorting is left to numpy: compiling a sort takes longer than sorting ever will.

    Args: xy: shape [N, 2] float64, finite. mass: shape [N] float64, above zero.
    """
    codes, side = _codes(xy)
    order = np.argsort(codes, kind="stable")
    points, weights = xy[order], mass[order]
    cells, centre, size, after = _sums(codes[order], points, weights, side)
    return Quadtree(order, points, weights, cells, centre, size, after)
