"""Neighbourhoods of a wide space, drawn in the plane."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, Progress, silent
from engine.layout._base import Positions, Projection, principal_axes, unit_spread

Array = npt.NDArray[np.float64]

# Distances are taken in that many principal components: the rest is mostly noise, and costs time.
_COMPONENTS = 64
# A better picture comes at most so often, and never takes more than a tenth of the time.
_STREAM_SECONDS, _STREAM_SHARE = 0.5, 10.0


class Tsne(Projection):
    """Points that are near each other stay near; groups come apart. Sizes of groups and far distances mean little.

    Every point is placed. The start is PCA, which is the first picture; then a quarter of the steps with the
    neighbours' pull twelve times as strong, and the rest plain; momentum .5, then .8; rate N / 12. Above 4,000 points
    a few of the farther neighbours may be missed.

    Source: van der Maaten and Hinton (2008); repulsion as Linderman et al. (2019, FIt-SNE); start and rate as Kobak
        and Berens (2019).
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
        on_positions: Callable[[Positions], None] | None = None,
    ) -> Positions:
        """Place every point; see the base class. `seed` parts equal points, and draws the cells of large searches."""
        token = cancel or CancelToken()
        n = len(points)
        if n < 5:
            return unit_spread(principal_axes(points, 2))
        narrow = principal_axes(points, min(_COMPONENTS, points.shape[1]))
        start = np.zeros((n, 2))
        start[:, : min(2, narrow.shape[1])] = narrow[:, :2]
        if on_positions is not None:
            on_positions(unit_spread(start))
        # The compiled loops are loaded, or made, while somebody looks at the first picture.
        from engine.layout.projections.tsne.descent import descend, neighbourhoods

        spread = start[:, 0].std()
        rng = np.random.default_rng(seed)
        start = start / (spread if spread > 0 else 1.0) * 1e-4 + rng.normal(scale=1e-6, size=start.shape)
        near = neighbourhoods(narrow.astype(np.float32), self.config.perplexity, rng, token)
        due = 0.0

        def show(xy: Array, steps: int) -> None:
            nonlocal due
            began = time.monotonic()
            if began < due:
                return
            sink(Progress(steps, self.config.steps, "steps"))
            if on_positions is not None:
                on_positions(unit_spread(xy))
            due = time.monotonic() + max(_STREAM_SECONDS, _STREAM_SHARE * (time.monotonic() - began))

        return unit_spread(descend(start, near, self.config.steps, token, show))
