"""Layers of graph attention, of both papers."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.graph.blocks import AnyBlock
from engine.graph.features import SparseFeatures
from engine.nn.attention import attend, attend_jointly, draw_dropping
from engine.nn.layers import Linear
from engine.nn.ops import matmul

SLOPE = 0.2  # of the leaky ReLU in the scores, in both papers


class GraphAttention(nn.Module):
    """Several heads side by side, each a mean of W h over a node and its neighbours, by softmax(leaky(a . [W h, W h])).

    Args: in_width: F. width: D, numbers a head. heads: H. rate: share of the coefficients left out while training.
        average: whether the result is the mean of the heads instead of all of them.
    Source: Veličković et al. (2018), "Graph attention networks", equations 1 to 6. The score is the sum of a product
        with the source's vector and one with the target's; W a is multiplied first, which is the same.
    """

    def __init__(self, in_width: int, width: int, heads: int, *, rate: float = 0.0, average: bool = False) -> None:
        super().__init__()
        self.rate, self.average = rate, average
        self.weight = nn.Parameter(torch.empty(in_width, heads * width))
        self.source = nn.Parameter(torch.empty(heads, width))
        self.target = nn.Parameter(torch.empty(heads, width))
        self.bias = nn.Parameter(torch.empty(width if average else heads * width))
        self.reset()

    def reset(self, generator: torch.Generator | None = None) -> None:
        """Draw new weights, from torch's global generator when none is given."""
        nn.init.xavier_uniform_(self.weight, generator=generator)
        for vector in (self.source, self.target):
            _draw_vector(vector, generator)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor | SparseFeatures, block: AnyBlock) -> Tensor:
        """Return [T, H * D], or [T, D] averaged, for x [S, F], from the sources of a block to its targets."""
        heads, width = self.source.shape
        by_head = self.weight.view(-1, heads, width)
        z = matmul(x, self.weight).view(-1, heads, width)
        source = _narrow(x, (by_head * self.source).sum(-1))
        target = _narrow(block.own(x), (by_head * self.target).sum(-1))
        dropping = draw_dropping(self.rate, self.training)
        bias = None if self.average else self.bias.view(heads, width)
        out = attend(z, source, target, block.pattern(), slope=SLOPE, dropping=dropping, bias=bias)
        return out.mean(1) + self.bias if self.average else out.flatten(1)

    def spread(self, h: Tensor, block: AnyBlock) -> Tensor:
        """Return [T, F] for h [S, F], such that times the weight, plus the bias, it is what `forward` returns.

        For one head only: the mean of W h is W times the mean of h.
        """
        source, target = self.weight @ self.source.t(), self.weight @ self.target.t()
        dropping = draw_dropping(self.rate, self.training)
        z, given = h.unsqueeze(1), (h @ source, block.own(h) @ target)
        return attend(z, *given, block.pattern(), slope=SLOPE, dropping=dropping).squeeze(1)


class GraphAttentionV2(nn.Module):
    """As `GraphAttention`, but the scores are a . leaky(V h + W h), so that what is heard most depends on who hears.

    Args: as of `GraphAttention`. shared: whether targets are mapped by the same weights as sources.
    Source: Brody, Alon and Yahav (2022), "How attentive are graph attention networks?", equation 7.
    """

    def __init__(
        self, in_width: int, width: int, heads: int, *, rate: float = 0.0, average: bool = False, shared: bool = False
    ) -> None:
        super().__init__()
        self.rate, self.average = rate, average
        self.left = Linear(in_width, heads * width)
        self.right = None if shared else Linear(in_width, heads * width)
        self.vector = nn.Parameter(torch.empty(heads, width))
        self.bias = nn.Parameter(torch.zeros(width if average else heads * width))
        _draw_vector(self.vector, None)

    def forward(self, x: Tensor | SparseFeatures, block: AnyBlock) -> Tensor:
        """Return [T, H * D], or [T, D] averaged, for x [S, F], from the sources of a block to its targets."""
        heads, width = self.vector.shape
        left = self.left(x).view(-1, heads, width)
        right = block.own(left) if self.right is None else self.right(block.own(x)).view(-1, heads, width)
        dropping = draw_dropping(self.rate, self.training)
        bias = None if self.average else self.bias.view(heads, width)
        out = attend_jointly(left, right, self.vector, block.pattern(), slope=SLOPE, dropping=dropping, bias=bias)
        return out.mean(1) + self.bias if self.average else out.flatten(1)


def _narrow(x: Tensor | SparseFeatures, weight: Tensor) -> Tensor:
    """Return x times weight [F, H] of few columns; in this form the weight's gradient takes a tenth of the time."""
    return F.linear(x, weight.t()) if isinstance(x, Tensor) else matmul(x, weight)


def _draw_vector(vector: nn.Parameter, generator: torch.Generator | None) -> None:
    """Glorot's bound for a map from D numbers to one, in each head."""
    bound = math.sqrt(6 / (vector.shape[1] + 1))
    nn.init.uniform_(vector, -bound, bound, generator=generator)
