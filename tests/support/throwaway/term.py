"""A loss beside the supervised one in one file."""

from typing import Any

from engine.core.component import Config as Options
from engine.core.component import option
from engine.learn.terms._base import Term


class Throwaway(Term):
    """Keeps the logits small.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def loss(self, model: Any, parts: Any, batch: Any, labels: Any, logits: Any, generator: Any) -> dict[str, Any]:
        size = logits.square().mean()
        return {"loss": 0.01 * self.config.amount * size, "size": size.detach()}
