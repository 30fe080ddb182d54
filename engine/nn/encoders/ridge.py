"""Own features, near and far neighbourhoods, and what sets a node apart from them, all mapped linearly."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear
from engine.nn.ops import dropout, matmul, propagate


class Ridge(Encoder):
    """Adds up linear maps of own features, two neighbourhoods, and the difference from them.

    The embedding is x U + A x V + A² x W + (x - A x) D + b with A = D^-1/2 (A + I) D^-1/2. All of it is linear: the
    floor "ridge" solves the same model at once, this one trains it by gradients. Sparse
    features stay sparse: they are mapped first.

    Source: Hoerl and Kennard (1970), "Ridge regression: biased estimation for nonorthogonal problems"; low- and
    high-pass channels side by side as in Luan et al. (2022), "Revisiting heterophily for graph neural networks".
    """

    key = "ridge"
    label = "Linear filters (ridge)"

    class Config(ConfigBase):
        width: int = option(64, "Numbers per node in the embedding; at least the number of classes.", ge=1, le=4096)
        dropout: float = option(0.0, "Share of the features set to zero while training.", ge=0, lt=1)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: Ridge.Config
        super().__init__(config, in_width)
        names = ("own", "near", "far", "difference")
        self.channels = nn.ModuleDict({name: Linear(in_width, config.width, bias=False) for name in names})
        self.channels["constant"] = _Constant(config.width)
        self.out_width = config.width

    @property
    def hops(self) -> int:
        """Two: the far neighbourhood."""
        return 2

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        features = dropout(batch.x if x is None else x, self.config.dropout, self.training)
        own, near, far, apart = (self.weight(name) for name in ("own", "near", "far", "difference"))
        weight = torch.cat([own + apart, near - apart, far], dim=1)
        own, near, far = matmul(features, weight).split(self.out_width, dim=1)
        first, second = batch.block(0), batch.block(1)
        near = first.own(near) + propagate(first.propagation("gcn"), far)
        h: Tensor = second.own(first.own(own)) + propagate(second.propagation("gcn"), near)
        return h + self.weight("constant")

    def weight(self, channel: str) -> Tensor:
        """Return the map of a channel, [F, H]: own, near, far or difference; or what is added to all, [H]: constant."""
        # By name, not as a parameter: whoever adds to a weight puts another tensor in its place.
        found: Tensor = getattr(self.channels[channel], "weight")  # noqa: B009 - modules are untyped
        return found

    def blocks(self) -> list[nn.Module]:
        """Return the four maps as one: they stand side by side."""
        return [self.channels]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, 0.0)


class _Constant(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))
