"""Link reconstruction: node vectors whose products tell edges from pairs without one."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_weights
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
        """Return the pairs to draw from, and the learned a and b; see `Objective`."""
        require_weights(encoder, self.label)
        if batch.num_edges == 0:
            raise MismatchError(
                "Link reconstruction has nothing to learn: the graph has no edges.",
                hint="Choose another objective, or train from scratch.",
            )
        return _Pairs(batch, self.config.standardise).to(batch.device)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss and its two halves; see `Objective`."""
        assert isinstance(heads, _Pairs), "heads are what prepare returned"
        h = heads.prepared(node_vectors(encoder, batch))
        edges = heads.edges(self.config.edges, generator)
        others = heads.others(edges.shape[1], generator)
        edge_loss = F.softplus(-heads.logits(h, edges)).mean()
        other_loss = F.softplus(heads.logits(h, others)).mean()
        return {"loss": (edge_loss + other_loss) / 2, "edges": edge_loss.detach(), "other_pairs": other_loss.detach()}


class _Pairs(nn.Module):
    """Draws edges and pairs without one, and scores them. What it knows of the graph is not part of its state."""

    key: Tensor

    def __init__(self, batch: GraphBatch, standardise: bool) -> None:
        super().__init__()
        self.num_nodes = batch.num_nodes
        self.standardise = standardise
        self.scale = nn.Parameter(torch.ones(()))
        self.offset = nn.Parameter(torch.zeros(()))
        row = torch.repeat_interleave(torch.arange(batch.num_nodes, device=batch.device), torch.diff(batch.indptr))
        # Rows and their columns ascend, so the keys are sorted and a pair is found by bisection.
        self.register_buffer("key", row * batch.num_nodes + batch.indices, persistent=False)

    def prepared(self, h: Tensor) -> Tensor:
        """Return the vectors that are multiplied, [N, H]."""
        if not self.standardise:
            return h
        centred = h - h.mean(0)
        # A product of H standard numbers has variance H: scaled so that the logits stay of order 1.
        scale = centred.square().mean(0).add(1e-5).rsqrt() * float(h.shape[1]) ** -0.25
        return torch.mul(centred, scale)

    def logits(self, h: Tensor, pairs: Tensor) -> Tensor:
        """Return a h_i . h_j + b for pairs int64 [2, M], as [M]."""
        return (h[pairs[0]] * h[pairs[1]]).sum(1) * self.scale + self.offset

    def edges(self, most: int, generator: torch.Generator) -> Tensor:
        """Return all edges, or `most` drawn ones, int64 [2, M]."""
        chosen: Tensor = self.key
        if len(chosen) > most:
            chosen = chosen[torch.randint(len(chosen), (most,), generator=generator).to(chosen.device)]
        return torch.stack([chosen // self.num_nodes, chosen % self.num_nodes])

    def others(self, count: int, generator: torch.Generator) -> Tensor:
        """Return about `count` random pairs that are neither edges nor a node with itself, int64 [2, M]."""
        pairs = torch.randint(self.num_nodes, (2, count), generator=generator).to(self.key.device)
        wanted = pairs[0] * self.num_nodes + pairs[1]
        place = torch.searchsorted(self.key, wanted).clamp(max=len(self.key) - 1)
        free = (self.key[place] != wanted) & (pairs[0] != pairs[1])
        # In a graph with nearly all edges none may be left: then the drawn ones stand, and the loss stays finite.
        return pairs[:, free] if bool(free.any()) else pairs
