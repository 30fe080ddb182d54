"""Hide the features of some nodes."""

from __future__ import annotations

import torch

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.augmentations._base import Augmentation, rows_kept


class MaskNodes(Augmentation):
    """Sets the features of a share of the nodes to zero, each by its own lot; edges stay.

    Source: You et al. (2020), "Graph contrastive learning with augmentations", section 3.1 (attribute masking).
    """

    key = "mask_nodes"
    label = "Mask nodes"

    class Config(ConfigBase):
        share: float = option(0.2, "Share of the nodes whose features are hidden.", ge=0, lt=1)

    def apply(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return a view with hidden nodes; see `Augmentation`."""
        if self.config.share == 0.0:
            return batch
        kept = torch.rand(batch.num_nodes, generator=generator) >= self.config.share
        return batch.with_x(rows_kept(batch.x, kept.to(batch.device)))
