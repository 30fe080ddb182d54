"""Link reconstruction: node vectors whose products tell edges from pairs without one."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_edges, require_weights
from engine.learn.pairs import Pairs
from engine.nn.encoders._base import Encoder


class Links(Objective):
    """Learns node vectors whose inner product says whether two nodes are joined.

    The loss is the binary cross entropy of sigmoid(a h_i . h_j + b) over edges and as many random pairs without one.
    The paper weighs all pairs of the graph instead, which costs nodes squared rather than edges, and has a = 1 and
    b = 0, with which random pairs can hardly be told unlikely: here both are learned.

    Source: Kipf and Welling (2016), "Variational graph auto-encoders", section 2, the non-probabilistic GAE, trained
    by Adam at 0.01 for 200 epochs. The paper's encoder has two convolutions of 32 and 16 numbers; a linear probe reads
    more from one of 128.
    """

    key = "links"
    label = "Link reconstruction"
    suggested = {
        "training": {"epochs": 200, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-2, "weight_decay": 0.0},
        "encoder": {"type": "gcn", "layers": 1, "width": 128, "activation": "relu", "head": "linear", "dropout": 0.5},
    }

    class Config(ConfigBase):
        edges: int = option(100_000, "Most edges drawn for one epoch.", ge=1, unit="edges", advanced=True)
        standardise: bool = option(
            False, "Brings each number of the node vectors to mean 0 and variance 1 before the product.", advanced=True
        )

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the learned a and b; see `Objective`."""
        require_weights(encoder, self.label)
        require_edges(batch, self.label)
        return _Scorer(self.config.standardise).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss and its two halves; see `Objective`."""
        assert isinstance(heads, _Scorer), "heads are what prepare returned"
        h = heads.prepared(node_vectors(encoder, batch))
        edges = heads.pairs.edges(batch, self.config.edges, generator)
        others = heads.pairs.others(batch, edges.shape[1], generator)
        edge_loss = F.softplus(-heads(h, edges)).mean()
        other_loss = F.softplus(heads(h, others)).mean()
        return {"loss": (edge_loss + other_loss) / 2, "edges": edge_loss.detach(), "other_pairs": other_loss.detach()}


class _Scorer(nn.Module):
    """a h_i . h_j + b with learned a and b."""

    def __init__(self, standardise: bool) -> None:
        super().__init__()
        self.standardise = standardise
        self.pairs = Pairs()
        self.scale = nn.Parameter(torch.ones(()))
        self.offset = nn.Parameter(torch.zeros(()))

    def prepared(self, h: Tensor) -> Tensor:
        """Return the vectors that are multiplied, [N, H]."""
        if not self.standardise:
            return h
        centred = h - h.mean(0)
        # A product of H standard numbers has variance H: scaled so that the logits stay of order 1.
        scale = centred.square().mean(0).add(1e-5).rsqrt() * float(h.shape[1]) ** -0.25
        return torch.mul(centred, scale)

    def forward(self, h: Tensor, pairs: Tensor) -> Tensor:
        """Return the logits of pairs int64 [2, M], as [M]."""
        return (h[pairs[0]] * h[pairs[1]]).sum(1) * self.scale + self.offset
