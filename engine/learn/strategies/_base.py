"""What a fine-tuning strategy says: which weights move, how fast, and from which epoch on."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor, nn

from engine.core.component import Component
from engine.learn.optimisers import ParameterGroup
from engine.learn.options import OptimiserOptions
from engine.nn.model import Model


class Strategy(Component):
    """Base of all strategies.

    Args: config: the strategy's own options.
    """

    needs_pretrained: ClassVar[bool] = True

    def __init__(self, config: Any) -> None:  # Any: the subclass's own Config
        self.config = config

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Set which weights may move and return them in groups, each with its rate and weight decay.

        Args: model: encoder and head, changed in place (`requires_grad`). optimiser: rate and decay of the stage.
        """
        raise NotImplementedError

    def on_epoch(self, model: Model, epoch: int) -> None:
        """Set modes and frozen parts before an epoch; epochs count from 1. Must depend on nothing but the epoch."""
        model.train()

    def frozen_encoder(self, epoch: int) -> bool:
        """Whether the encoder is a fixed function in this epoch (evaluation mode, no gradients)."""
        return False

    def penalty(self, model: Model) -> Tensor | None:
        """Return what is added to the loss of each step beside the optimiser's own weight decay; None for nothing."""
        return None

    def moved(self, model: Model) -> int:
        """Return how many parameters this strategy moves in all."""
        return count(model)


def count(module: nn.Module) -> int:
    """Return the number of scalar parameters of a module."""
    return sum(parameter.numel() for parameter in module.parameters())
