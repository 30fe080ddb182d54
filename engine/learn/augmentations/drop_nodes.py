"""Leave out nodes at random."""

from __future__ import annotations

import torch

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.augmentations._base import Augmentation, with_nodes


class DropNodes(Augmentation):
    """Takes edges and features from a share of the nodes, as if they were not there.

    Source: You et al. (2020), "Graph contrastive learning with augmentations", section 3.1 (node dropping).
    """

    key = "drop_nodes"
    label = "Drop nodes"

    class Config(ConfigBase):
        share: float = option(0.2, "Share of the nodes that are left out.", ge=0, lt=1)

    def apply(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return a view without some nodes; see `Augmentation`."""
        if self.config.share == 0.0:
            return batch
        kept = torch.rand(batch.num_nodes, generator=generator) >= self.config.share
        return with_nodes(batch, kept.to(batch.device))
