"""Compiled loops of t-SNE: distances, widths of the neighbourhoods, and one step down the gradient."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]


@njit(cache=True, nogil=True)
def affinities(squares: Array, perplexity: float) -> Array:
    """Return p(j|i) of each point's neighbours: Gaussian, of the width that gives the perplexity, shape [N, k].

    Args: squares: squared distances to the k nearest others, shape [N, k]. perplexity: below k.
    Source: van der Maaten and Hinton (2008), equation 1, by bisection.
    """
    goal = math.log(perplexity)
    out = np.empty_like(squares)
    for i in range(len(squares)):
        low, high, beta = 0.0, np.inf, 1.0 / max(squares[i].mean(), 1e-12)
        nearest = squares[i].min()
        for _ in range(64):
            total, moment = 0.0, 0.0
            for k in range(squares.shape[1]):
                value = math.exp(-beta * (squares[i, k] - nearest))
                out[i, k] = value
                total += value
                moment += value * (squares[i, k] - nearest)
            entropy = math.log(total) + beta * moment / total
            # Equal points keep an entropy above the goal at every width.
            if abs(entropy - goal) < 1e-5 or beta > 1e30:
                break
            if entropy > goal:
                low = beta
                beta = beta * 2 if high == np.inf else (beta + high) / 2
            else:
                high = beta
                beta = (beta + low) / 2
        for k in range(squares.shape[1]):
            out[i, k] /= total
    return out


@njit(cache=True, nogil=True, fastmath=True)
def squared_distances(
    points: npt.NDArray[np.float32], members: npt.NDArray[np.int32], index: npt.NDArray[np.int32]
) -> Array:
    """Return the squared distances of some points to their neighbours, shape [M, k].

    Args: points: shape [N, D]. members: [M]. index: neighbours of each member, [M, k].
    """
    out = np.empty(index.shape)
    for i in range(len(members)):
        for k in range(index.shape[1]):
            square = np.float32(0.0)
            for axis in range(points.shape[1]):
                apart = points[members[i], axis] - points[index[i, k], axis]
                square += apart * apart
            out[i, k] = square
    return out


@njit(cache=True, nogil=True, fastmath=True)
def all_pairs(xy: Array) -> Array:
    """Return sum_j q_ij² (y_i - y_j) and sum_j q_ij over all others, shape [N, 3]."""
    out = np.zeros((len(xy), 3))
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        fx, fy, whole = 0.0, 0.0, 0.0
        for j in range(i + 1, len(xy)):
            dx, dy = x - xy[j, 0], y - xy[j, 1]
            q = 1.0 / (1.0 + dx * dx + dy * dy)
            whole += q
            fx += dx * q * q
            fy += dy * q * q
            out[j, 0] -= dx * q * q
            out[j, 1] -= dy * q * q
            out[j, 2] += q
        out[i, 0] += fx
        out[i, 1] += fy
        out[i, 2] += whole
    return out


@njit(cache=True, nogil=True, fastmath=True)
def advance(
    xy: Array,
    velocity: Array,
    gain: Array,
    indptr: npt.NDArray[np.int64],
    indices: npt.NDArray[np.int32],
    weight: npt.NDArray[np.float32],
    away: Array,
    stronger: float,
    momentum: float,
    rate: float,
) -> None:
    """Move all points one step down the gradient; `xy`, `velocity` and `gain`, all [N, 2], are changed.

    The gradient is 4 sum_j (stronger p_ij - q_ij / Z) q_ij (y_i - y_j) with q_ij = 1 / (1 + |y_i - y_j|²); a gain grows
    while a coordinate keeps its direction and shrinks when it turns (Jacobs 1988, as van der Maaten uses it).

    Args: indptr, indices, weight: rows of p. away: sum_j q_ij² (y_i - y_j) / Z, [N, 2]. rate: of learning.
    """
    for i in range(len(xy)):
        fx, fy = 0.0, 0.0
        for k in range(indptr[i], indptr[i + 1]):
            dx, dy = xy[i, 0] - xy[indices[k], 0], xy[i, 1] - xy[indices[k], 1]
            factor = weight[k] / (1.0 + dx * dx + dy * dy)
            fx += dx * factor
            fy += dy * factor
        for axis in range(2):
            slope = 4.0 * (stronger * (fx if axis == 0 else fy) - away[i, axis])
            if (slope > 0) == (velocity[i, axis] > 0):
                gain[i, axis] = max(gain[i, axis] * 0.8, 0.01)
            else:
                gain[i, axis] += 0.2
            velocity[i, axis] = momentum * velocity[i, axis] - rate * gain[i, axis] * slope
    for i in range(len(xy)):
        xy[i, 0] += velocity[i, 0]
        xy[i, 1] += velocity[i, 1]
