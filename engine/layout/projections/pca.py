"""The two directions in which points differ most."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.component import Config
from engine.core.events import EventSink, silent
from engine.layout._base import Positions, Projection, principal_axes, unit_spread


class Pca(Projection):
    """The plane in which the points spread most; straight, quick, and distances keep their meaning.

    Source: Pearson (1901); the sign of each axis makes its entry of largest size positive.
    """

    key = "pca"
    label = "PCA"

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
        """Project onto the first two principal axes; nothing is drawn at random, and there is nothing to stream."""
        return unit_spread(principal_axes(points, 2))
