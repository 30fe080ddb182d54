"""Graph convolutional network."""

from __future__ import annotations

from typing import Any, Literal, cast

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.blocks import AnyBatch, AnyBlock
from engine.nn.encoders._base import Encoder, Features, Step
from engine.nn.heads import ConvolutionHead, Head, LinearHead
from engine.nn.layers import GraphConvolution, Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout


class GCN(Encoder):
    """Averages each node with its neighbours, layer by layer.

    A layer computes act(norm(D^-1/2 (A + I) D^-1/2 H W + b)), with each self-loop exactly once; a linear skip adds
    H V before the norm. Dropout comes first in each layer. The defaults are the paper's model for citation graphs.

    Source: Kipf and Welling (2017), "Semi-supervised classification with graph convolutional networks", equation 2;
    norm and linear skip as in Luo, Shi and Wu (2024), "Classic GNNs are strong baselines".
    """

    key = "gcn"
    label = "GCN"

    class Config(ConfigBase):
        layers: int = option(2, "Graph convolutions, the output layer included when that is one.", ge=1, le=16)
        width: int = option(16, "Numbers per node between layers.", ge=1, le=4096)
        dropout: float = option(0.5, "Share of a layer's input set to zero while training.", ge=0, lt=1)
        norm: NormName = option("none", "Normalisation in each layer: over the nodes, or over each node's numbers.")
        skip: bool = option(False, "Adds a linear map of the node's own numbers to each layer.")
        activation: Literal["relu", "prelu", "gelu"] = option("relu", "Function after each layer.", advanced=True)
        head: Literal["convolution", "linear"] = option(
            "convolution",
            "Output layer: the last of the convolutions, as in the paper, or a linear layer on top of all of them.",
            advanced=True,
        )

    def __init__(self, config: Any, in_width: int) -> None:  # Any: GCN.Config
        super().__init__(config, in_width)
        inner = config.layers - 1 if config.head == "convolution" else config.layers
        widths = [in_width] + [config.width] * inner
        self.layers = nn.ModuleList(_Layer(config, a, b) for a, b in zip(widths[:-1], widths[1:], strict=True))
        self.out_width = widths[-1]

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        h = batch.x if x is None else x
        for number, layer in enumerate(self.layers):
            h = layer(h, batch.block(number))
        return h

    @property
    def hops(self) -> int:
        """The convolutions before the output layer."""
        return len(self.layers)

    def stages(self) -> list[Step]:
        """Return the layers."""
        return list(self.layers)

    def blocks(self) -> list[nn.Module]:
        """Return the layers before the output layer."""
        return list(self.layers)

    def make_head(self, width: int) -> Head:
        """Return a convolution or a linear layer, as `head` says."""
        if self.config.head == "convolution":
            return ConvolutionHead(self.out_width, width, self.config.dropout, skip=self.config.skip)
        return LinearHead(self.out_width, width, self.config.dropout)


class _Layer(nn.Module):
    def __init__(self, config: Any, in_width: int, out_width: int) -> None:  # Any: GCN.Config
        super().__init__()
        self.rate = cast("float", config.dropout)
        self.convolution = GraphConvolution(in_width, out_width)
        self.skip = Linear(in_width, out_width, bias=False) if config.skip else None
        self.norm = make_norm(config.norm, out_width)
        self.activation = make_activation(config.activation)

    def forward(self, x: Features, block: AnyBlock) -> Tensor:
        x = dropout(x, self.rate, self.training)
        h: Tensor = self.convolution(x, block)
        if self.skip is not None:
            h = h + self.skip(block.own(x))
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables
