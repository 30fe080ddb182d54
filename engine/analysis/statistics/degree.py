"""How many edges a node has."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic, Values, spread
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.csr import IntArray, WeightArray


class Degree(Statistic):
    """Number of edges at each node, or the sum of their weights.

    Source: the definition; of a directed graph those that come in, those that go out, or both.
    """

    key = "degree"
    label = "Degree"
    recommended = True

    class Config(ConfigBase):
        direction: Literal["both", "in", "out"] = option("both", "Which edges of a directed graph count.")
        weighted: bool = option(False, "Sum the weights of the edges instead of counting them.")

    config: Config

    def compute(self, given: Given) -> Found:
        """Return int64 [N], float64 when weighted."""
        values = self._values(given)
        numbers = spread(values)
        if not numbers:
            return Found(values, "There is no node.")
        noun = "a summed weight" if self.config.weighted else "a degree"
        words = f"A node has {noun} of {numbers['mean']:,.4g} on average, {numbers['largest']:,.6g} at most."
        return Found(values, words, {**numbers, "isolated": int((given.neighbours.degree() == 0).sum())})

    def _values(self, given: Given) -> Values:
        graph = given.graph
        weight = graph.weight if self.config.weighted else None
        n, direction = graph.num_nodes, self.config.direction if graph.directed else "in"
        parts: list[np.ndarray] = []
        if direction != "out":
            parts.append(graph.degree() if weight is None else _row_sums(graph.indptr, weight))
        if direction != "in":
            parts.append(np.bincount(graph.indices, weight, minlength=n))
        total = parts[0] if len(parts) == 1 else parts[0] + parts[1]
        return total.astype(np.int64) if weight is None else total.astype(np.float64)


def _row_sums(indptr: IntArray, weight: WeightArray) -> np.ndarray:
    sums = np.zeros(len(indptr) - 1)
    filled = np.diff(indptr) > 0
    if filled.any():
        sums[filled] = np.add.reduceat(weight.astype(np.float64), indptr[:-1][filled])
    return sums
