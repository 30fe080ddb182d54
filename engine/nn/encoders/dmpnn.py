"""Directed message passing: along bonds, and not straight back."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import ActivationName, Linear, make_activation
from engine.nn.messages import at_sources, from_others
from engine.nn.ops import dropout
from engine.nn.segments import pool


class DMPNN(Encoder):
    """Passes messages along directed edges: what an edge says next is what the other edges into its source said.

    For the edge from v to w, h(0) = act(W [x_v, e_vw]) and h(t+1) = act(h(0) + U sum of h(t) over the edges from k to
    v, k ≠ w). At the end a node's vector is act(A [x_v, sum of h over the edges into v] + b). A message never turns
    straight back, so it does not echo between two atoms. Where edges carry nothing, e is left out.

    Source: Yang et al. (2019), "Analyzing learned molecular representations for property prediction", equations 2 to 7.
    """

    key = "dmpnn"
    label = "D-MPNN"
    uses_edge_attr = True

    class Config(ConfigBase):
        layers: int = option(3, "How often edges pass on what they heard; a node sees as many steps.", ge=1, le=16)
        width: int = option(64, "Numbers per edge and per node.", ge=1, le=4096)
        dropout: float = option(0.0, "Share of each result set to zero while training.", ge=0, lt=1)
        bias: bool = option(False, "Maps of edges have a bias.", advanced=True)
        activation: ActivationName = option("relu", "Function after each map.", advanced=True)

    def __init__(self, config: Any, in_width: int, edge_width: int = 0) -> None:  # Any: DMPNN.Config
        super().__init__(config, in_width, edge_width)
        self.start = _Start(config, in_width, edge_width)
        self.passing = _Passing(config)
        self.end = _End(config, in_width)
        self.out_width = config.width

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`.

        Raises: MismatchError: the batch is no whole graph.
        """
        if not isinstance(batch, GraphBatch):
            raise MismatchError(
                "Messages along directed edges need all edges of a graph at once.", hint="Choose another loader."
            )
        x = batch.x if x is None else x
        first: Tensor = self.start(x, batch)
        h = self.start.activation(first)
        for _ in range(self.config.layers - 1):
            h = self.passing(first, h, batch)
        return self.end(x, h, batch)  # type: ignore[no-any-return]  # modules are untyped callables

    def blocks(self) -> list[nn.Module]:
        """Return the maps into the edges, between edges, and back to the nodes."""
        return [self.start, self.passing, self.end]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)


class _Start(nn.Module):
    def __init__(self, config: Any, in_width: int, edge_width: int) -> None:  # Any: DMPNN.Config
        super().__init__()
        self.nodes = Linear(in_width, config.width, bias=config.bias)
        self.edges = Linear(edge_width, config.width, bias=False) if edge_width else None
        self.activation = make_activation(config.activation)

    def forward(self, x: Features, batch: GraphBatch) -> Tensor:
        """Return W [x_v, e_vw] of every edge, [E, H]; the activation comes after."""
        first = at_sources(self.nodes(x), batch.pattern())
        if self.edges is None or batch.edge_attr is None:
            return first
        return first + self.edges(batch.edge_attr)  # type: ignore[no-any-return]  # modules are untyped callables


class _Passing(nn.Module):
    def __init__(self, config: Any) -> None:  # Any: DMPNN.Config
        super().__init__()
        self.rate = config.dropout
        self.linear = Linear(config.width, config.width, bias=config.bias)
        self.activation = make_activation(config.activation)

    def forward(self, first: Tensor, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return what every edge says next, [E, H], for what all said before."""
        said = self.activation(first + self.linear(from_others(h, batch.pattern())))
        return dropout(said, self.rate, self.training)  # type: ignore[no-any-return]  # of the kind that went in


class _End(nn.Module):
    def __init__(self, config: Any, in_width: int) -> None:  # Any: DMPNN.Config
        super().__init__()
        self.rate = config.dropout
        self.own, self.heard = Linear(in_width, config.width), Linear(config.width, config.width, bias=False)
        self.activation = make_activation(config.activation)

    def forward(self, x: Features, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return the nodes' vectors, [N, H], for what every edge said last."""
        out = self.activation(self.own(x) + self.heard(pool(h, batch.indptr, "sum")))
        return dropout(out, self.rate, self.training)  # type: ignore[no-any-return]  # of the kind that went in
