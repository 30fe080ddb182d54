"""Train the head alone for some epochs, then everything, the encoder slowly."""

from __future__ import annotations

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy
from engine.nn.model import Model


class HeadFirst(Strategy):
    """Train the head alone at first, so that a random head does not spoil the encoder, then everything.

    While the head trains alone the encoder is a fixed function (no gradients, no dropout, frozen statistics).
    Afterwards block i of L, counted from 0 at the input, learns at rate · factor · decay^(L - 1 - i).

    Source: Howard and Ruder (2018), "Universal language model fine-tuning", section 3.2 (discriminative rates,
    unfreezing), with one step of unfreezing instead of one for each layer.
    """

    key = "head_first"
    label = "Head first, then all"
    recommended = True

    class Config(ConfigBase):
        head_epochs: int = option(10, "Epochs of the head alone.", ge=1, le=10000, unit="epochs")
        encoder_factor: float = option(0.1, "Learning rate of the encoder relative to the head's.", gt=0, le=1)
        layer_decay: float = option(
            0.8, "Each layer further from the head learns slower by this factor.", gt=0, le=1, advanced=True
        )

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Let every weight move, layer by layer at its own rate; the encoder waits for its epoch."""
        model.requires_grad_(True)
        blocks = model.encoder.blocks()
        factor, decay = self.config.encoder_factor, self.config.layer_decay
        scales = [factor * decay ** (len(blocks) - 1 - number) for number in range(len(blocks))]
        return grouped([*blocks, model.head], optimiser, [*scales, 1.0])

    def on_epoch(self, model: Model, epoch: int) -> None:
        """Freeze or free the encoder by the number of the epoch."""
        frozen = self.frozen_encoder(epoch)
        model.train()
        model.encoder.train(not frozen)
        model.encoder.requires_grad_(not frozen)

    def frozen_encoder(self, epoch: int) -> bool:
        """Whether the head still trains alone."""
        return epoch <= int(self.config.head_epochs)
