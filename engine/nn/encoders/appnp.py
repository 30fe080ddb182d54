"""Predict from a node's own features, then propagate by personalised PageRank."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.ops import dropout, propagate
from engine.nn.stacks import dense_stack


class APPNP(Encoder):
    """Reads each node alone, then mixes far neighbourhoods without forgetting where it began.

    H0 comes from dense layers; each of K steps computes H ← (1 - α) D^-1/2 (A + I) D^-1/2 H + α H0. The steps have no
    weights, so many of them cost little and cannot overfit. The output layer comes last instead of before the steps:
    both are linear, so that changes nothing but where dropout falls.

    Source: Gasteiger, Bojchevski and Günnemann (2019), "Predict then propagate: graph neural networks meet
    personalized PageRank", equation 4.
    """

    key = "appnp"
    label = "APPNP"

    class Config(ConfigBase):
        layers: int = option(1, "Dense layers before the propagation.", ge=1, le=8)
        width: int = option(64, "Numbers per node.", ge=1, le=4096)
        steps: int = option(10, "Propagation steps, each one edge further.", ge=1, le=64)
        restart: float = option(0.1, "Share of the start that each step keeps: α in the paper.", ge=0, le=1)
        input_dropout: float = option(0.5, "Share of the features set to zero while training.", ge=0, lt=1)
        dropout: float = option(0.5, "Share of the inner numbers set to zero while training.", ge=0, lt=1)
        activation: Literal["relu", "prelu", "gelu"] = option("relu", "Function after each layer.", advanced=True)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: APPNP.Config
        super().__init__(config, in_width)
        rates = (config.input_dropout, config.dropout)
        self.layers = dense_stack(in_width, config.width, config.layers, rates, activation=config.activation)
        self.out_width = config.width

    @property
    def hops(self) -> int:
        """Return the number of steps."""
        return int(self.config.steps)

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        h = batch.x if x is None else x
        for layer in self.layers:
            h = layer(h)
        start: Tensor = dropout(h, self.config.dropout, self.training)
        h, restart = start, self.config.restart
        for step in range(self.config.steps):
            block = batch.block(step)
            start = block.own(start)
            h = propagate(block.propagation("gcn"), h).mul_(1 - restart).add_(start, alpha=restart)
        return h

    def blocks(self) -> list[nn.Module]:
        """Return the dense layers; propagation has no weights."""
        return list(self.layers)

    def make_head(self, width: int) -> Head:
        """Return a linear output layer; dropout fell before the propagation."""
        return LinearHead(self.out_width, width, 0.0)
