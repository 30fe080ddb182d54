"""Simple graph convolution: propagation without anything between."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear
from engine.nn.ops import dropout, matmul, propagate


class SGC(Encoder):
    """Averages over a neighbourhood several times and maps the result linearly.

    The embedding is A^K x W + b with A = D^-1/2 (A + I) D^-1/2, computed as A^K (x W) so that sparse features stay
    sparse. With width at least the number of classes the model is as free as one linear layer.

    Source: Wu et al. (2019), "Simplifying graph convolutional networks", equation 8.
    """

    key = "sgc"
    label = "SGC"

    class Config(ConfigBase):
        width: int = option(64, "Numbers per node in the embedding.", ge=1, le=4096)
        steps: int = option(2, "Propagation steps, each one edge further.", ge=1, le=64)
        dropout: float = option(0.0, "Share of the features set to zero while training.", ge=0, lt=1)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: SGC.Config
        super().__init__(config, in_width)
        self.linear = Linear(in_width, config.width)
        self.out_width = config.width

    @property
    def hops(self) -> int:
        """Return the number of steps."""
        return int(self.config.steps)

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        features = batch.x if x is None else x
        h: Tensor = matmul(dropout(features, self.config.dropout, self.training), self.linear.weight)
        for step in range(self.config.steps):
            h = propagate(batch.block(step).propagation("gcn"), h)
        assert self.linear.bias is not None, "it is made with a bias"
        return h + self.linear.bias

    def blocks(self) -> list[nn.Module]:
        """Return the one map."""
        return [self.linear]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, 0.0)
