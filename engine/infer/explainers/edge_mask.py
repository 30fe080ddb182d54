"""Which few edges and columns are enough for the answer."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, Progress, silent
from engine.infer.explainers._base import Explainer, Explanation
from engine.infer.surroundings import Surroundings, frozen

_TINY = 1e-12


class EdgeMask(Explainer):
    """Learns a mask over edges and columns that keeps the answer and lets as little through as it can.

    Minimises -log P(answer | masked) + size of the mask + its entropy, by Adam. Encoders that do not weigh their edges
    have these taken away one by one instead; the mask over columns is learnt for them too.

    Source: Ying, Bourgeois, You, Zitnik and Leskovec (2019), "GNNExplainer", equations 5 and 6, with their weights; the
        mask starts half open at all edges alike instead of at random, so that the seed does not matter.
    """

    key = "edge_mask"
    label = "GNNExplainer"

    class Config(ConfigBase):
        epochs: int = option(100, "Steps of learning the mask.", ge=1, le=5000)
        rate: float = option(0.01, "Learning rate.", gt=0, advanced=True)
        edge_size: float = option(0.005, "Cost of each edge that is let through.", ge=0, advanced=True)
        edge_entropy: float = option(1.0, "Cost of edges that are let through by half.", ge=0, advanced=True)
        column_size: float = option(1.0, "Cost of the share of columns that is let through.", ge=0, advanced=True)
        column_entropy: float = option(0.1, "Cost of columns that are let through by half.", ge=0, advanced=True)

    config: Config

    def explain(
        self,
        around: Surroundings,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
    ) -> Explanation:
        """Return the masks, 0 to 1."""
        token = cancel or CancelToken()
        config, answer, gated = self.config, around.answer(), around.has_gates()
        edges = torch.zeros(around.num_edges, device=around.x.device, requires_grad=True)
        columns = torch.zeros(around.x.shape[1], device=around.x.device, requires_grad=True)
        goal = around.support(around.logits(), answer).detach()
        optimiser = torch.optim.Adam([edges, columns], lr=config.rate)
        with frozen(around.model):
            for epoch in range(config.epochs):
                token.check()
                edge_mask, column_mask = edges.sigmoid(), columns.sigmoid()
                logits = around.logits(around.x * column_mask, gate=edge_mask if gated else None)
                support = around.support(logits, answer)
                # A value has no probability: what counts is that it stays what it was.
                loss = (support - goal).abs() if around.task.kind == "regression" else -support
                loss = loss + config.column_size * column_mask.mean() + config.column_entropy * _entropy(column_mask)
                if gated:
                    loss = loss + config.edge_size * edge_mask.sum() + config.edge_entropy * _entropy(edge_mask)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                sink(Progress(epoch + 1, config.epochs, "steps"))
        shown = columns.detach().sigmoid().double().cpu().numpy()
        if around.is_graph:
            return Explanation(around.contributions(answer, "edges"), shown, around.contributions(answer, "nodes"))
        found = edges.detach().sigmoid().double().cpu().numpy() if gated else around.occluded(answer, cancel=cancel)
        return Explanation(found, shown)


def _entropy(mask: Tensor) -> Tensor:
    """Return the mean entropy of a mask, 0 where it is open or shut."""
    return -(mask * (mask + _TINY).log() + (1 - mask) * (1 - mask + _TINY).log()).mean()
