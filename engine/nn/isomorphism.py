"""Layers of the graph isomorphism network: neighbours, perhaps with their edges, added up, then two dense layers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.graph.blocks import AnyBlock
from engine.graph.features import SparseFeatures
from engine.nn.layers import Linear, make_activation, make_norm
from engine.nn.messages import rectified_sum
from engine.nn.ops import dropout, matmul
from engine.nn.segments import aggregate, stand_for


class IsomorphismLayer(nn.Module):
    """act(norm(MLP((1 + eps) h + sum of the neighbours' h))), where the MLP is linear, norm, act, linear.

    Args: config: with `width`, `dropout`, `norm`, `learn_eps` and `activation`. in_width: F.
    Source: Xu et al. (2019), "How powerful are graph neural networks?", equation 4.1.
    """

    def __init__(self, config: Any, in_width: int) -> None:  # Any: options of an encoder
        super().__init__()
        self.rate = config.dropout
        self.eps = nn.Parameter(torch.zeros(1), requires_grad=config.learn_eps)
        self.first, self.second = Linear(in_width, config.width), Linear(config.width, config.width)
        self.inner_norm, self.norm = make_norm(config.norm, config.width), make_norm(config.norm, config.width)
        self.inner_activation = make_activation(config.activation)
        self.activation = make_activation(config.activation)

    def forward(self, x: Tensor | SparseFeatures, block: AnyBlock) -> Tensor:
        """Return [T, width] for x [S, F], from the sources of a block to its targets."""
        h = self._first(dropout(x, self.rate, self.training), block)
        h = self.second(self.inner_activation(self.inner_norm(h)))
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables

    def _first(self, x: Tensor | SparseFeatures, block: AnyBlock) -> Tensor:
        weight, bias = self.first.weight, self.first.bias
        assert bias is not None, "this map has a bias"
        if isinstance(x, Tensor) and weight.shape[0] <= weight.shape[1]:
            return torch.addmm(bias, self._sum(x, block), weight)
        # The map of a sum is the sum of maps: the narrower table is gathered, and sparse x stays sparse.
        return self._sum(matmul(x, weight), block) + bias

    def _sum(self, h: Tensor, block: AnyBlock) -> Tensor:
        return torch.addcmul(aggregate(h, block.pattern(), "sum", stand_for(block)), block.own(h), 1 + self.eps)


class EdgeIsomorphismLayer(IsomorphismLayer):
    """As `IsomorphismLayer`, but a neighbour j is heard as max(h_j + V e_ij, 0), where e_ij is what the edge carries.

    Args: config, in_width: as there. edge_width: D; 0 leaves V e_ij out.
    Source: Hu et al. (2020), "Strategies for pre-training graph neural networks", section 5.1 and appendix A, with the
        rectifier of torch_geometric's GINEConv, so that a bond can switch a neighbour off.
    """

    def __init__(self, config: Any, in_width: int, edge_width: int) -> None:  # Any: options of an encoder
        super().__init__(config, in_width)
        self.edges = Linear(edge_width, in_width) if edge_width else None

    def _first(self, x: Tensor | SparseFeatures, block: AnyBlock) -> Tensor:
        assert isinstance(x, Tensor), "sparse features are mapped before the first layer"
        if self.edges is None or block.edge_attr is None:
            heard = aggregate(x.relu(), block.pattern(), "sum", stand_for(block))
        else:
            heard = rectified_sum(x, self.edges(block.edge_attr), block.pattern())
        return self.first(torch.addcmul(heard, block.own(x), 1 + self.eps))  # type: ignore[no-any-return]  # modules are untyped callables
