"""Heads: node vectors to outputs. Dropped or replaced when the task changes."""

from __future__ import annotations

from torch import Tensor, nn

from engine.graph.blocks import AnyBatch
from engine.graph.features import SparseFeatures
from engine.nn.layers import GraphConvolution, Linear
from engine.nn.ops import dropout
from engine.nn.stacks import dense_stack


class Head(nn.Module):
    """Base of all heads."""

    @property
    def hops(self) -> int:
        """Steps of message passing that `forward` takes, the last ones of the batch."""
        return 0

    def forward(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return outputs [T, C] for node vectors h; with hops, h holds the sources of the first of its blocks."""
        raise NotImplementedError


class LinearHead(Head):
    """Dropout, then one linear layer.

    Args: in_width: H. width: T. rate: dropout on what comes in.
    """

    def __init__(self, in_width: int, width: int, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.linear = Linear(in_width, width)

    def forward(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return h W + b."""
        return self.linear(dropout(h, self.rate, self.training))  # type: ignore[no-any-return]  # modules are untyped callables


class DenseHead(Head):
    """Dense layers with a rectifier each, then dropout and one linear layer.

    Args: in_width: H. width: T. layers: dense layers, as wide as what comes in. rate: dropout before the last layer.
    """

    def __init__(self, in_width: int, width: int, layers: int, rate: float) -> None:
        super().__init__()
        self.layers = dense_stack(in_width, in_width, layers, (0.0, 0.0))
        self.last = LinearHead(in_width, width, rate)

    def forward(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return what the last layer makes of what the others made of h."""
        for layer in self.layers:
            h = layer(h)
        return self.last(h, batch)  # type: ignore[no-any-return]  # modules are untyped callables


class ConvolutionHead(Head):
    """Dropout, then one graph convolution: the output layer of Kipf and Welling (2017).

    Args: in_width: H. width: T. rate: dropout on what comes in. skip: adds a linear map of the node's own vector.
    """

    def __init__(self, in_width: int, width: int, rate: float, *, skip: bool = False) -> None:
        super().__init__()
        self.rate = rate
        self.convolution = GraphConvolution(in_width, width)
        self.skip = Linear(in_width, width, bias=False) if skip else None

    @property
    def hops(self) -> int:
        """One: the convolution."""
        return 1

    def forward(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return A h W + b, and h V beside it with a skip."""
        h = dropout(h, self.rate, self.training)
        block = batch.block(-1)
        out: Tensor = self.convolution(h, block)
        return out if self.skip is None else out + self.skip(block.own(h))


class LayerHead(Head):
    """Dropout, then one layer of message passing as the output layer.

    Args: layer: called as `layer(h, block)`. rate: dropout on what comes in.
    """

    def __init__(self, layer: nn.Module, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.layer = layer

    @property
    def hops(self) -> int:
        """One: the layer."""
        return 1

    def forward(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return what the layer makes of h on the batch's last block."""
        return self.layer(dropout(h, self.rate, self.training), batch.block(-1))  # type: ignore[no-any-return]  # modules are untyped callables
