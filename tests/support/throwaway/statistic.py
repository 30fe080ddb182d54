"""A statistic in one file."""

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic
from engine.core.component import Config as Options
from engine.core.component import option


class Throwaway(Statistic):
    """Numbers the nodes.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def compute(self, given: Given) -> Found:
        return Found(np.arange(given.graph.num_nodes), "Nodes are numbered.")
