"""Go down the gradient of t-SNE, with the repulsion of all pairs by a mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.cancel import CancelToken
from engine.layout._fft import MARGIN, Convolution, side_for
from engine.layout.projections.tsne.kernels import advance, affinities, all_pairs
from engine.layout.projections.tsne.neighbours import nearest

Array = npt.NDArray[np.float64]

# Neighbours that count are that many times the perplexity; farther ones have no weight to speak of.
_REACH = 3
_EXAGGERATION, _EARLY = 12.0, 0.25
# Distance between two nodes of the mesh, at most and at least: 1 is where the kernel has fallen to a half. And how much
# a mesh grows when the picture does.
_COARSEST, _FINEST, _LEAP = 0.6, 0.1, 1.1
# Pairs of points that take as long as a node of the mesh.
_PAIRS = 40


@dataclass(frozen=True, slots=True)
class Push:
    """The repelling half: sum_j q_ij² (y_i - y_j), shape [N, 2], and the sum of q over all pairs i ≠ j."""

    force: Array
    whole: float


class Repulsion:
    """Sums up what all points do to each other.

    Source: Linderman et al. (2019), with the splines of `Convolution`: the force is half the gradient of the sum of q.
    """

    def __init__(self) -> None:
        self._spacing = 0.0
        self._mesh = Convolution(_cauchy(0.0))

    def __call__(self, xy: Array) -> Push:
        """Return force and sum; see `Push`. Few points meet one by one. Args: xy: shape [N, 2]."""
        low, high = xy.min(axis=0), xy.max(axis=0)
        # In leaps, so that the same mesh serves for a while.
        extent = _LEAP ** np.ceil(np.log(max(float((high - low).max()), 1e-6)) / np.log(_LEAP))
        side = side_for(extent / _COARSEST + 1)
        if len(xy) ** 2 < _PAIRS * side**2:
            found = all_pairs(xy)
            return Push(found[:, :2], float(found[:, 2].sum()))
        spacing = max(float(extent) / (side - 2 * MARGIN - 1), _FINEST)
        if spacing != self._spacing:
            self._spacing, self._mesh = spacing, Convolution(_cauchy(spacing))
        middle = (low + high) / 2
        cells = (xy - middle) / spacing + (side - 1) / 2
        found = self._mesh(cells, np.ones(len(xy)), side)
        # Every point met itself once, with q = 1.
        return Push(found[:, 1:] * (-0.5 / spacing), float(found[:, 0].sum()) - len(xy))


def _cauchy(spacing: float) -> Callable[[Array], Array]:
    def potential(square: Array) -> Array:
        return np.asarray(1.0 / (1.0 + square * spacing**2))

    return potential


def neighbourhoods(
    points: npt.NDArray[np.float32], perplexity: float, rng: np.random.Generator, token: CancelToken
) -> sp.csr_matrix:
    """Return the symmetric affinities p_ij, which sum to one, csr [N, N] float32."""
    n = len(points)
    perplexity = min(perplexity, (n - 1) / _REACH)
    reach = min(n - 1, int(_REACH * perplexity))
    found = nearest(points, reach, rng, token)
    values = affinities(found.squares, perplexity).astype(np.float32)
    token.check()
    rows = np.arange(0, n * reach + 1, reach)
    one_way = sp.csr_matrix((values.ravel(), found.index.ravel(), rows), shape=(n, n))
    both = (one_way + one_way.T).tocsr()
    both.data /= both.data.sum(dtype=np.float64)
    return both


def descend(
    xy: Array, near: sp.csr_matrix, steps: int, token: CancelToken, show: Callable[[Array, int], None]
) -> Array:
    """Return the positions after all steps, [N, 2]: momentum and a gain for each coordinate.

    Args: xy: the start, [N, 2]. near: of `neighbourhoods`. show: is told positions and steps taken after each.
    """
    xy = xy.copy()
    indptr, indices, weight = near.indptr.astype(np.int64), near.indices.astype(np.int32), near.data
    rate = max(len(xy) / _EXAGGERATION, 50.0)
    velocity, gain = np.zeros_like(xy), np.ones_like(xy)
    repulsion = Repulsion()
    early = int(steps * _EARLY)
    for step in range(steps):
        token.check()
        push = repulsion(xy)
        is_early = step < early
        stronger, momentum = (_EXAGGERATION, 0.5) if is_early else (1.0, 0.8)
        away = push.force / max(push.whole, 1e-12)
        advance(xy, velocity, gain, indptr, indices, weight, away, stronger, momentum, rate)
        xy -= xy.mean(axis=0)
        show(xy, step + 1)
    return xy
