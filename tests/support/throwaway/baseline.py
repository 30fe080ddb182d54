"""A floor in one file."""

from typing import Any

import numpy as np

from engine.core.component import Config as Options
from engine.core.component import option
from engine.learn.baselines._base import Answer, Baseline


class Throwaway(Baseline):
    """Finds all classes equally likely.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def answer(self, evidence: Any, labels: Any, *, seed: int, sink: Any, cancel: Any) -> Answer:
        return Answer(labels.task.to_logits(np.full((len(labels.target), 2), 0.5)))
