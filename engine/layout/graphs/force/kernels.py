"""Compiled loops of the force layout: groups of neighbours, and the forces of one step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]

# Points in a run from which on not every pair is looked at.
_LONG_RUN = 256


@njit(cache=True, nogil=True)
def join(
    indptr: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int32],
    weight: Array,
    mass: Array,
    order: npt.NDArray[np.int64],
    heaviest: float,
) -> npt.NDArray[np.int32]:
    """Return a group for each node, int32 [N], numbered from 0.

    In the order given, a node that has no group yet joins the neighbour, or the neighbour's group, to which its edge is
    strongest in proportion to the mass that is there; a group never gets heavier than `heaviest`.
    """
    group = np.full(len(mass), -1, np.int32)
    whole = np.zeros(len(mass))
    count = 0
    for i in order:
        if group[i] >= 0:
            continue
        best, most = -1, 0.0
        for k in range(indptr[i], indptr[i + 1]):
            j = indices[k]
            there = mass[j] if group[j] < 0 else whole[group[j]]
            if j != i and there + mass[i] <= heaviest and weight[k] > most * there:
                best, most = j, weight[k] / there
        if best < 0 or group[best] < 0:
            group[i] = count
            count += 1
            if best >= 0:
                group[best] = group[i]
                whole[group[i]] = mass[best]
        else:
            group[i] = group[best]
        whole[group[i]] += mass[i]
    return group


@njit(cache=True, nogil=True, fastmath=True)
def all_pairs(xy: Array, mass: Array, softening: float) -> Array:
    """Return the sum over all other points of m_i m_j (x_i - x_j) / (|x_i - x_j|² + softening²), shape [N, 2]."""
    push = np.zeros((len(xy), 2))
    soft = softening * softening
    for i in range(len(xy)):
        x, y, m = xy[i, 0], xy[i, 1], mass[i]
        fx, fy = 0.0, 0.0
        for j in range(i + 1, len(xy)):
            dx, dy = x - xy[j, 0], y - xy[j, 1]
            factor = m * mass[j] / (dx * dx + dy * dy + soft)
            fx += dx * factor
            fy += dy * factor
            push[j, 0] -= dx * factor
            push[j, 1] -= dy * factor
        push[i, 0] += fx
        push[i, 1] += fy
    return push


@njit(cache=True, nogil=True)
def sort_by_cell(xy: Array, width: float, columns: int) -> Any:  # Any: two arrays; numba's own tuple
    """Sort points by the square cell they lie in, row by row.

    Args: xy: shape [N, 2], from 0 to below (columns - 1) * width. width: of a cell. columns: cells along an axis.
    Returns: the points in order, int32 [N], and where each cell starts in it, int32 [columns² + 1].
    """
    cell = np.empty(len(xy), np.int32)
    starts = np.zeros(columns * columns + 1, np.int32)
    for i in range(len(xy)):
        cell[i] = int(xy[i, 1] / width) * columns + int(xy[i, 0] / width)
        starts[cell[i] + 1] += 1
    for k in range(columns * columns):
        starts[k + 1] += starts[k]
    order = np.empty(len(xy), np.int32)
    filled = starts[:-1].copy()
    for i in range(len(xy)):
        order[filled[cell[i]]] = i
        filled[cell[i]] += 1
    return order, starts


@njit(cache=True, nogil=True)
def near_pairs(starts: npt.NDArray[np.int32], columns: int) -> int:
    """Return how many pairs of points lie in one cell or in two that touch."""
    pairs = 0
    for cell in range(columns + 1, len(starts) - columns - 3):
        mine = starts[cell + 1] - starts[cell]
        others = starts[cell + 2] - starts[cell + 1] + starts[cell + columns + 2] - starts[cell + columns - 1]
        pairs += mine * ((mine - 1) // 2 + others)
    return pairs


@njit(cache=True, nogil=True, fastmath=True)
def add_near(
    push: Array,
    xy: Array,
    mass: Array,
    order: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int32],
    columns: int,
    reach: float,
    softening: float,
) -> None:
    """Add what points nearer than `reach` do to each other beyond what their clouds do, divided by the own mass.

    Each row of cells is a run of points, so that a point meets two runs: the rest of its own cell with the next one,
    and three cells of the next row. In a run of thousands every k-th point stands for k.

    Args: push: shape [N, 2], changed. order, starts, columns: of `sort_by_cell` with cells as wide as `reach`; points
        keep away from the outermost cells. softening: distance below which the push gives way.
    """
    soft, square_reach = softening * softening, reach * reach
    n = len(xy)
    x, y, m, out = np.empty(n), np.empty(n), np.empty(n), np.zeros((2, n))
    for k in range(n):
        x[k], y[k], m[k] = xy[order[k], 0], xy[order[k], 1], mass[order[k]]
    for cell in range(columns + 1, len(starts) - columns - 3):
        for i in range(starts[cell], starts[cell + 1]):
            fx, fy = 0.0, 0.0
            for run in range(2):
                first = i + 1 if run == 0 else starts[cell + columns - 1]
                end = starts[cell + 2] if run == 0 else starts[cell + columns + 2]
                stride = 1 + (end - first) // _LONG_RUN
                for j in range(first, end, stride):
                    dx, dy = x[i] - x[j], y[i] - y[j]
                    square = dx * dx + dy * dy
                    t = square / square_reach
                    factor = stride / (square + soft) - stride * (3.0 - 3.0 * t + t * t) / square_reach
                    factor = factor if t < 1.0 else 0.0
                    fx += dx * factor * m[j]
                    fy += dy * factor * m[j]
                    out[0, j] -= dx * factor * m[i]
                    out[1, j] -= dy * factor * m[i]
            out[0, i] += fx
            out[1, i] += fy
    for k in range(n):
        push[order[k], 0] += out[0, k]
        push[order[k], 1] += out[1, k]


@njit(cache=True, nogil=True, fastmath=True)
def attraction(
    indptr: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int32],
    weight: Array,
    xy: Array,
    linlog: float,
) -> Array:
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


@njit(cache=True, nogil=True, fastmath=True)
def steer(xy: Array, away: npt.NDArray[np.float32], pivots: npt.NDArray[np.int32]) -> Array:
    """Return the pull towards the right distances from the pivots, and its stiffness, shape [N, 3].

    The energy is the sum of w (|x_i - x_p| - s d)² / 2 with w = 1 / d², d edges apart; s is the scale at which the
    picture has least stress.

    Args: xy: shape [N, 2]. away: edges between each node and each pivot, [N, P]. pivots: nodes, [P].
    Source: Gansner, Koren and North (2005), equation 1; on some pairs only, as Ortmann, Klimenta and Brandes (2017).
    """
    out = np.zeros((len(xy), 3))
    first, second = 0.0, 1e-300
    for i in range(len(xy)):
        for p in range(len(pivots)):
            if away[i, p] > 0:
                dx, dy = xy[i, 0] - xy[pivots[p], 0], xy[i, 1] - xy[pivots[p], 1]
                ratio = math.sqrt(dx * dx + dy * dy) / away[i, p]
                first += ratio * ratio
                second += ratio
    scale = first / second
    for i in range(len(xy)):
        fx, fy, stiff = 0.0, 0.0, 0.0
        for p in range(len(pivots)):
            if away[i, p] > 0:
                dx, dy = xy[i, 0] - xy[pivots[p], 0], xy[i, 1] - xy[pivots[p], 1]
                weight = 1.0 / (away[i, p] * away[i, p])
                factor = weight * (scale * away[i, p] / (math.sqrt(dx * dx + dy * dy) + 1e-12) - 1.0)
                fx += dx * factor
                fy += dy * factor
                stiff += weight
        out[i, 0], out[i, 1], out[i, 2] = fx, fy, stiff
    return out


@njit(cache=True, nogil=True, fastmath=True)
def step(
    xy: Array,
    push: Array,
    indptr: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int32],
    weight: Array,
    mass: Array,
    away: npt.NDArray[np.float32],
    pivots: npt.NDArray[np.int32],
    bend: float,
    gravity: float,
    hold: float,
    cap: float,
) -> Array:
    """Return where the nodes are after one step, shape [N, 2].

    The move of a node is its force divided by how stiffly it is held (its springs and its mass), half of that so that
    two neighbours do not swap places for ever, and never more than the cap.

    Args: push: of all nodes on each, [N, 2]. bend: `linlog` of `attraction`. gravity: pull to the middle, by mass.
        hold: of the distances to pivots, in springs. The rest as elsewhere here.
    """
    n = len(xy)
    pull = attraction(indptr, indices, weight, xy, bend)
    steered = steer(xy, away, pivots)
    middle_x, middle_y, stiffness, steering, whole = 0.0, 0.0, 0.0, 1e-12, 0.0
    for i in range(n):
        middle_x += xy[i, 0] / n
        middle_y += xy[i, 1] / n
        stiffness += 2 * pull[i, 2] + mass[i]
        steering += steered[i, 2]
        whole += mass[i]
    share = hold * stiffness / steering * n / whole
    out = np.empty((n, 2))
    for i in range(n):
        own = share * mass[i]
        fx = push[i, 0] + pull[i, 0] - (xy[i, 0] - middle_x) * gravity * mass[i] + steered[i, 0] * own
        fy = push[i, 1] + pull[i, 1] - (xy[i, 1] - middle_y) * gravity * mass[i] + steered[i, 1] * own
        held = 2 * pull[i, 2] + mass[i] + steered[i, 2] * own
        fx, fy = fx / held, fy / held
        short = min(1.0, cap / max(math.sqrt(fx * fx + fy * fy), 1e-12))
        out[i, 0], out[i, 1] = xy[i, 0] + fx * short, xy[i, 1] + fy * short
    return out


@njit(cache=True, nogil=True, fastmath=True)
def steps_of_few(
    xy: Array,
    indptr: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int32],
    weight: Array,
    mass: Array,
    away: npt.NDArray[np.float32],
    pivots: npt.NDArray[np.int32],
    bend: float,
    gravity: float,
    softening: float,
    holds: Array,
    caps: Array,
) -> Array:
    """Return where a few nodes are after as many steps as there are holds and caps, shape [N, 2]; see `step`."""
    for k in range(len(caps)):
        push = all_pairs(xy, mass, softening)
        xy = step(xy, push, indptr, indices, weight, mass, away, pivots, bend, gravity, holds[k], caps[k])
    return xy
