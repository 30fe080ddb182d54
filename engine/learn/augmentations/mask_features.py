"""Hide columns of the features at random."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.augmentations._base import Augmentation


class MaskFeatures(Augmentation):
    """Sets a share of the feature columns to zero, the same columns for every node.

    Source: Zhu et al. (2020), "Deep graph contrastive representation learning", section 3.2 (masking node features).
    """

    key = "mask_features"
    label = "Mask features"

    class Config(ConfigBase):
        share: float = option(0.3, "Share of the columns that are hidden.", ge=0, lt=1)

    def apply(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return a view with hidden columns; see `Augmentation`."""
        if self.config.share == 0.0:
            return batch
        kept = (torch.rand(batch.in_width, generator=generator) >= self.config.share).to(batch.device)
        x = batch.x
        if isinstance(x, Tensor):
            return batch.with_x(x * kept.to(x.dtype))
        return batch.with_x(x.with_values(x.values * kept[x.pattern.indices.long()].to(x.dtype)))
