"""Graph transformer: neighbours and all nodes, side by side."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError, OptionError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.global_attention import GlobalAttention
from engine.nn.graph_attention import GraphAttention
from engine.nn.heads import Head, LinearHead
from engine.nn.isomorphism import EdgeSum
from engine.nn.layers import GraphConvolution, Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout


class GraphTransformer(Encoder):
    """Lets each node hear its neighbours and, beside them, all nodes of the graph.

    A linear layer, then layers of norm(h + local(h)) + norm(h + global(h)), followed by two dense layers with a skip
    and a norm. Where edges carry something, the local part adds up neighbours together with their edges, as GINE does.
    Global attention is exact up to a size and linear in the number of nodes above. It knows nothing of where a node
    is: positions come with the features, as random-walk or spectral coordinates ("structural").

    Source: Rampášek et al. (2022), "Recipe for a general, powerful, scalable graph transformer", equations 2 to 6;
    linear attention of Katharopoulos et al. (2020), where the paper takes Performer's.
    """

    key = "transformer"
    label = "Graph transformer"
    uses_edge_attr = True

    class Config(ConfigBase):
        layers: int = option(2, "Layers of neighbours beside all nodes.", ge=1, le=16)
        width: int = option(64, "Numbers per node between layers; a multiple of the heads.", ge=1, le=4096)
        heads: int = option(4, "Attentions side by side in each layer.", ge=1, le=64)
        dropout: float = option(0.5, "Share of the features and of each result set to zero while training.", ge=0, lt=1)
        norm: NormName = option("batch", "Normalisation in each layer: over the nodes, or over each node's numbers.")
        local: Literal["convolution", "attention", "sum"] | None = option(
            None,
            "How neighbours are heard: their normalised mean, by attention, or added up together with what their edges "
            "carry; when empty, the last where edges carry something, and otherwise the first.",
            advanced=True,
        )
        full_up_to: int = option(
            5000,
            "Most nodes of a graph whose attention is exact; above, it is linear.",
            ge=0,
            unit="nodes",
            advanced=True,
        )
        activation: Literal["relu", "prelu", "gelu", "elu"] = option(
            "relu", "Function between the dense layers.", advanced=True
        )

    def __init__(self, config: Any, in_width: int, edge_width: int = 0) -> None:  # Any: GraphTransformer.Config
        super().__init__(config, in_width, edge_width)
        if config.width % config.heads:
            raise OptionError(
                f"The width of {config.width} cannot be shared by {config.heads} heads.",
                hint="Choose a width that is a multiple of the heads.",
            )
        self.start = Linear(in_width, config.width)
        self.layers = nn.ModuleList(_Layer(config, edge_width) for _ in range(config.layers))
        self.out_width = config.width

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`.

        Raises: MismatchError: the batch is no whole graph.
        """
        if not isinstance(batch, GraphBatch):
            raise MismatchError(
                "A graph transformer needs all nodes of a graph at once.", hint="Choose another loader."
            )
        h = self.start(dropout(batch.x if x is None else x, self.config.dropout, self.training))
        for layer in self.layers:
            h = layer(h, batch)
        return h  # type: ignore[no-any-return]  # modules are untyped callables

    def blocks(self) -> list[nn.Module]:
        """Return the linear layer at the start and the layers."""
        return [self.start, *self.layers]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)


class _Layer(nn.Module):
    def __init__(self, config: Any, edge_width: int) -> None:  # Any: GraphTransformer.Config
        super().__init__()
        width = config.width
        self.rate = config.dropout
        self.local = _local(config, edge_width)
        self.everywhere = GlobalAttention(width, config.heads, config.full_up_to)
        self.first, self.second = Linear(width, 2 * width), Linear(2 * width, width)
        self.local_norm, self.global_norm, self.norm = (make_norm(config.norm, width) for _ in range(3))
        self.activation = make_activation(config.activation)

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        near = self.local_norm(h + self._dropped(self.local(h, batch)))
        far = self.global_norm(h + self._dropped(self.everywhere(h, batch.graph_ptr)))
        h = near + far
        inner = self._dropped(self.activation(self.first(h)))
        return self.norm(h + self._dropped(self.second(inner)))  # type: ignore[no-any-return]  # as above

    def _dropped(self, h: Tensor) -> Tensor:
        return dropout(h, self.rate, self.training)  # type: ignore[no-any-return]  # of the kind that went in


def _local(config: Any, edge_width: int) -> nn.Module:  # Any: GraphTransformer.Config
    width, kind = config.width, config.local or ("sum" if edge_width else "convolution")
    if kind == "attention":
        return GraphAttention(width, width // config.heads, config.heads)
    return EdgeSum(width, width, edge_width, config.activation) if kind == "sum" else GraphConvolution(width, width)
