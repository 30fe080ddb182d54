"""CCA-SSG: two views of a node agree, and no two numbers of a node vector say the same."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_weights
from engine.learn.views import View
from engine.nn.encoders._base import Encoder


class CCASSG(Objective):
    """Pulls two views of each node together while every number of the vectors says something of its own.

    With the vectors of both views standardised over the nodes and divided by the root of N, the loss is
    |Z1 - Z2|² + λ (|Z1' Z1 - I|² + |Z2' Z2 - I|²). No pairs of different nodes are compared, so it costs no more than
    two passes of the encoder and products as wide as the vectors.

    Source: Zhang et al. (2021), "From canonical correlation analysis to self-supervised graph neural networks",
    equation 4; the settings are its own for Cora.
    """

    key = "cca_ssg"
    label = "CCA-SSG"
    suggested = {
        "training": {"epochs": 50, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gcn", "layers": 2, "width": 512, "activation": "relu", "head": "linear", "dropout": 0.0},
    }

    class Config(ConfigBase):
        edges: float = option(0.4, "Share of the edges left out of each view.", ge=0, lt=1)
        features: float = option(0.1, "Share of the feature columns hidden in each view.", ge=0, lt=1)
        decorrelation: float = option(1e-3, "Weight of the second part: λ in the paper.", ge=0, le=10)
        more: tuple[str, ...] = option((), "Keys of further augmentations.", advanced=True)

    def __init__(self, config: Any) -> None:  # Any: CCASSG.Config
        super().__init__(config)
        self._view = View(config.edges, config.features, config.more)

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return an empty module; see `Objective`."""
        require_weights(encoder, self.label)
        return nn.Module()

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss and its two parts; see `Objective`."""
        views = [self._view.of(batch, generator) for _ in range(2)]
        one, two = (_standardised(node_vectors(encoder, view)) for view in views)
        apart = (one - two).square().sum()
        alike = _off_identity(one) + _off_identity(two)
        loss = apart + self.config.decorrelation * alike
        return {"loss": loss, "apart": apart.detach(), "alike": alike.detach()}


def _standardised(h: Tensor) -> Tensor:
    """Return h [N, H] with columns of mean 0 and variance 1, divided by the root of N."""
    centred = h - h.mean(0)
    # The paper divides by the deviation as it is; a number that is the same for all nodes would divide by zero.
    return centred * ((centred.square().mean(0) + 1e-8) * len(h)).rsqrt()


def _off_identity(z: Tensor) -> Tensor:
    return (z.t() @ z - torch.eye(z.shape[1], dtype=z.dtype, device=z.device)).square().sum()
