"""Graph convolutional network."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn

from engine.core.component import option
from engine.graph.blocks import AnyBatch, AnyBlock
from engine.nn.encoders._base import Encoder, Features, LayeredConfig, Step
from engine.nn.heads import ConvolutionHead, Head, LinearHead
from engine.nn.jumping import joined, joined_width
from engine.nn.layers import GraphConvolution, Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout
from engine.nn.stacks import dense_stack
from engine.nn.virtual_node import VirtualNode


class GCN(Encoder):
    """Averages each node with its neighbours, layer by layer.

    A layer computes act(norm(D^-1/2 (A + I) D^-1/2 H W + b)), with each self-loop exactly once; a linear skip adds
    H V before the norm. Dropout comes first in each layer. Dense layers may stand before and after the convolutions,
    and the answers of all convolutions may be read together. The defaults are the paper's model for citation graphs.

    Source: Kipf and Welling (2017), "Semi-supervised classification with graph convolutional networks", equation 2;
    norm and linear skip as in Luo, Shi and Wu (2024), "Classic GNNs are strong baselines"; jumping knowledge of Xu et
    al. (2018), "Representation learning on graphs with jumping knowledge networks".
    """

    key = "gcn"
    label = "GCN"
    recommended = True

    class Config(LayeredConfig):
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
        before: int = option(0, "Dense layers before the first convolution.", ge=0, le=4, advanced=True)
        after: int = option(0, "Dense layers after the last convolution of the encoder.", ge=0, le=4, advanced=True)
        input_dropout: float | None = option(
            None, "Share of the features set to zero while training; as inside when empty.", ge=0, lt=1, advanced=True
        )

    def __init__(self, config: Any, in_width: int) -> None:  # Any: GCN.Config
        super().__init__(config, in_width)
        inner = config.layers - 1 if config.head == "convolution" else config.layers
        first = config.dropout if config.input_dropout is None else config.input_dropout
        self.before = _dense(config, in_width, config.before, first)
        widths = [config.width if config.before else in_width] + [config.width] * inner
        rates = [config.dropout if config.before else first] + [config.dropout] * inner
        pairs = zip(widths[:-1], widths[1:], rates[:inner], strict=True)
        self.layers = nn.ModuleList(_Layer(config, a, b, rate) for a, b, rate in pairs)
        read = joined_width(widths[-1], inner, config.jumping)
        self.after = _dense(config, read, config.after, config.dropout)
        self.out_width = config.width if config.after else read
        self.virtual = VirtualNode(config.width, inner, config.norm) if config.virtual_node and inner > 1 else None

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        smoothed = batch.smoothed() if x is None and self._starts_constant else None
        h = None if smoothed is not None else _through(self.before, batch.x if x is None else x)
        kept: list[Tensor] = []
        v: Tensor | None = None
        for number, layer in enumerate(self.layers):
            block = batch.block(number)
            h = layer(h, block, smoothed if number == 0 else None)
            if self.config.jumping != "none":
                kept = [*(block.own(earlier) for earlier in kept), h]
            if self.virtual is not None and number < len(self.layers) - 1:
                h, v = self.virtual(number, h, v, batch)
        h = joined(kept, self.config.jumping) if kept else h
        assert h is not None, "without layers the features are not smoothed"
        return _through(self.after, h)

    @property
    def _starts_constant(self) -> bool:
        """Whether the first thing done is to propagate the features just as they are."""
        layer = next(iter(self.layers), None)
        return not self.before and isinstance(layer, _Layer) and layer.rate == 0.0 and layer.skip is None

    @property
    def hops(self) -> int | None:
        """The convolutions before the output layer; None with a virtual node, which needs whole graphs."""
        return len(self.layers) if self.virtual is None else None

    def stages(self) -> list[Step] | None:
        """Return the convolutions, the first and last together with the dense layers there; None where all are read."""
        whole = self.config.jumping != "none" or self.virtual is not None
        if whole or not len(self.layers):
            return None if whole or self.before or self.after else []
        return [self._stage(number) for number in range(len(self.layers))]

    def _stage(self, number: int) -> Step:
        layer = self.layers[number]

        def step(h: Features, block: AnyBlock) -> Features:
            out: Tensor = layer(_through(self.before, h) if number == 0 else h, block)
            return _through(self.after, out) if number == len(self.layers) - 1 else out

        return step

    def blocks(self) -> list[nn.Module]:
        """Return the layers before the output layer."""
        between = [] if self.virtual is None else [self.virtual]
        return [*self.before, *self.layers, *between, *self.after]

    def make_head(self, width: int) -> Head:
        """Return a convolution or a linear layer, as `head` says."""
        if self.config.head == "convolution":
            return ConvolutionHead(self.out_width, width, self.config.dropout, skip=self.config.skip)
        return LinearHead(self.out_width, width, self.config.dropout)


class _Layer(nn.Module):
    def __init__(self, config: Any, in_width: int, out_width: int, rate: float) -> None:  # Any: GCN.Config
        super().__init__()
        self.rate = rate
        self.convolution = GraphConvolution(in_width, out_width)
        self.skip = Linear(in_width, out_width, bias=False) if config.skip else None
        self.norm = make_norm(config.norm, out_width)
        self.activation = make_activation(config.activation)

    def forward(self, x: Features | None, block: AnyBlock, smoothed: Tensor | None = None) -> Tensor:
        if x is not None:
            x = dropout(x, self.rate, self.training)
        rectified = isinstance(self.activation, nn.ReLU) and isinstance(self.norm, nn.Identity) and self.skip is None
        h: Tensor = self.convolution(x, block, positive=rectified, smoothed=smoothed)
        if rectified:
            return h
        if self.skip is not None:
            assert x is not None, "a skip reads the features"
            h = h + self.skip(block.own(x))
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables


def _dense(config: Any, in_width: int, layers: int, first: float) -> nn.ModuleList:  # Any: GCN.Config
    rates = (first, config.dropout)
    return dense_stack(in_width, config.width, layers, rates, norm=config.norm, activation=config.activation)


def _through(layers: nn.ModuleList, h: Features) -> Features:
    for layer in layers:
        h = layer(h)
    return h
