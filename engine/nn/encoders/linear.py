"""A linear map of each node's own features."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear
from engine.nn.ops import dropout


class LinearEncoder(Encoder):
    """Maps each node's own features linearly; with its output layer, logistic or linear regression.

    The embedding is x W + b. With width at least the number of classes the model is as free as one linear layer.

    Source: Cox (1958), "The regression analysis of binary sequences".
    """

    key = "linear"
    label = "Linear"
    uses_edges = False

    class Config(ConfigBase):
        width: int = option(64, "Numbers per node in the embedding.", ge=1, le=4096)
        dropout: float = option(0.0, "Share of the features set to zero while training.", ge=0, lt=1)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: LinearEncoder.Config
        super().__init__(config, in_width)
        self.linear = Linear(in_width, config.width)
        self.out_width = config.width

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        features = batch.x if x is None else x
        return self.linear(dropout(features, self.config.dropout, self.training))  # type: ignore[no-any-return]  # modules are untyped callables

    @property
    def hops(self) -> int:
        """Zero: edges are never looked at."""
        return 0

    def blocks(self) -> list[nn.Module]:
        """Return the one map."""
        return [self.linear]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, 0.0)
