"""A layout in one file."""

from typing import Any

import numpy as np

from engine.core.component import Config as Options
from engine.core.component import option
from engine.layout._base import Layout


class Throwaway(Layout):
    """Stands all nodes in a row.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(Options):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def place(self, graph: Any, **given: Any) -> Any:
        return np.stack([np.arange(graph.num_nodes), np.zeros(graph.num_nodes)], axis=1).astype(np.float32)
