"""Free one layer after another, from the head towards the input."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy
from engine.nn.model import Model


class Gradual(Strategy):
    """Train the head alone, then free one more layer every few epochs, the last one first.

    A layer that waits is a fixed function (no gradients, no dropout, frozen statistics). Block i of L, counted from 0
    at the input, learns at rate · factor · decay^(L - 1 - i).

    Source: Howard and Ruder (2018), "Universal language model fine-tuning", sections 3.2 and 3.3 (discriminative
    rates with 1 / 2.6 from layer to layer, gradual unfreezing).
    """

    key = "gradual"
    label = "Layer after layer"

    class Config(ConfigBase):
        every: int = option(10, "Epochs until the next layer is freed.", ge=1, le=10000, unit="epochs")
        encoder_factor: float = option(0.3, "Learning rate of the last layer relative to the head's.", gt=0, le=1)
        layer_decay: float = option(
            0.385, "Each layer further from the head learns slower by this factor.", gt=0, le=1, advanced=True
        )

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Let every weight move, layer by layer at its own rate; each waits for its epoch."""
        model.requires_grad_(True)
        blocks = model.encoder.blocks()
        factor, decay = self.config.encoder_factor, self.config.layer_decay
        scales = [factor * decay ** (len(blocks) - 1 - number) for number in range(len(blocks))]
        return grouped([*blocks, model.head], optimiser, [*scales, 1.0])

    def on_epoch(self, model: Model, epoch: int) -> None:
        """Freeze or free each layer by the number of the epoch."""
        model.train()
        model.encoder.train(not self.frozen_encoder(epoch))
        blocks = model.encoder.blocks()
        waiting = max(0, len(blocks) - (epoch - 1) // int(self.config.every))
        for number, block in enumerate(blocks):
            block.train(number >= waiting)
            block.requires_grad_(number >= waiting)

    def frozen_encoder(self, epoch: int) -> bool:
        """Whether the head still trains alone."""
        return epoch <= int(self.config.every)
