"""An explainer in one file."""

from typing import Any

import numpy as np

from engine.core.component import Config as Options
from engine.core.component import option
from engine.infer.explainers._base import Explainer, Explanation


class Throwaway(Explainer):
    """Finds everything equally important.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def explain(self, around: Any, **given: Any) -> Explanation:
        return Explanation(np.ones(around.num_edges), np.ones(around.x.shape[1]))
