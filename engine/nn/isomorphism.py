"""Layers of the graph isomorphism network: neighbours, perhaps with their edges, added up, then two dense layers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.graph.blocks import AnyBlock
from engine.graph.features import SparseFeatures
from engine.nn.layers import ActivationName, Linear, NormName, make_activation, make_norm
from engine.nn.messages import rectified_sum
from engine.nn.ops import dropout, matmul
from engine.nn.segments import aggregate, stand_for, sum_with_own


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
        return sum_with_own(h, 1 + self.eps, block.pattern(), stand_for(block))


class EdgeSum(nn.Module):
    """MLP((1 + eps) h_i + sum over whom i hears of max(h_j + V e_ij, 0)), where the MLP is linear, norm, act, linear.

    Args: in_width: F. width: W. edge_width: D of what edges carry; 0 leaves V e_ij out. activation, norm: of the MLP.
        learn_eps: whether eps, which begins at 0, moves.
    Source: Hu et al. (2020), "Strategies for pre-training graph neural networks", section 5.1 and appendix A, with the
        rectifier of torch_geometric's GINEConv, so that an edge can switch a neighbour off.
    """

    def __init__(
        self,
        in_width: int,
        width: int,
        edge_width: int,
        activation: ActivationName,
        *,
        norm: NormName = "none",
        learn_eps: bool = True,
    ) -> None:
        super().__init__()
        self.eps = nn.Parameter(torch.zeros(1), requires_grad=learn_eps)
        self.edges = Linear(edge_width, in_width) if edge_width else None
        self.first, self.second = Linear(in_width, width), Linear(width, width)
        self.norm, self.activation = make_norm(norm, width), make_activation(activation)

    def forward(self, x: Tensor, block: AnyBlock) -> Tensor:
        """Return [T, W] for x [S, F], from the sources of a block to its targets."""
        if self.edges is None or block.edge_attr is None:
            heard = aggregate(x.relu(), block.pattern(), "sum", stand_for(block))
        else:
            heard = rectified_sum(x, self.edges(block.edge_attr), block.pattern())
        h = self.first(torch.addcmul(heard, block.own(x), 1 + self.eps))
        return self.second(self.activation(self.norm(h)))  # type: ignore[no-any-return]  # modules are untyped callables


class EdgeIsomorphismLayer(nn.Module):
    """act(norm(EdgeSum(h))), dropout first.

    Args: config: as of `IsomorphismLayer`. edge_width: D.
    """

    def __init__(self, config: Any, edge_width: int) -> None:  # Any: options of an encoder
        super().__init__()
        width, norm = config.width, config.norm
        self.rate = config.dropout
        self.sum = EdgeSum(width, width, edge_width, config.activation, norm=norm, learn_eps=config.learn_eps)
        self.norm, self.activation = make_norm(norm, width), make_activation(config.activation)

    def forward(self, x: Tensor, block: AnyBlock) -> Tensor:
        """Return [T, W] for x [S, W], from the sources of a block to its targets."""
        h = self.sum(dropout(x, self.rate, self.training), block)
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables
