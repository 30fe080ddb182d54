"""GRACE: find each node of one view again among the nodes of both."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_weights, unit
from engine.learn.views import View
from engine.nn.encoders._base import Encoder
from engine.nn.layers import Linear


class GRACE(Objective):
    """Finds each node of one view again in the other, among all other nodes of both views.

    With projected vectors u (one view) and v (the other) of unit length, a node's loss is
    -log(exp(u_i . v_i / t) / (sum over j of exp(u_i . v_j / t) + sum over j ≠ i of exp(u_i . u_j / t))), and the same
    with the views exchanged. In large graphs the nodes that are compared are drawn anew in each step, so that memory
    grows with the drawn ones squared and not with the graph's.

    Source: Zhu et al. (2020), "Deep graph contrastive representation learning", equations 1 and 2; the settings are
    its own for Cora.
    """

    key = "grace"
    label = "GRACE"
    suggested = {
        "training": {"epochs": 200, "patience": 0},
        "optimiser": {"type": "adam", "rate": 5e-4, "weight_decay": 1e-5},
        "encoder": {"type": "gcn", "layers": 2, "width": 128, "activation": "relu", "head": "linear", "dropout": 0.0},
    }

    class Config(ConfigBase):
        temperature: float = option(0.4, "Lower looks harder at the most similar nodes.", gt=0, le=10)
        edges: float = option(0.2, "Share of the edges left out of the first view.", ge=0, lt=1)
        features: float = option(0.3, "Share of the feature columns hidden in the first view.", ge=0, lt=1)
        other_edges: float = option(0.4, "Share of the edges left out of the second view.", ge=0, lt=1)
        other_features: float = option(0.4, "Share of the feature columns hidden in the second view.", ge=0, lt=1)
        projection: int = option(128, "Numbers per node in which views are compared.", ge=1, le=4096, advanced=True)
        compared: int = option(1024, "Most nodes compared in one step.", ge=2, le=50000, unit="nodes", advanced=True)
        more: tuple[str, ...] = option((), "Keys of further augmentations.", advanced=True)

    def __init__(self, config: Any) -> None:  # Any: GRACE.Config
        super().__init__(config)
        self._views = (
            View(config.edges, config.features, config.more),
            View(config.other_edges, config.other_features, config.more),
        )

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the projection; see `Objective`."""
        require_weights(encoder, self.label)
        return _Projection(encoder.out_width, self.config.projection, generator).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and how often the same node is the most similar one; see `Objective`."""
        views = [view.of(batch, generator) for view in self._views]
        one, two = (node_vectors(encoder, view) for view in views)
        if batch.num_nodes > self.config.compared:
            drawn = torch.randperm(batch.num_nodes, generator=generator)[: self.config.compared].to(batch.device)
            one, two = one[drawn], two[drawn]
        one, two = unit(heads(one)), unit(heads(two))
        between = one @ two.t() / self.config.temperature
        own = between.diagonal()
        loss = 0.5 * (
            _together(between, one @ one.t() / self.config.temperature)
            + _together(between.t(), two @ two.t() / self.config.temperature)
            - 2 * own.mean()
        )
        found = (between.detach().amax(1) == own.detach()).to(loss.dtype).mean()
        return {"loss": loss, "found_again": found}


def _together(between: Tensor, within: Tensor) -> Tensor:
    """Return the mean over i of the log of the sums over j of exp(between) and, j ≠ i, of exp(within)."""
    others = within.masked_fill(torch.eye(len(within), dtype=torch.bool, device=within.device), -torch.inf)
    return torch.logaddexp(between.logsumexp(1), others.logsumexp(1)).mean()


class _Projection(nn.Module):
    """Two layers with ELU between, as in the paper's section 3.2."""

    def __init__(self, in_width: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.first, self.second = Linear(in_width, width), Linear(width, width)
        self.first.reset(generator)
        self.second.reset(generator)

    def forward(self, h: Tensor) -> Tensor:
        return self.second(F.elu(self.first(h)))  # type: ignore[no-any-return]  # modules are untyped callables
