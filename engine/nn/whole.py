"""Numbers of whole graphs, put on one scale so that they can be read beside the vectors of their nodes."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

#: Name of a table of `GraphBatch.known`.
WholeName = Literal["pooled", "descriptors", "motifs"]

# Standard deviations from the mean beyond which a number counts no more: descriptors have long tails.
_FAR = 4.0


class WholeNumbers(nn.Module):
    """Standardises a table of numbers of graphs; what is unknown becomes the mean, what never varies becomes 0.

    Mean and deviation are learnt from the graphs that train and are kept with the weights.

    Args: name: of the table. width: K, its columns.
    Source: Yang et al. (2019), "Analyzing learned molecular representations for property prediction", section 3.3,
        where 200 descriptors are joined with what the network has made of the molecule.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, name: WholeName, width: int) -> None:
        super().__init__()
        self.name, self.width = name, width
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.zeros(width))

    def fit(self, table: Tensor) -> None:
        """Learn the scale. Args: table: [B, K] of the graphs that train, NaN where unknown."""
        numbers = table.double()
        is_known = ~numbers.isnan()
        count = is_known.sum(0).clamp(min=1)
        mean = numbers.nan_to_num(0.0).sum(0) / count
        spread = (torch.where(is_known, numbers - mean, 0.0).square().sum(0) / count).sqrt()
        varies = spread > 1e-9 * mean.abs().clamp(min=1e-9)
        self.mean.copy_(mean)
        self.scale.copy_(torch.where(varies, 1 / spread, 0.0))

    def forward(self, table: Tensor) -> Tensor:
        """Return standard deviations from the mean, float32 [B, K], at most four; for a table as `fit` takes it."""
        apart = (table.double() - self.mean) * self.scale
        return apart.nan_to_num(0.0).clamp(-_FAR, _FAR).float()
