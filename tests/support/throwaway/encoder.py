"""An encoder in one file."""

from typing import Any

from torch import Tensor, nn

from engine.core.component import Config as Options
from engine.core.component import option
from engine.nn.encoders._base import Encoder
from engine.nn.heads import LinearHead
from engine.nn.ops import dropout


class Throwaway(Encoder):
    """Maps each node's own features linearly, to few numbers.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def __init__(self, config: Any, in_width: int) -> None:
        super().__init__(config, in_width)
        self.map = nn.Linear(in_width, config.amount)
        self.out_width = config.amount

    def forward(self, batch: Any, x: Any = None) -> Tensor:
        return self.map(dropout(batch.x if x is None else x, 0.1, self.training))

    def blocks(self) -> list[nn.Module]:
        return [self.map]

    def make_head(self, width: int) -> nn.Module:
        return LinearHead(self.out_width, width, 0.0)
