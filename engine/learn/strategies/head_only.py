"""Keep the pretrained encoder as it is and train the head alone."""

from __future__ import annotations

from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy, count
from engine.nn.model import Model


class HeadOnly(Strategy):
    """Train the head on the frozen encoder.

    The encoder is a fixed function: no gradients, no dropout, and its normalisation keeps the statistics it has.

    Source: the linear evaluation of Veličković et al. (2019, DGI), section 4.2, with the model's own head.
    """

    key = "head_only"
    label = "Head only"

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Freeze the encoder and let the head move; its weights are the first layer that moves, so they decay."""
        model.encoder.requires_grad_(False)
        model.head.requires_grad_(True)
        return grouped([model.head], optimiser)

    def on_epoch(self, model: Model, epoch: int) -> None:
        """Keep the encoder in evaluation mode."""
        model.train()
        model.encoder.eval()

    def frozen_encoder(self, epoch: int) -> bool:
        """Return True: in every epoch."""
        return True

    def moved(self, model: Model) -> int:
        """Return the parameters of the head."""
        return count(model.head)
