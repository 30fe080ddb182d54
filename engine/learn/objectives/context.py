"""Context prediction: tell which surroundings a node's neighbourhood stands in."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.graph.subgraph import among
from engine.learn.objectives._base import Objective, node_vectors, require_graphs, require_weights
from engine.nn.encoders._base import Encoder
from engine.nn.segments import aggregate, pool


class Context(Objective):
    """Tells the surroundings of a node from those of a node of another graph.

    One node of each graph is drawn. The encoder's vector of it says what is within its reach; a second encoder of the
    same kind sees only what lies between two distances from it, and the mean of its vectors where the two parts
    overlap is the context. The loss is the cross-entropy of telling, by the product of the vectors, the node's own
    context from the contexts of other graphs. Graphs without a node that far away are left out of a step.

    Source: Hu et al. (2020), "Strategies for pre-training graph neural networks", section 3.1.1; distances there are 4
    and 7 for an encoder of 5 layers.
    """

    key = "context"
    label = "Context prediction"
    for_graphs = True
    for_data = ("graphs", "molecules")
    suggested = {
        "training": {"epochs": 50, "patience": 0},
        "optimiser": {"type": "adam", "rate": 1e-3, "weight_decay": 0.0},
        "encoder": {"type": "gine", "layers": 4, "width": 64, "dropout": 0.0},
    }

    class Config(ConfigBase):
        inner: int = option(2, "Steps from the node to where the context begins.", ge=1, le=32, unit="steps")
        reach: int = option(3, "Steps from the node up to which contexts are read.", ge=1, le=32, unit="steps")
        outer: int = option(5, "Steps from the node to where the context ends.", ge=1, le=64, unit="steps")
        others: int = option(1, "Contexts of other graphs that each node is compared with.", ge=1, le=64)

    def prepare(self, encoder: Encoder, batch: GraphBatch, generator: torch.Generator) -> nn.Module:
        """Return the encoder of contexts; see `Objective`."""
        require_weights(encoder, self.label)
        require_graphs(batch, self.label)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
            second = type(encoder).build(
                encoder.config, encoder.in_width, edge_width=encoder.edge_width, for_graphs=True
            )
        return second.to(batch.device, batch.dtype)

    def loss(
        self, encoder: Encoder, heads: nn.Module, batch: GraphBatch, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the loss, and how often the own context scores higher; see `Objective`."""
        assert isinstance(heads, Encoder), "heads are what prepare returned"
        h = node_vectors(encoder, batch)
        centre = _drawn(batch, generator)
        steps = _steps_away(batch, centre, self.config.outer)
        ring = (steps >= self.config.inner) & (steps <= self.config.outer)
        around = among(batch, ring)
        anchor = (steps[ring] <= self.config.reach).to(h.dtype).unsqueeze(1)
        count = pool(anchor, around.graph_ptr, "sum")
        context = pool(node_vectors(heads, around) * anchor, around.graph_ptr, "sum") / count.clamp(min=1)
        usable = torch.nonzero(count.squeeze(1) > 0).squeeze(1)
        if len(usable) < 2:
            # Nothing to compare, but a step all the same: it pulls at nothing.
            nothing = h.sum() * 0 + context.sum() * 0
            return {"loss": nothing, "told_apart": nothing.detach()}
        first, context = h[centre[usable]], context[usable]
        own = (first * context).sum(1)
        false = [(first * context.roll(k + 1, 0)).sum(1) for k in range(min(self.config.others, len(usable) - 1))]
        other = torch.stack(false)
        loss = F.softplus(-own).mean() + F.softplus(other).mean()
        return {"loss": loss, "told_apart": (own > other).to(h.dtype).mean()}


def _drawn(batch: GraphBatch, generator: torch.Generator) -> Tensor:
    """Return one node of each graph, int64 [B]; -1 of a graph without nodes."""
    sizes = torch.diff(batch.graph_ptr)
    lot = torch.rand(batch.num_graphs, generator=generator).to(batch.device)
    # A lot just below 1 may be rounded to the number of nodes itself.
    within = torch.minimum((lot * sizes).long(), sizes - 1)
    return torch.where(sizes > 0, batch.graph_ptr[:-1] + within, -1)


def _steps_away(batch: GraphBatch, centre: Tensor, most: int) -> Tensor:
    """Return how many steps each node is from its graph's drawn one, int64 [N]; most + 1 where it is farther."""
    steps = torch.full((batch.num_nodes,), most + 1, dtype=torch.int64, device=batch.device)
    steps[centre[centre >= 0]] = 0
    for step in range(1, most + 1):
        reached = (steps == step - 1).float().unsqueeze(1)
        heard = aggregate(reached, batch.pattern(), "sum").squeeze(1) > 0
        steps[heard & (steps > most)] = step
    return steps
