"""Fine-tune everything."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy
from engine.nn.model import Model


class Full(Strategy):
    """Start from the pretrained encoder and let every weight move.

    Source: Hu et al. (2020), "Strategies for pre-training graph neural networks", section 5 (full fine-tuning).
    """

    key = "full"
    label = "All weights"

    class Config(ConfigBase):
        encoder_factor: float = option(1.0, "Learning rate of the encoder relative to the head's.", gt=0, le=1)

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Let every weight move; the encoder at its own rate."""
        model.requires_grad_(True)
        blocks = model.encoder.blocks()
        return grouped([*blocks, model.head], optimiser, [self.config.encoder_factor] * len(blocks) + [1.0])
