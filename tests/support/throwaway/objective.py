"""A pretraining objective in one file."""

from typing import Any

from torch import nn

from engine.core.component import Config as Options
from engine.core.component import option
from engine.learn.objectives._base import Objective, node_vectors


class Throwaway(Objective):
    """Pulls the node vectors to a given length.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def prepare(self, encoder: Any, batch: Any, generator: Any) -> nn.Module:
        return nn.Identity()

    def loss(self, encoder: Any, heads: Any, batch: Any, generator: Any) -> dict[str, Any]:
        length = node_vectors(encoder, batch).norm(dim=1).mean()
        return {"loss": (length - self.config.amount) ** 2, "length": length.detach()}
