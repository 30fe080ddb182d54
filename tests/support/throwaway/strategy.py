"""A fine-tuning strategy in one file."""

from typing import Any

from engine.core.component import Config as Options
from engine.core.component import option
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.strategies._base import Strategy


class Throwaway(Strategy):
    """Lets every weight move, the head faster.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def apply(self, model: Any, optimiser: Any) -> list[ParameterGroup]:
        model.requires_grad_(True)
        blocks = model.encoder.blocks()
        return grouped([*blocks, model.head], optimiser, [1.0] * len(blocks) + [float(self.config.amount)])
