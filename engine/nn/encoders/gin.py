"""Graph isomorphism network."""

from __future__ import annotations

from typing import Any, Literal

from torch import nn

from engine.core.component import option
from engine.nn.encoders._base import Layered, LayeredConfig
from engine.nn.heads import Head, LinearHead
from engine.nn.isomorphism import IsomorphismLayer
from engine.nn.layers import NormName


class GIN(Layered):
    """Adds up the neighbours, so that how many there are is not lost, and puts the sum through two dense layers.

    A layer computes act(norm(MLP((1 + eps) h + sum of the neighbours' h))), where the MLP is linear, norm, act, linear.
    Edge weights are not looked at.

    Source: Xu et al. (2019), "How powerful are graph neural networks?", equation 4.1 and section 7.
    """

    key = "gin"
    label = "GIN"

    recommended_for_graphs = True

    class Config(LayeredConfig):
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
        self.layers = nn.ModuleList(IsomorphismLayer(config, a) for a in widths[:-1])
        self.connect(widths[-1])

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)
