"""What every explainer is asked, and what it answers: how much each edge, node and column counts for one answer."""

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
    """What counted for one node or one graph.

    Args:
        edges: shape [M], one score for each edge of the surroundings; larger counts more, 0 counts nothing. For a
            whole graph an edge that speaks against the answer counts below zero.
        columns: shape [F], one score for each column of the features; larger counts more.
        nodes: shape [S], for a whole graph only: a score for each node, below zero where it speaks against the answer.
    """

    edges: Scores
    columns: Scores
    nodes: Scores | None = None


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

        Args: around: the model, and the node or graph with all edges and features within reach. seed: of what is drawn.
            sink: takes Progress. cancel: checked between steps.
        Raises: Cancelled: `cancel` was asked for.
        """
        raise NotImplementedError
