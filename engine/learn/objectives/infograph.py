"""InfoGraph: tell which nodes belong to which graph."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.objectives._base import Objective, node_vectors, require_graphs, require_weights
from engine.nn.encoders._base import Encoder
from engine.nn.layers import Linear
from engine.nn.segments import Aggregation, pool


class InfoGraph(Objective):
    """Tells the nodes of a graph from those of the other graphs by the graph's vector.

    With s the product of a node's and a graph's mapped vectors, it maximises the Jensen-Shannon estimate of their
    mutual information: the mean of log 2 - softplus(-s) over pairs that belong together, less the mean of
    softplus(s) - log 2 over pairs that do not.

    Source: Sun et al. (2020), "InfoGraph: unsupervised and semi-supervised graph-level representation learning via
    mutual information maximization", equations 3 and 4.
    """

    key = "infograph"
    label = "InfoGraph"
    for_graphs = True
    for_data = ("graphs", "molecules")
    suggested = {
        "training": {"epochs": 20, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gine", "layers": 4, "width": 64, "dropout": 0.0},
    }

    class Config(ConfigBase):
        readout: Aggregation = option("sum", "How nodes' vectors become the graph's.")

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the two maps; see `Objective`."""
        require_weights(encoder, self.label)
        require_graphs(batch, self.label)
        maps = {name: _Map(encoder.out_width, generator) for name in ("nodes", "graphs")}
        return nn.ModuleDict(maps).to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and how often a node scores higher with its own graph than with the mean other one."""
        assert isinstance(heads, nn.ModuleDict), "heads are what prepare returned"
        h = node_vectors(encoder, batch)
        v = pool(h, batch.graph_ptr, self.config.readout)
        score = heads["nodes"](h) @ heads["graphs"](v).t()
        owner = batch.graph_of_node().unsqueeze(1)
        own = score.gather(1, owner).squeeze(1)
        others = max(1, batch.num_graphs - 1)
        # Pairs that do not belong together are all pairs less those that do.
        apart = (F.softplus(score).sum(1) - F.softplus(own)) / others - math.log(2)
        together = math.log(2) - F.softplus(-own)
        with torch.no_grad():
            found = (own > (score.sum(1) - own) / others).to(score.dtype).mean()
        return {"loss": apart.mean() - together.mean(), "found": found}


class _Map(nn.Module):
    """Three dense layers and a linear map beside them, as the paper's discriminators have."""

    def __init__(self, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Linear(width, width) for _ in range(3))
        self.beside = Linear(width, width)
        for layer in [*self.layers, self.beside]:
            layer.reset(generator)

    def forward(self, h: Tensor) -> Tensor:
        out = h
        for layer in self.layers:
            out = layer(out).relu()
        return out + self.beside(h)  # type: ignore[no-any-return]  # modules are untyped callables
