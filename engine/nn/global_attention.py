"""Attention of every node to all nodes of its graph: exact, or linear in their number."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.nn.layers import Linear

_UNDECIDED, _FULL, _LINEAR = 0, 1, 2
# Graphs of like sizes are brought to one size and answered together, unless that makes more rows than this times.
_PADDED = 4


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
        parts = self.inner(h).view(len(h), 3, self.heads, -1)
        largest = max(sizes, default=0)
        if not self._is_full(largest):
            heard = torch.cat([linear_attention(*part.unbind(1)) for part in parts.split(sizes)])
        elif len(sizes) > 1 and largest * len(sizes) <= _PADDED * len(h):
            heard = padded_attention(parts, graph_ptr, largest)
        else:
            heard = torch.cat([full_attention(*part.unbind(1)) for part in parts.split(sizes)])
        return self.outer(heard.flatten(1))  # type: ignore[no-any-return]  # modules are untyped callables

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


def padded_attention(parts: Tensor, graph_ptr: Tensor, largest: int) -> Tensor:
    """Return the same as `full_attention` of each graph, [N, H, D], all graphs at once.

    Args: parts: query, key and value, [N, 3, H, D]. graph_ptr: int64 [B+1]. largest: most nodes of a graph.
    """
    sizes = torch.diff(graph_ptr)
    there = torch.arange(largest, device=sizes.device) < sizes.unsqueeze(1)
    # Row i of graph b lies at b * largest + i; what no node fills stays zero and is heard by nobody.
    place = there.flatten().nonzero().squeeze(1)
    table = parts.new_zeros(len(sizes) * largest, *parts.shape[1:]).index_copy(0, place, parts)
    q, k, v = table.view(len(sizes), largest, *parts.shape[1:]).permute(2, 0, 3, 1, 4)
    # A graph without nodes would hear nobody at all, which is not a number.
    mask = (there | (sizes == 0).unsqueeze(1))[:, None, None, :]
    heard = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return heard.transpose(1, 2).flatten(0, 1).index_select(0, place)


def linear_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return the mean of v weighted by phi(q) . phi(k), [N, H, D] each; N times D squared multiply-adds a head."""
    q, k = F.elu(query) + 1, F.elu(key) + 1
    heard = torch.einsum("nhd,nhe->hde", k, value)
    total = torch.einsum("nhd,hd->nh", q, k.sum(0))
    return torch.einsum("nhd,hde->nhe", q, heard) / total.unsqueeze(-1)
