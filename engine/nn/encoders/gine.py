"""Graph isomorphism network with edges that say something."""

from __future__ import annotations

from typing import Any, Literal

from torch import nn

from engine.core.component import option
from engine.nn.encoders._base import Layered, LayeredConfig
from engine.nn.heads import Head, LinearHead
from engine.nn.isomorphism import EdgeIsomorphismLayer
from engine.nn.layers import Linear, NormName


class GINE(Layered):
    """Adds up the neighbours as GIN does, each together with what its edge carries: bonds of molecules, for example.

    A linear map of the features, then layers of act(norm(MLP((1 + eps) h_i + sum over j of max(h_j + V e_ij, 0)))),
    where the MLP is linear, norm, act, linear. Where edges carry nothing, V e is left out.

    Source: Hu et al. (2020), "Strategies for pre-training graph neural networks", section 5.1 and appendix A; with the
    rectifier as torch_geometric's GINEConv has it.
    """

    key = "gine"
    label = "GINE"
    uses_edge_attr = True

    recommended_for_graphs = True

    class Config(LayeredConfig):
        layers: int = option(3, "Layers before the output layer.", ge=1, le=16)
        width: int = option(64, "Numbers per node between layers.", ge=1, le=4096)
        dropout: float = option(0.0, "Share of a layer's input set to zero while training.", ge=0, lt=1)
        norm: NormName = option("batch", "Normalisation in each layer: over the nodes, or over each node's numbers.")
        learn_eps: bool = option(True, "Learns how much a node's own numbers count beside its neighbours'.")
        activation: Literal["relu", "prelu", "gelu", "elu"] = option(
            "relu", "Function after each layer.", advanced=True
        )

    def __init__(self, config: Any, in_width: int, edge_width: int = 0) -> None:  # Any: GINE.Config
        super().__init__(config, in_width, edge_width)
        self.start = Linear(in_width, config.width)
        self.layers = nn.ModuleList(EdgeIsomorphismLayer(config, edge_width) for _ in range(config.layers))
        self.connect(config.width)

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)
