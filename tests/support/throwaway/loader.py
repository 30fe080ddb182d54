"""A loader in one file."""

from engine.core.component import Config as Options
from engine.core.component import option
from engine.learn.loaders._base import Loader


class Throwaway(Loader):
    """Shows every step the whole graph.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")
