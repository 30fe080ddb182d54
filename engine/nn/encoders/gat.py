"""Graph attention network."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn

from engine.core.component import option
from engine.graph.blocks import AnyBlock
from engine.nn.encoders._base import Features, Layered, LayeredConfig
from engine.nn.graph_attention import GraphAttention
from engine.nn.heads import Head, LayerHead, LinearHead
from engine.nn.layers import Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout


class GAT(Layered):
    """Lets each node decide how much it hears from each neighbour.

    A layer computes act(norm(attention(h) + b)) with several heads side by side; a linear skip adds h V before the
    norm. Every node hears itself exactly once; edge weights are not looked at. The defaults are the paper's model for
    citation graphs, whose output layer is attention again, with the mean of its heads.

    Source: Veličković et al. (2018), "Graph attention networks", equations 1 to 6 and section 3.3.
    """

    key = "gat"
    label = "GAT"

    class Config(LayeredConfig):
        layers: int = option(2, "Attention layers, the output layer included when that is one.", ge=1, le=16)
        heads: int = option(8, "Attentions side by side in each layer.", ge=1, le=64)
        width: int = option(8, "Numbers per node and head between layers.", ge=1, le=1024)
        dropout: float = option(0.6, "Share of a layer's input set to zero while training.", ge=0, lt=1)
        attention_dropout: float = option(0.6, "Share of the neighbours not heard while training.", ge=0, lt=1)
        norm: NormName = option("none", "Normalisation in each layer: over the nodes, or over each node's numbers.")
        skip: bool = option(False, "Adds a linear map of the node's own numbers to each layer.")
        activation: Literal["elu", "relu", "prelu", "gelu"] = option("elu", "Function after each layer.", advanced=True)
        head: Literal["attention", "linear"] = option(
            "attention",
            "Output layer: the last of the attention layers, as in the paper, or a linear layer on top of all of them.",
            advanced=True,
        )
        output_heads: int = option(1, "Heads of an attention output layer; their mean counts.", ge=1, le=64)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: GAT.Config
        super().__init__(config, in_width)
        inner = config.layers - 1 if config.head == "attention" else config.layers
        widths = [in_width] + [config.heads * config.width] * inner
        self.layers = nn.ModuleList(_Layer(config, a) for a in widths[:-1])
        self.connect(widths[-1])

    def make_head(self, width: int) -> Head:
        """Return attention or a linear layer, as `head` says."""
        config = self.config
        if config.head == "linear":
            return LinearHead(self.out_width, width, config.dropout)
        rate = config.attention_dropout
        layer = GraphAttention(self.out_width, width, config.output_heads, rate=rate, average=True)
        return LayerHead(layer, config.dropout)


class _Layer(nn.Module):
    def __init__(self, config: Any, in_width: int) -> None:  # Any: GAT.Config
        super().__init__()
        width = config.heads * config.width
        self.rate = config.dropout
        self.attention = GraphAttention(in_width, config.width, config.heads, rate=config.attention_dropout)
        self.skip = Linear(in_width, width, bias=False) if config.skip else None
        self.norm = make_norm(config.norm, width)
        self.activation = make_activation(config.activation)

    def forward(self, x: Features, block: AnyBlock) -> Tensor:
        x = dropout(x, self.rate, self.training)
        h: Tensor = self.attention(x, block)
        if self.skip is not None:
            h = h + self.skip(block.own(x))
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables
