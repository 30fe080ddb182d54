"""Deep Graph Infomax: tell nodes of the graph from nodes with shuffled features."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_weights
from engine.nn.encoders._base import Encoder


class DGI(Objective):
    """Learns node vectors that agree with a summary of the whole graph, and disagree once features are shuffled.

    Node vectors H come from the graph, H' from the same edges with the rows of x in random order. With the summary
    s = sigmoid(mean of H), a bilinear discriminator scores h W s; the loss is the mean of the binary cross entropies
    of H (true) and H' (false).

    Source: Veličković et al. (2019), "Deep Graph Infomax", equations 1 to 4 and section 3.4. Its encoder for citation
    graphs is one graph convolution of 512 numbers with PReLU, trained by Adam at 0.001 with patience 20; here with
    dropout, which a probe on Cora reads half a point better and which the fine-tuning that follows needs.
    """

    key = "dgi"
    label = "Deep Graph Infomax"
    recommended = True
    suggested = {
        "training": {"epochs": 300, "patience": 20},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gcn", "layers": 1, "width": 512, "activation": "prelu", "head": "linear", "dropout": 0.5},
    }

    class Config(ConfigBase):
        pass

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the discriminator; see `Objective`."""
        require_weights(encoder, self.label)
        return _Discriminator(encoder.out_width, generator).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and the share of nodes that the discriminator tells right; see `Objective`."""
        shuffled = torch.randperm(batch.num_nodes, generator=generator).to(batch.device)
        true = node_vectors(encoder, batch)
        x = batch.x[shuffled] if isinstance(batch.x, Tensor) else batch.x.take_rows(shuffled)
        false = node_vectors(encoder, batch, x)
        summary = torch.sigmoid(true.mean(0))
        true_scores, false_scores = heads(true, summary), heads(false, summary)
        ones, zeros = torch.ones_like(true_scores), torch.zeros_like(false_scores)
        loss = (
            F.binary_cross_entropy_with_logits(true_scores, ones)
            + F.binary_cross_entropy_with_logits(false_scores, zeros)
        ) / 2
        with torch.no_grad():
            told = ((true_scores > 0).to(loss.dtype).mean() + (false_scores <= 0).to(loss.dtype).mean()) / 2
        return {"loss": loss, "told_apart": told}


class _Discriminator(nn.Module):
    """h W s for every node vector h [N, H] and one summary s [H]."""

    def __init__(self, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width, width))
        self.bias = nn.Parameter(torch.zeros(1))
        nn.init.xavier_uniform_(self.weight, generator=generator)

    def forward(self, h: Tensor, summary: Tensor) -> Tensor:
        return h @ (self.weight @ summary) + self.bias
