"""Attention of every node to all nodes of its graph: exact, or linear in their number."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.nn.layers import Linear

_UNDECIDED, _FULL, _LINEAR = 0, 1, 2


class GlobalAttention(nn.Module):
    """Several heads of attention among all nodes of a graph.

    full: softmax(q k' / sqrt(D)) v, the time grows with the square of the number of nodes. linear: phi(q) (phi(k)' v)
    over phi(q) (phi(k)' 1) with phi(z) = elu(z) + 1, which is a weighted mean as well. The first training step decides
    by the size of its graph and the choice is kept with the weights, so that they are never used the other way.

    Args: width: W, a multiple of heads. heads: H. full_up_to: most nodes of a graph whose attention is full.
    Source: Vaswani et al. (2017), "Attention is all you need", section 3.2; Katharopoulos et al. (2020),
        "Transformers are RNNs: fast autoregressive transformers with linear attention", equations 5 and 7.
    """

    kind: Tensor

    def __init__(self, width: int, heads: int, full_up_to: int) -> None:
        super().__init__()
        self.heads, self.full_up_to = heads, full_up_to
        self.inner, self.outer = Linear(width, 3 * width), Linear(width, width)
        self.register_buffer("kind", torch.tensor(_UNDECIDED))

    def forward(self, h: Tensor, graph_ptr: Tensor) -> Tensor:
        """Return [N, W] for h [N, W]. Args: graph_ptr: int64 [B+1], where each graph begins, then N."""
        sizes = torch.diff(graph_ptr).tolist()
        attend = full_attention if self._is_full(max(sizes, default=0)) else linear_attention
        parts = self.inner(h).view(len(h), 3, self.heads, -1).split(sizes)
        heard = [attend(*part.unbind(1)) for part in parts]
        return self.outer(torch.cat(heard).flatten(1))  # type: ignore[no-any-return]  # modules are untyped callables

    def _is_full(self, nodes: int) -> bool:
        kind = int(self.kind)
        if kind == _UNDECIDED:
            kind = _FULL if nodes <= self.full_up_to else _LINEAR
            if self.training:
                self.kind.fill_(kind)
        return kind == _FULL


def full_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return softmax(q k' / sqrt(D)) v, [N, H, D] each; no table of all pairs is kept."""
    q, k, v = (part.transpose(0, 1).unsqueeze(0) for part in (query, key, value))
    return F.scaled_dot_product_attention(q, k, v).squeeze(0).transpose(0, 1)


def linear_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return the mean of v weighted by phi(q) . phi(k), [N, H, D] each; N times D squared multiply-adds a head."""
    q, k = F.elu(query) + 1, F.elu(key) + 1
    heard = torch.einsum("nhd,nhe->hde", k, value)
    total = torch.einsum("nhd,hd->nh", q, k.sum(0))
    return torch.einsum("nhd,hde->nhe", q, heard) / total.unsqueeze(-1)
