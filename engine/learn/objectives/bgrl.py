"""BGRL: foresee what a slower copy of the encoder makes of another view."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_weights, unit
from engine.learn.views import View
from engine.nn.encoders._base import Encoder
from engine.nn.layers import Linear, PReLU


class BGRL(Objective):
    """Foresees, from one view of each node, the vector that a slowly following copy of the encoder has for another.

    The copy φ is a moving mean of the encoder θ: φ ← τ φ + (1 - τ) θ after each step. A predictor q reads the
    encoder's vectors; the loss is 2 - cos(q(z1), h2) - cos(q(z2), h1), averaged over the nodes, where z is the
    encoder's and h the copy's. No pairs of different nodes are compared.

    Source: Thakoor et al. (2022), "Large-scale representation learning on graphs via bootstrapping", equations 1 and
    2; τ stays where the paper begins, instead of rising to 1. The paper trains for 10 000 epochs at a lower rate.
    """

    key = "bgrl"
    label = "BGRL"
    suggested = {
        "training": {"epochs": 300, "patience": 0},
        "optimiser": {"type": "adamw", "rate": 1e-3, "weight_decay": 1e-5},
        "encoder": {
            "type": "gcn",
            "layers": 2,
            "width": 256,
            "norm": "batch",
            "activation": "prelu",
            "head": "linear",
            "dropout": 0.0,
        },
    }

    class Config(ConfigBase):
        momentum: float = option(0.99, "How slowly the copy follows: τ in the paper.", ge=0, lt=1)
        edges: float = option(0.2, "Share of the edges left out of the first view.", ge=0, lt=1)
        features: float = option(0.2, "Share of the feature columns hidden in the first view.", ge=0, lt=1)
        other_edges: float = option(0.4, "Share of the edges left out of the second view.", ge=0, lt=1)
        other_features: float = option(0.3, "Share of the feature columns hidden in the second view.", ge=0, lt=1)
        predictor: int = option(512, "Numbers in the predictor's inner layer.", ge=1, le=4096, advanced=True)
        more: tuple[str, ...] = option((), "Keys of further augmentations.", advanced=True)

    def __init__(self, config: Any) -> None:  # Any: BGRL.Config
        super().__init__(config)
        self._views = (
            View(config.edges, config.features, config.more),
            View(config.other_edges, config.other_features, config.more),
        )

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return predictor and copy; see `Objective`."""
        require_weights(encoder, self.label)
        return _Bootstrap(encoder, self.config.predictor, generator).to(batch.device)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and the mean cosine between what was foreseen and what was there; see `Objective`."""
        assert isinstance(heads, _Bootstrap), "heads are what prepare returned"
        heads.follow(encoder, self.config.momentum)
        views = [view.of(batch, generator) for view in self._views]
        foreseen = [heads(node_vectors(encoder, view)) for view in views]
        there = [heads.vectors(encoder, view) for view in views]
        cosine = sum(
            ((unit(a) * unit(b)).sum(1).mean() for a, b in zip(foreseen, reversed(there), strict=True)),
            start=foreseen[0].new_zeros(()),
        )
        return {"loss": 2 - cosine, "cosine": cosine.detach() / 2}


class _Bootstrap(nn.Module):
    """Predictor, and the copy's weights as buffers: they are kept and resumed, but no gradient moves them."""

    def __init__(self, encoder: Encoder, width: int, generator: torch.Generator) -> None:
        super().__init__()
        first, second = Linear(encoder.out_width, width), Linear(width, encoder.out_width)
        first.reset(generator)
        second.reset(generator)
        self.predictor = nn.Sequential(first, PReLU(), second)
        self._places = {name: f"copy_{number}" for number, name in enumerate(_state(encoder))}
        for name, value in _state(encoder).items():
            self.register_buffer(self._places[name], value.detach().clone())
        self._moving = {name for name, _ in encoder.named_parameters()}

    def forward(self, h: Tensor) -> Tensor:
        return self.predictor(h)  # type: ignore[no-any-return]  # modules are untyped callables

    @torch.no_grad()
    def follow(self, encoder: Encoder, momentum: float) -> None:
        """Move the copy towards the encoder; its batch statistics are its own."""
        for name, value in encoder.named_parameters():
            self.get_buffer(self._places[name]).lerp_(value, 1 - momentum)

    def vectors(self, encoder: Encoder, batch: GraphBatch) -> Tensor:
        """Return the copy's vectors [N, H], without gradients."""
        state = {name: self.get_buffer(place) for name, place in self._places.items()}
        with torch.no_grad():
            h: Tensor = functional_call(encoder, state, (batch,))
        return h


def _state(encoder: Encoder) -> dict[str, Tensor]:
    return {**dict(encoder.named_parameters()), **dict(encoder.named_buffers())}
