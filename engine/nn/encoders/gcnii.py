"""Deep graph convolutions that remember their start."""

from __future__ import annotations

import math
from typing import Any, Literal

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch, AnyBlock
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear, make_activation
from engine.nn.ops import dropout, propagate
from engine.nn.stacks import DenseLayer


class GCNII(Encoder):
    """Stacks many graph convolutions, each one holding on to the first layer and to the identity.

    Layer l computes act(P ((1 - β_l) I + β_l W_l)) with P = (1 - α) D^-1/2 (A + I) D^-1/2 H + α H0 and
    β_l = log(λ / l + 1); H0 comes from a dense layer. Made for 8 to 64 layers.

    Source: Chen et al. (2020), "Simple and deep graph convolutional networks", equation 5.
    """

    key = "gcnii"
    label = "GCNII"

    class Config(ConfigBase):
        layers: int = option(16, "Graph convolutions.", ge=1, le=64)
        width: int = option(64, "Numbers per node between layers.", ge=1, le=4096)
        restart: float = option(0.1, "Share of the first layer in each one: α in the paper.", ge=0, le=1)
        identity: float = option(0.5, "How much the weights count, less in each layer: λ in the paper.", gt=0, le=10)
        dropout: float = option(0.6, "Share of a layer's input set to zero while training.", ge=0, lt=1)
        activation: Literal["relu", "prelu", "gelu"] = option("relu", "Function after each layer.", advanced=True)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: GCNII.Config
        super().__init__(config, in_width)
        self.first = DenseLayer(in_width, config.width, config.dropout, activation=config.activation)
        self.layers = nn.ModuleList(_Layer(config, number + 1) for number in range(config.layers))
        self.out_width = config.width

    @property
    def hops(self) -> int:
        """Return the number of convolutions."""
        return len(self.layers)

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        start: Tensor = self.first(batch.x if x is None else x)
        h = start
        for number, layer in enumerate(self.layers):
            block = batch.block(number)
            start = block.own(start)
            h = layer(h, start, block)
        return h

    def blocks(self) -> list[nn.Module]:
        """Return the dense layer, then the convolutions."""
        return [self.first, *self.layers]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)


class _Layer(nn.Module):
    def __init__(self, config: Any, number: int) -> None:  # Any: GCNII.Config
        super().__init__()
        self.rate, self.restart = float(config.dropout), float(config.restart)
        self.strength = math.log(config.identity / number + 1)
        self.linear = Linear(config.width, config.width, bias=False)
        self.activation = make_activation(config.activation)

    def forward(self, h: Tensor, start: Tensor, block: AnyBlock) -> Tensor:
        spread = propagate(block.propagation("gcn"), dropout(h, self.rate, self.training))
        mixed = spread.mul_(1 - self.restart).add_(start, alpha=self.restart)
        out = mixed * (1 - self.strength) + self.linear(mixed) * self.strength
        return self.activation(out)  # type: ignore[no-any-return]  # modules are untyped callables
