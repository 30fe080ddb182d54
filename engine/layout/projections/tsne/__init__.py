"""Neighbourhoods of a wide space, drawn in the plane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, Progress, silent
from engine.layout._base import Positions, Projection, principal_axes, unit_spread
from engine.layout.projections.tsne.kernels import affinities, pull, push

Array = npt.NDArray[np.float64]

# Distances are taken in that many principal components: the rest is mostly noise, and costs time.
_COMPONENTS = 50
# Neighbours that count are that many times the perplexity; farther ones have no weight to speak of.
_REACH = 3
_EXAGGERATION, _THETA = 12.0, 0.7


class Tsne(Projection):
    """Points that are near each other stay near; groups come apart. Sizes of groups and far distances mean little.

    Every point is placed, by Barnes-Hut t-SNE that starts from PCA: a quarter of the steps with the neighbours' pull
    twelve times as strong, then plain; momentum .5, then .8; rate N / 12.

    Source: van der Maaten and Hinton (2008), van der Maaten (2014); start and rate as Kobak and Berens (2019).
    """

    key = "tsne"
    label = "t-SNE"
    recommended = True

    class Config(ConfigBase):
        perplexity: float = option(30.0, "About how many neighbours each point keeps near.", ge=2, le=200)
        steps: int = option(600, "Steps of movement; more come out cleaner.", ge=50, le=10000, advanced=True)

    config: Config

    def project(
        self,
        points: npt.NDArray[np.float32],
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
    ) -> Positions:
        """Place every point; see the base class. The start is PCA, so `seed` does no more than part equal points."""
        token = cancel or CancelToken()
        n = len(points)
        if n < 5:
            return unit_spread(principal_axes(points, 2))
        narrow = principal_axes(points, min(_COMPONENTS, points.shape[1]))
        start = np.zeros((n, 2))
        start[:, : min(2, narrow.shape[1])] = narrow[:, :2]
        spread = start[:, 0].std()
        start = start / (spread if spread > 0 else 1.0) * 1e-4
        start += np.random.default_rng(seed).normal(scale=1e-6, size=start.shape)
        near = _neighbourhoods(narrow, self.config.perplexity, token)
        return unit_spread(self._move(start, near, sink, token))

    def _move(self, xy: Array, near: sp.csr_matrix, sink: EventSink, token: CancelToken) -> Array:
        """Follow the gradient with momentum and a gain for each coordinate."""
        n, steps = len(xy), self.config.steps
        indptr, indices, weight = near.indptr.astype(np.int64), near.indices, near.data
        rate = max(n / _EXAGGERATION, 50.0)
        velocity, gain = np.zeros_like(xy), np.ones_like(xy)
        early = steps // 4
        for step in range(steps):
            token.check()
            away = push(xy, _THETA)
            stronger = _EXAGGERATION if step < early else 1.0
            gradient = 4 * (stronger * pull(indptr, indices, weight, xy) - away.force / away.whole)
            is_turning = np.sign(gradient) == np.sign(velocity)
            gain = np.maximum(np.where(is_turning, gain * 0.8, gain + 0.2), 0.01)
            velocity = (0.5 if step < early else 0.8) * velocity - rate * gain * gradient
            xy = xy + velocity
            xy -= xy.mean(axis=0)
            if step % 20 == 19:
                sink(Progress(step + 1, steps, "steps"))
        return xy


def _neighbourhoods(points: Array, perplexity: float, token: CancelToken) -> sp.csr_matrix:
    """Return the symmetric affinities p_ij, which sum to one, csr [N, N]."""
    from sklearn.neighbors import NearestNeighbors

    n = len(points)
    perplexity = min(perplexity, (n - 1) / _REACH)
    reach = min(n - 1, int(_REACH * perplexity))
    search = NearestNeighbors(n_neighbors=reach, algorithm="brute" if points.shape[1] > 10 else "auto").fit(points)
    token.check()
    distance, index = search.kneighbors()
    token.check()
    values = affinities(distance**2, perplexity)
    rows = np.arange(0, n * reach + 1, reach)
    one_way = sp.csr_matrix((values.ravel(), index.ravel().astype(np.int32), rows), shape=(n, n))
    both = (one_way + one_way.T).tocsr()
    both.data /= both.data.sum()
    return both
