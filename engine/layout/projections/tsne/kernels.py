"""Compiled loops of t-SNE: widths of the neighbourhoods, and the two halves of the gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from engine.layout._quadtree import build_tree

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
def pull(indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int32], weight: Array, xy: Array) -> Array:
    """Return sum_j p_ij q_ij (y_i - y_j) with q_ij = 1 / (1 + |y_i - y_j|²), shape [N, 2]."""
    out = np.zeros_like(xy)
    for i in range(len(xy)):
        for k in range(indptr[i], indptr[i + 1]):
            dx, dy = xy[i, 0] - xy[indices[k], 0], xy[i, 1] - xy[indices[k], 1]
            factor = weight[k] / (1.0 + dx * dx + dy * dy)
            out[i, 0] += dx * factor
            out[i, 1] += dy * factor
    return out


@dataclass(frozen=True, slots=True)
class Push:
    """The repelling half: sum_j q_ij² (y_i - y_j), shape [N, 2], and the sum of q over all pairs i ≠ j."""

    force: Array
    whole: float


def push(xy: Array, theta: float) -> Push:
    """Sum up what all points do to each other; a cell of side s at distance d counts as one when s < theta d.

    Source: van der Maaten (2014), Accelerating t-SNE using tree-based algorithms, section 4.2.
    """
    tree = build_tree(xy, np.ones(len(xy)))
    out = _push(tree.xy, tree.cells, tree.centre, tree.size * theta**-2, tree.after)
    force = np.empty_like(xy)
    force[tree.order] = out[:, :2]
    # Every point met itself once, with q = 1.
    return Push(force, float(out[:, 2].sum()) - len(xy))


@njit(cache=True, nogil=True, fastmath=True)
def _push(xy: Array, cells: npt.NDArray[np.int64], centre: Array, reach: Array, after: npt.NDArray[np.int64]) -> Array:
    """Walk the tree for each point: force and sum of q, shape [N, 3]."""
    out = np.empty((len(xy), 3))
    count = len(cells)
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        fx, fy, whole = 0.0, 0.0, 0.0
        cell = 0
        while cell < count:
            dx, dy = x - centre[cell, 0], y - centre[cell, 1]
            square = dx * dx + dy * dy
            if reach[cell] < square:
                q = 1.0 / (1.0 + square)
                whole += centre[cell, 2] * q
                q *= centre[cell, 2] * q
                fx += dx * q
                fy += dy * q
                cell = after[cell]
            elif cells[cell, 4] == 1:
                for j in range(cells[cell, 0], cells[cell, 1]):
                    dx, dy = x - xy[j, 0], y - xy[j, 1]
                    q = 1.0 / (1.0 + dx * dx + dy * dy)
                    whole += q
                    fx += dx * q * q
                    fy += dy * q * q
                cell = after[cell]
            else:
                cell += 1
        out[i, 0], out[i, 1], out[i, 2] = fx, fy, whole
    return out
