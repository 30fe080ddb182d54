"""GraphSAGE."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import option
from engine.graph.blocks import AnyBlock
from engine.nn.encoders._base import Features, Layered, LayeredConfig
from engine.nn.heads import Head, LayerHead, LinearHead
from engine.nn.layers import Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout, matmul
from engine.nn.segments import Aggregation, aggregate, stand_for


class SAGE(Layered):
    """Keeps a node's own numbers apart from what its neighbours say together.

    A layer computes act(norm(W aggregate(neighbours) + V h + b)); the neighbours' mean, largest or sum, column by
    column. Edge weights are not looked at; a node without neighbours hears zeros.

    Source: Hamilton, Ying and Leskovec (2017), "Inductive representation learning on large graphs", algorithm 1, where
    own numbers and neighbours are joined before one map, which is the same as a map of each.
    """

    key = "sage"
    label = "GraphSAGE"

    class Config(LayeredConfig):
        layers: int = option(2, "Layers, the output layer included when that is one.", ge=1, le=16)
        width: int = option(64, "Numbers per node between layers.", ge=1, le=4096)
        aggregation: Aggregation = option("mean", "What the neighbours say together.")
        dropout: float = option(0.5, "Share of a layer's input set to zero while training.", ge=0, lt=1)
        norm: NormName = option("none", "Normalisation in each layer: over the nodes, or over each node's numbers.")
        root: bool = option(True, "A node's own numbers count beside its neighbours'.", advanced=True)
        unit: bool = option(False, "Brings each node's vector to length one after each map.", advanced=True)
        activation: Literal["relu", "prelu", "gelu", "elu"] = option(
            "relu", "Function after each layer.", advanced=True
        )
        head: Literal["convolution", "linear"] = option(
            "convolution", "Output layer: the last of these layers, or a linear layer on top of all.", advanced=True
        )

    def __init__(self, config: Any, in_width: int) -> None:  # Any: SAGE.Config
        super().__init__(config, in_width)
        inner = config.layers - 1 if config.head == "convolution" else config.layers
        widths = [in_width] + [config.width] * inner
        self.layers = nn.ModuleList(_Layer(config, a, b) for a, b in zip(widths[:-1], widths[1:], strict=True))
        self.connect(widths[-1])

    def make_head(self, width: int) -> Head:
        """Return one more of these layers or a linear layer, as `head` says."""
        if self.config.head == "convolution":
            return LayerHead(_Convolution(self.config, self.out_width, width), self.config.dropout)
        return LinearHead(self.out_width, width, self.config.dropout)


class _Convolution(nn.Module):
    def __init__(self, config: Any, in_width: int, out_width: int) -> None:  # Any: SAGE.Config
        super().__init__()
        self.how: Aggregation = config.aggregation
        self.unit = config.unit
        self.neighbours = Linear(in_width, out_width)
        self.own = Linear(in_width, out_width, bias=False) if config.root else None

    def forward(self, x: Features, block: AnyBlock) -> Tensor:
        out = self._heard(x, block)
        if self.own is not None:
            out = out + self.own(block.own(x))
        return F.normalize(out) if self.unit else out

    def _heard(self, x: Features, block: AnyBlock) -> Tensor:
        weight, bias = self.neighbours.weight, self.neighbours.bias
        assert bias is not None, "this map has a bias"
        first = not isinstance(x, Tensor) or weight.shape[1] < weight.shape[0]
        if self.how != "max" and first:
            # The sum of maps is the map of the sum: the narrower table is gathered, and sparse x stays sparse.
            return aggregate(matmul(x, weight), block.pattern(), self.how, stand_for(block)) + bias
        dense = x if isinstance(x, Tensor) else x.to_dense()
        return aggregate(dense, block.pattern(), self.how, stand_for(block)) @ weight + bias


class _Layer(nn.Module):
    def __init__(self, config: Any, in_width: int, out_width: int) -> None:  # Any: SAGE.Config
        super().__init__()
        self.rate = config.dropout
        self.convolution = _Convolution(config, in_width, out_width)
        self.norm = make_norm(config.norm, out_width)
        self.activation = make_activation(config.activation)

    def forward(self, x: Features, block: AnyBlock) -> Tensor:
        h = self.convolution(dropout(x, self.rate, self.training), block)
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables
