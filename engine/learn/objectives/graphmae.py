"""GraphMAE: hide the features of some nodes and rebuild them from their neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.graph.features import RowShift, SparseFeatures
from engine.learn.objectives._base import Objective, node_vectors, require_weights
from engine.nn.encoders._base import Encoder, Features
from engine.nn.graph_attention import GraphAttention
from engine.nn.layers import GraphConvolution, Linear
from engine.nn.ops import matmul, propagate


class GraphMAE(Objective):
    """Hides the features of some nodes behind a learned token and rebuilds them through one layer on the graph.

    Half of the nodes are masked: most carry the token, a few the features of another node. Their vectors are set to
    zero again before the decoder, so that it must ask the neighbours. The loss is the mean of (1 - cos(z, x))^exponent
    over the masked nodes.

    Source: Hou et al. (2022), "GraphMAE: self-supervised masked graph autoencoders", equations 1 to 4 and section
    3.2. The paper's decoder is graph attention with one head, its encoder GAT; a graph convolution decodes as well. Of
    sparse features neither the masked input nor the rebuilt output is made dense; the cosine is the same.
    """

    key = "graphmae"
    label = "GraphMAE"
    suggested = {
        "training": {"epochs": 250, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 2e-4},
        # Without a norm, features whose rows sum to one leave signals so small that the mean is all that is learned.
        "encoder": {
            "type": "gcn",
            "layers": 2,
            "width": 256,
            "norm": "batch",
            "activation": "prelu",
            "head": "linear",
            "dropout": 0.5,
        },
    }

    class Config(ConfigBase):
        masked: float = option(0.5, "Share of the nodes whose features are hidden.", gt=0, lt=1)
        replaced: float = option(
            0.05, "Share of the hidden nodes that carry another node's features.", ge=0, le=1, advanced=True
        )
        exponent: float = option(3.0, "How much more the badly rebuilt nodes count.", ge=1, le=10, advanced=True)
        decoder: Literal["convolution", "attention"] = option(
            "convolution", "The layer that rebuilds: a graph convolution, or attention as in the paper.", advanced=True
        )

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return token and decoder; see `Objective`."""
        require_weights(encoder, self.label)
        attends = self.config.decoder == "attention"
        return _Decoder(encoder.out_width, batch.in_width, generator, attends).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and the mean cosine between rebuilt and true features; see `Objective`."""
        assert isinstance(heads, _Decoder), "heads are what prepare returned"
        draw = _draw(batch.num_nodes, self.config, generator, batch.device)
        h = node_vectors(encoder, batch, _hide(batch.x, draw, heads.token))
        cosine = heads.cosine(h, draw, batch)
        loss = (1 - cosine).clamp(min=0).pow(self.config.exponent).mean()
        return {"loss": loss, "cosine": cosine.detach().mean()}


@dataclass(frozen=True, slots=True)
class _Draw:
    """Which nodes are masked: masked int64 [M]; is_masked, has_token bool [N]; source int64 [N], whose features."""

    masked: Tensor
    is_masked: Tensor
    has_token: Tensor
    source: Tensor


def _draw(num_nodes: int, config: GraphMAE.Config, generator: torch.Generator, device: torch.device) -> _Draw:
    order = torch.randperm(num_nodes, generator=generator)
    count = max(1, round(num_nodes * config.masked))
    masked = order[:count]
    swapped = masked[: int(count * config.replaced)]
    is_masked = torch.zeros(num_nodes, dtype=torch.bool)
    is_masked[masked] = True
    has_token = is_masked.clone()
    has_token[swapped] = False
    source = torch.arange(num_nodes)
    source[swapped] = torch.randint(num_nodes, (len(swapped),), generator=generator)
    return _Draw(*(part.to(device) for part in (masked, is_masked, has_token, source)))


def _hide(x: Features, draw: _Draw, token: Tensor) -> Features:
    if isinstance(x, Tensor):
        return torch.where(draw.has_token.unsqueeze(1), token, x[draw.source])
    hidden = x.take_rows(draw.source).keep_rows(~draw.has_token)
    return SparseFeatures(hidden.pattern, hidden.values, RowShift(draw.has_token.to(x.dtype), token))


class _Decoder(nn.Module):
    def __init__(self, width: int, out_width: int, generator: torch.Generator, attends: bool) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(out_width))
        self.bridge = Linear(width, width, bias=False)
        self.convolution = GraphAttention(width, out_width, 1) if attends else GraphConvolution(width, out_width)
        self.bridge.reset(generator)
        self.convolution.reset(generator)

    def cosine(self, h: Tensor, draw: _Draw, batch: GraphBatch) -> Tensor:
        """Return the cosine between rebuilt and true features of the masked nodes, [M]."""
        kept = torch.nonzero(~draw.is_masked).squeeze(1)
        h = torch.zeros_like(h).index_copy(0, kept, self.bridge(h[kept]))
        if isinstance(batch.x, Tensor):
            rebuilt = self.convolution(h, batch)[draw.masked]
            return F.cosine_similarity(rebuilt, batch.x[draw.masked], eps=1e-8)
        return self._sparse_cosine(self._spread(h, batch)[draw.masked], batch.x, draw.masked)

    def _spread(self, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return what the decoder makes of h before its weight is multiplied: with one head the order is free."""
        if isinstance(self.convolution, GraphConvolution):
            return propagate(batch.propagation("gcn"), h)
        return self.convolution.spread(h, batch)

    def _sparse_cosine(self, h: Tensor, x: SparseFeatures, masked: Tensor) -> Tensor:
        # With z = h W + b: z.x = h.(x W') + x b and |z|^2 = h (W W') h' + 2 h.(W b) + |b|^2, so that no table as wide
        # as the features is made.
        weight, bias = self.convolution.weight, self.convolution.bias
        assert bias is not None, "a decoder has a bias"
        target = x.take_rows(masked)
        dot = (h * matmul(target, weight.t())).sum(1) + matmul(target, bias.unsqueeze(1)).squeeze(1)
        square = ((h @ (weight @ weight.t())) * h).sum(1) + 2 * (h @ (weight @ bias)) + bias @ bias
        length = square.clamp(min=1e-16).sqrt() * _lengths(target).clamp(min=1e-8)
        return dot / length


def _lengths(x: SparseFeatures) -> Tensor:
    # A product with ones sums each row in order: the same on every run, where a scatter may not be.
    squares = SparseFeatures(x.pattern, x.values.square())
    return matmul(squares, torch.ones(x.shape[1], 1, dtype=x.dtype, device=x.device)).squeeze(1).sqrt()
