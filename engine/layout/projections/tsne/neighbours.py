"""The nearest others of every point: exact for some thousands, by cells of a rough clustering for more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.layout.projections.tsne.kernels import squared_distances

Points = npt.NDArray[np.float32]

# Up to so many points everyone is compared with everyone.
_EXACT = 4_000
_ROWS = 512
# Rounds of clustering, points for each middle that take part in it, and points to be looked at for each neighbour.
_ROUNDS, _SAMPLE, _CANDIDATES = 4, 30, 16


@dataclass(frozen=True, slots=True)
class Nearest:
    """The k nearest others of each point in no order: int32 [N, k], and their squared distances, float64 [N, k]."""

    index: npt.NDArray[np.int32]
    squares: npt.NDArray[np.float64]


def nearest(points: Points, k: int, rng: np.random.Generator, token: CancelToken) -> Nearest:
    """Find the nearest others; above 4,000 points a few of the farther ones may be missed.

    Args: points: shape [N, D] float32. k: below N. rng: draws the points by which cells are made.
    Source: cells (inverted lists) as Jégou, Douze and Schmid (2011), section IV, without their codes.
    """
    n = len(points)
    found = Nearest(np.empty((n, k), np.int32), np.empty((n, k)))
    lengths = np.einsum("ij,ij->i", points, points)
    everyone = np.arange(n, dtype=np.int32)
    if n <= _EXACT:
        for first in range(0, n, _ROWS):
            token.check()
            _look(points, lengths, everyone[first : first + _ROWS], everyone, found)
        return found
    cell, middles = _cells(points, rng, token)
    order = np.argsort(cell, kind="stable").astype(np.int32)
    starts = np.searchsorted(cell[order], np.arange(len(middles) + 1))
    between = _squares(middles, middles)
    for one, row in enumerate(between):
        token.check()
        members = order[starts[one] : starts[one + 1]]
        if not len(members):
            continue
        near = np.argsort(row, kind="stable")
        sizes = np.cumsum((starts[1:] - starts[:-1])[near])
        enough = int(np.searchsorted(sizes, min(_CANDIDATES * k, n))) + 1
        others = np.concatenate([order[starts[c] : starts[c + 1]] for c in near[:enough]])
        for first in range(0, len(members), _ROWS):
            _look(points, lengths, members[first : first + _ROWS], others, found)
    return found


def _look(
    points: Points,
    lengths: Points,
    members: npt.NDArray[np.int32],
    others: npt.NDArray[np.int32],
    found: Nearest,
) -> None:
    """Fill the rows of `members` with the nearest of `others`, themselves left out."""
    k = found.index.shape[1]
    squares = lengths[others][None] - 2.0 * (points[members] @ points[others].T)
    by_number = np.argsort(others)
    squares[np.arange(len(members)), by_number[np.searchsorted(others, members, sorter=by_number)]] = np.inf
    index = others[np.argpartition(squares, k - 1, axis=1)[:, :k]]
    found.index[members] = index
    # Anew, as differences: what is left of two large numbers would be rough for points that lie close together.
    found.squares[members] = squared_distances(points, members, index)


def _cells(points: Points, rng: np.random.Generator, token: CancelToken) -> tuple[npt.NDArray[np.int64], Points]:
    """Return a cell for each point and the middles of the cells: some rounds of k-means on a part of the points."""
    count = int(np.sqrt(len(points)))
    drawn = points[rng.permutation(len(points))[: _SAMPLE * count]]
    middles = drawn[:count].copy()
    for _ in range(_ROUNDS):
        cell = _nearest_middle(drawn, middles, token)
        sizes = np.bincount(cell, minlength=count)
        order = np.argsort(cell, kind="stable")
        filled = sizes > 0
        sums = np.add.reduceat(drawn[order], (np.cumsum(sizes) - sizes)[filled], axis=0)
        middles[filled] = sums / sizes[filled, None]
    return _nearest_middle(points, middles, token), middles


def _nearest_middle(points: Points, middles: Points, token: CancelToken) -> npt.NDArray[np.int64]:
    out = np.empty(len(points), np.int64)
    for first in range(0, len(points), _ROWS * 8):
        token.check()
        part = slice(first, first + _ROWS * 8)
        out[part] = _squares(points[part], middles).argmin(axis=1)
    return out


def _squares(left: Points, right: Points) -> Points:
    """Return squared distances less the squared length of the left ones, which changes no order, [L, R]."""
    return np.asarray(np.einsum("ij,ij->i", right, right)[None] - 2.0 * (left @ right.T), np.float32)
