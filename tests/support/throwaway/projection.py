"""A projection in one file."""

from typing import Any

from engine.core.component import Config as Options
from engine.core.component import option
from engine.layout._base import Projection


class Throwaway(Projection):
    """Keeps the first two numbers of each point.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def project(self, points: Any, **given: Any) -> Any:
        return points[:, :2]
