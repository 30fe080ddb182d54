"""What a fine-tuning strategy says: which weights move, how fast, and from which epoch on."""

from __future__ import annotations

from collections.abc import Iterable
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

    def extend(self, model: Model) -> None:
        """Put the strategy's own weights into a model, which then has them in its state; a second call adds nothing.

        What was added does nothing before it is trained. Whoever loads the weights of a fine-tuned model calls this
        first.

        Raises: MismatchError: the strategy does not suit the model.
        """

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Extend the model, set which weights may move, and return those in groups with their rate and weight decay.

        Args: model: encoder and head, changed in place (`requires_grad`). optimiser: rate and decay of the stage.
        Raises: MismatchError: the strategy does not suit the model.
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


def let_only(model: Model, moving: Iterable[nn.Parameter]) -> None:
    """Let these weights of a model move and no others."""
    model.requires_grad_(False)
    for parameter in moving:
        parameter.requires_grad_(True)


def count_moving(model: Model) -> int:
    """Return the number of scalar parameters that may move."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def count(module: nn.Module) -> int:
    """Return the number of scalar parameters of a module."""
    return sum(parameter.numel() for parameter in module.parameters())
