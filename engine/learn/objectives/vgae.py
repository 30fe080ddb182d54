"""Variational graph auto-encoder: a cloud for each node from which the edges can be drawn again."""

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
from engine.nn.layers import GraphConvolution

# Larger deviations overflow in float32.
_MOST_LOG_DEVIATION = 10.0


class VGAE(Objective):
    """Learns where each node lies and how surely, so that inner products of points drawn there tell the edges.

    One graph convolution on the encoder's vectors gives each node's mean, another the log of its deviation; the
    encoder is what the two share. The loss is the sum of the binary cross entropies over edges and over as many
    random pairs without one, each averaged, and of the Kullback-Leibler distance to a standard normal cloud, averaged
    over the nodes and divided by their number. Without `variational` it is the plain auto-encoder: the means alone,
    and no distance.

    Source: Kipf and Welling (2016), "Variational graph auto-encoders", section 1; the paper weighs all pairs of nodes
    instead.
    """

    key = "vgae"
    label = "Variational graph auto-encoder"
    suggested = {
        "training": {"epochs": 200, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-2, "weight_decay": 0.0},
        "encoder": {"type": "gcn", "layers": 1, "width": 128, "activation": "relu", "head": "linear", "dropout": 0.0},
    }

    class Config(ConfigBase):
        variational: bool = option(True, "Clouds instead of points; off is the plain graph auto-encoder.")
        width: int = option(16, "Numbers per node in which the clouds lie.", ge=1, le=4096)
        prior: float = option(
            1.0, "Weight of the distance to the standard cloud, beside the paper's.", ge=0, le=1e6, advanced=True
        )
        edges: int = option(100_000, "Most edges drawn for one epoch.", ge=1, unit="edges", advanced=True)

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return what reads mean and deviation; see `Objective`."""
        require_weights(encoder, self.label)
        require_edges(batch, self.label)
        return _Cloud(encoder.out_width, self.config, generator).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss and its parts; see `Objective`."""
        assert isinstance(heads, _Cloud), "heads are what prepare returned"
        h = node_vectors(encoder, batch)
        mean = z = heads.mean(h, batch)
        edges = heads.pairs.edges(batch, self.config.edges, generator)
        others = heads.pairs.others(batch, edges.shape[1], generator)
        distance = mean.new_zeros(())
        if heads.spread is not None:
            spread = heads.spread(h, batch).clamp(max=_MOST_LOG_DEVIATION)
            noise = torch.randn(mean.shape, generator=generator).to(mean.device, mean.dtype)
            z = mean + noise * spread.exp()
            distance = kl_distance(mean, spread) / batch.num_nodes
        edge_loss = F.softplus(-_logits(z, edges)).mean()
        other_loss = F.softplus(_logits(z, others)).mean()
        loss = edge_loss + other_loss + self.config.prior * distance
        return {
            "loss": loss,
            "edges": edge_loss.detach(),
            "other_pairs": other_loss.detach(),
            "distance": distance.detach(),
        }


def kl_distance(mean: Tensor, log_deviation: Tensor) -> Tensor:
    """Return the Kullback-Leibler distance of normal clouds [N, H] to the standard one, averaged over N."""
    inner = 1 + 2 * log_deviation - mean.square() - (2 * log_deviation).exp()
    return -0.5 * inner.sum(1).mean()


def _logits(z: Tensor, pairs: Tensor) -> Tensor:
    return (z[pairs[0]] * z[pairs[1]]).sum(1)


class _Cloud(nn.Module):
    def __init__(self, width: int, config: VGAE.Config, generator: torch.Generator) -> None:
        super().__init__()
        self.pairs = Pairs()
        self.mean = GraphConvolution(width, config.width)
        self.mean.reset(generator)
        self.spread = GraphConvolution(width, config.width) if config.variational else None
        if self.spread is not None:
            self.spread.reset(generator)
