"""Multi-layer perceptron on each node's own features."""

from __future__ import annotations

from typing import Any, Literal, cast

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout


class MLP(Encoder):
    """Looks at each node's own features and never at the edges.

    A layer computes act(norm(H W + b)), dropout first; a linear skip adds H V before the norm. What it reaches is
    what the graph has to beat.

    Source: Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".
    """

    key = "mlp"
    label = "MLP"
    uses_edges = False

    class Config(ConfigBase):
        layers: int = option(1, "Hidden layers; the output layer comes on top.", ge=1, le=16)
        width: int = option(64, "Numbers per node between layers.", ge=1, le=4096)
        dropout: float = option(0.5, "Share of a layer's input set to zero while training.", ge=0, lt=1)
        norm: NormName = option("none", "Normalisation in each layer: over the nodes, or over each node's numbers.")
        skip: bool = option(False, "Adds a linear map around each layer.")
        activation: Literal["relu", "prelu", "gelu"] = option("relu", "Function after each layer.", advanced=True)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: MLP.Config
        super().__init__(config, in_width)
        widths = [in_width] + [config.width] * config.layers
        self.layers = nn.ModuleList(_Layer(config, a, b) for a, b in zip(widths[:-1], widths[1:], strict=True))
        self.out_width = widths[-1]

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        h = batch.x if x is None else x
        for layer in self.layers:
            h = layer(h)
        return h

    @property
    def hops(self) -> int:
        """Zero: edges are never looked at."""
        return 0

    def blocks(self) -> list[nn.Module]:
        """Return the hidden layers."""
        return list(self.layers)

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)


class _Layer(nn.Module):
    def __init__(self, config: Any, in_width: int, out_width: int) -> None:  # Any: MLP.Config
        super().__init__()
        self.rate = cast("float", config.dropout)
        self.linear = Linear(in_width, out_width)
        self.skip = Linear(in_width, out_width, bias=False) if config.skip else None
        self.norm = make_norm(config.norm, out_width)
        self.activation = make_activation(config.activation)

    def forward(self, x: Features) -> Tensor:
        x = dropout(x, self.rate, self.training)
        h: Tensor = self.linear(x)
        if self.skip is not None:
            h = h + self.skip(x)
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables
