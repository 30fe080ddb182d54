"""Leave out nodes at random."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.augmentations._base import NodeAugmentation
from engine.nn.segments import pool, spread


class DropNodes(NodeAugmentation):
    """Leaves out a share of the nodes, each by its own lot; of a graph at least one stays.

    Source: You et al. (2020), "Graph contrastive learning with augmentations", section 3.1 (node dropping).
    """

    key = "drop_nodes"
    label = "Drop nodes"

    class Config(ConfigBase):
        share: float = option(0.2, "Share of the nodes that are left out.", ge=0, lt=1)

    def kept(self, batch: GraphBatch, generator: torch.Generator) -> Tensor:
        """Return the nodes that stay, each by its own lot; of every graph the one with the highest lot."""
        lots = torch.rand(batch.num_nodes, generator=generator).to(batch.device)
        best = pool(lots.unsqueeze(1), batch.graph_ptr, "max")
        first = lots == spread(best, batch.graph_ptr, batch.num_nodes).squeeze(1)
        return first.logical_or_(lots >= self.config.share)
