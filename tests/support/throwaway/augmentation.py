"""An augmentation in one file."""

from dataclasses import replace
from typing import Any

from engine.core.component import Config as Options
from engine.core.component import option
from engine.learn.augmentations._base import Augmentation


class Throwaway(Augmentation):
    """Makes the features larger.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def apply(self, batch: Any, generator: Any) -> Any:
        return replace(batch, x=batch.x.with_values(batch.x.values * self.config.amount))
