"""Graph isomorphism network."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBlock
from engine.nn.encoders._base import Features, Layered
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout, matmul
from engine.nn.segments import aggregate, stand_for


class GIN(Layered):
    """Adds up the neighbours, so that how many there are is not lost, and puts the sum through two dense layers.

    A layer computes act(norm(MLP((1 + eps) h + sum of the neighbours' h))), where the MLP is linear, norm, act, linear.
    Edge weights are not looked at.

    Source: Xu et al. (2019), "How powerful are graph neural networks?", equation 4.1 and section 7.
    """

    key = "gin"
    label = "GIN"

    class Config(ConfigBase):
        layers: int = option(2, "Layers before the output layer.", ge=1, le=16)
        width: int = option(64, "Numbers per node between layers.", ge=1, le=4096)
        dropout: float = option(0.5, "Share of a layer's input set to zero while training.", ge=0, lt=1)
        norm: NormName = option("batch", "Normalisation in each layer: over the nodes, or over each node's numbers.")
        learn_eps: bool = option(True, "Learns how much a node's own numbers count beside its neighbours'.")
        activation: Literal["relu", "prelu", "gelu", "elu"] = option(
            "relu", "Function after each layer.", advanced=True
        )

    def __init__(self, config: Any, in_width: int) -> None:  # Any: GIN.Config
        super().__init__(config, in_width)
        widths = [in_width] + [config.width] * config.layers
        self.layers = nn.ModuleList(_Layer(config, a) for a in widths[:-1])
        self.out_width = widths[-1]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)


class _Layer(nn.Module):
    def __init__(self, config: Any, in_width: int) -> None:  # Any: GIN.Config
        super().__init__()
        self.rate = config.dropout
        self.eps = nn.Parameter(torch.zeros(1), requires_grad=config.learn_eps)
        self.first, self.second = Linear(in_width, config.width), Linear(config.width, config.width)
        self.inner_norm, self.norm = make_norm(config.norm, config.width), make_norm(config.norm, config.width)
        self.inner_activation = make_activation(config.activation)
        self.activation = make_activation(config.activation)

    def forward(self, x: Features, block: AnyBlock) -> Tensor:
        h = self._first(dropout(x, self.rate, self.training), block)
        h = self.second(self.inner_activation(self.inner_norm(h)))
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables

    def _first(self, x: Features, block: AnyBlock) -> Tensor:
        weight, bias = self.first.weight, self.first.bias
        assert bias is not None, "this map has a bias"
        if isinstance(x, Tensor) and weight.shape[0] <= weight.shape[1]:
            return torch.addmm(bias, self._sum(x, block), weight)
        # The map of a sum is the sum of maps: the narrower table is gathered, and sparse x stays sparse.
        return self._sum(matmul(x, weight), block) + bias

    def _sum(self, h: Tensor, block: AnyBlock) -> Tensor:
        return torch.addcmul(aggregate(h, block.pattern(), "sum", stand_for(block)), block.own(h), 1 + self.eps)
