"""What becomes of the answer without each part alone."""

from __future__ import annotations

import numpy as np
import torch

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.events import EventSink, silent
from engine.infer.explainers._base import Explainer, Explanation, Scores
from engine.infer.surroundings import Surroundings


class Masking(Explainer):
    """Takes every edge, node and column away alone and looks at how the answer changes.

    Of a whole graph a node loses its features, an edge goes, and the score is how much the margin of the answer falls:
    below zero where it rises. Around a single node edges and columns are taken away, and the score is the change of
    the answer's probability or value, without a sign.

    Source: Zeiler and Fergus (2014), "Visualizing and understanding convolutional networks", section 4.2 (occlusion).
    """

    key = "masking"
    label = "Masking"

    class Config(ConfigBase):
        pass

    def explain(
        self,
        around: Surroundings,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
    ) -> Explanation:
        """Return the scores; nothing is drawn at random."""
        answer = around.answer()
        columns = _columns(around, answer, cancel or CancelToken())
        if not around.is_graph:
            return Explanation(around.occluded(answer, sink=sink, cancel=cancel), columns)
        edges, nodes = (around.contributions(answer, what) for what in ("edges", "nodes"))
        return Explanation(edges, columns, nodes)


def _columns(around: Surroundings, answer: int, cancel: CancelToken) -> Scores:
    """Return the change of the answer without each column that is not zero throughout."""
    found = np.zeros(around.x.shape[1])
    whole = around.strength(answer)
    for column in torch.nonzero((around.x != 0).any(dim=0)).squeeze(1).tolist():
        cancel.check()
        x = around.x.clone()
        x[:, column] = 0
        found[column] = abs(whole - around.strength(answer, x))
    return found
