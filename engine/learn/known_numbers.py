"""Predict numbers that are known of each graph, on a scale of their own or as yes and no; gaps are left out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.core.errors import MismatchError
from engine.nn.layers import Linear

# Standard deviations from the mean beyond which a number counts no more: descriptors have long tails.
_FAR = 4.0


class KnownNumbers(nn.Module):
    """Two dense layers from a graph's vector to the numbers of one table.

    A column that holds nothing but 0 and 1 is a yes or no (cross-entropy); any other is standardised over the graphs,
    cut off at four standard deviations (squared error). Columns without any variation are left out.

    Args: table: [B, K] of the whole collection, NaN where unknown. width: H of the graph vectors. generator: source of
        the first weights.
    Raises: MismatchError: nothing is known, or nothing varies.
    """

    mean: Tensor
    scale: Tensor
    is_binary: Tensor
    counts: Tensor

    def __init__(self, table: Tensor, width: int, generator: torch.Generator) -> None:
        super().__init__()
        numbers = table.double()
        known = ~numbers.isnan()
        count = known.sum(0).clamp(min=1)
        filled = numbers.nan_to_num(0.0)
        mean = filled.sum(0) / count
        spread = (torch.where(known, numbers - mean, 0.0).square().sum(0) / count).sqrt()
        varies = (spread > 1e-9 * mean.abs().clamp(min=1e-9)) & (known.sum(0) > 1)
        if not bool(varies.any()):
            raise MismatchError(
                "None of the numbers that shall be predicted differs between the graphs.", hint="Choose other numbers."
            )
        binary = ((filled == 0) | (filled == 1)).all(0)
        self.register_buffer("mean", torch.where(binary, 0.0, mean))
        self.register_buffer("scale", torch.where(binary | ~varies, 1.0, spread))
        self.register_buffer("is_binary", binary)
        self.register_buffer("counts", varies)
        self.first, self.second = Linear(width, width), Linear(width, table.shape[1])
        self.first.reset(generator)
        self.second.reset(generator)

    def losses(self, v: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean loss over what is known, and the mean absolute error in standard deviations.

        Args: v: graph vectors [B, H]. table: [B, K] of the same graphs, NaN where unknown.
        """
        out = self.second(self.first(v).relu())
        kept = ~table.isnan() & self.counts
        target = ((table - self.mean) / self.scale).clamp(-_FAR, _FAR).to(out.dtype)
        # Set before anything is computed of it: what is not a number would reach the gradient.
        target = torch.where(kept, target, 0.0)
        each = torch.where(
            self.is_binary,
            F.binary_cross_entropy_with_logits(out, target.clamp(0, 1), reduction="none"),
            (out - target).square(),
        )
        total = kept.sum().clamp(min=1)
        apart = torch.where(self.is_binary, out.sigmoid() - target, out - target).abs()
        return (each * kept).sum() / total, (apart.detach() * kept).sum() / total
