"""Deep adaptive graph neural network: every distance at once, each node choosing how far it listens."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear
from engine.nn.ops import dropout, propagate
from engine.nn.stacks import dense_stack


class DAGNN(Encoder):
    """Lets each node choose how far it listens, from its own features to many edges away.

    Z comes from dense layers; with A = D^-1/2 (A + I) D^-1/2 the answer is the sum over l = 0 … K of
    sigmoid((A^l Z) s) (A^l Z), with one learned vector s. Z is narrow in the paper (one number a class).

    Source: Liu, Gao and Ji (2020), "Towards deeper graph neural networks", equation 8.
    """

    key = "dagnn"
    label = "DAGNN"
    recommended = True

    class Config(ConfigBase):
        layers: int = option(1, "Dense layers with an activation before the propagation.", ge=1, le=8)
        width: int = option(64, "Numbers per node in these layers.", ge=1, le=4096)
        steps: int = option(10, "Propagation steps, each one edge further.", ge=1, le=64)
        input_dropout: float = option(0.8, "Share of the features set to zero while training.", ge=0, lt=1)
        dropout: float = option(0.8, "Share of the inner numbers set to zero while training.", ge=0, lt=1)
        narrow: int = option(
            0, "Numbers per node that are propagated; 0 propagates those of the dense layers.", ge=0, le=4096
        )
        activation: Literal["relu", "prelu", "gelu"] = option("relu", "Function after each layer.", advanced=True)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: DAGNN.Config
        super().__init__(config, in_width)
        rates = (config.input_dropout, config.dropout)
        self.layers = dense_stack(in_width, config.width, config.layers, rates, activation=config.activation)
        self.narrow = Linear(config.width, config.narrow) if config.narrow else None
        self.out_width = config.narrow or config.width
        self.score = Linear(self.out_width, 1)

    @property
    def hops(self) -> int:
        """Return the number of steps."""
        return int(self.config.steps)

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        h = batch.x if x is None else x
        for layer in self.layers:
            h = layer(h)
        h = dropout(h, self.config.dropout, self.training)
        if self.narrow is not None:
            h = self.narrow(h)
        total = self._weighed(h)
        for step in range(self.config.steps):
            block = batch.block(step)
            h = propagate(block.propagation("gcn"), h)
            total = block.own(total) + self._weighed(h)
        return total

    def _weighed(self, h: Tensor) -> Tensor:
        return h * self.score(h).sigmoid()  # type: ignore[no-any-return]  # modules are untyped callables

    def blocks(self) -> list[nn.Module]:
        """Return the dense layers, then the score."""
        narrow = [] if self.narrow is None else [self.narrow]
        return [*self.layers, *narrow, self.score]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer; dropout fell before the propagation."""
        return LinearHead(self.out_width, width, 0.0)
