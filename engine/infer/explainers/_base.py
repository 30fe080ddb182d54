"""What every explainer is asked, and what it answers: how much each edge and each column counts for one node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.component import Component, Config
from engine.core.events import EventSink, silent
from engine.infer.surroundings import Surroundings

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What counted for one node.

    Args:
        edges: shape [M], one score for each edge of the surroundings; larger counts more, 0 counts nothing.
        columns: shape [F], one score for each column of the features; larger counts more.
    """

    edges: Scores
    columns: Scores


class Explainer(Component):
    """Says which edges and columns an answer rests on; the same model, node and seed give the same scores."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def explain(
        self,
        around: Surroundings,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
    ) -> Explanation:
        """Score everything that the answer for a node can depend on.

        Args: around: the model, the node, and all edges and features within reach of it. seed: of whatever is drawn.
            sink: takes Progress. cancel: checked between steps.
        Raises: Cancelled: `cancel` was asked for.
        """
        raise NotImplementedError
