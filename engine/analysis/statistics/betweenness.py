"""How many shortest paths lead through a node."""

from __future__ import annotations

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic, spread
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import Progress

# Each works on its own pivots in turn: sums are taken in the same order whatever the number of threads.
_LANES = 4


class Betweenness(Statistic):
    """Share of all shortest paths that lead through each node, estimated from a sample of starting points.

    With as many pivots as nodes it is exact. Edges of a directed graph are followed backwards from the pivots, which
    counts the same paths. Weights are not used.

    Source: Brandes (2001), A faster algorithm for betweenness centrality; pivots as Brandes and Pich (2007).
    """

    key = "betweenness"
    label = "Betweenness"

    class Config(ConfigBase):
        pivots: int = option(64, "Starting points; more take longer and are more exact.", ge=1)

    config: Config

    def compute(self, given: Given) -> Found:
        """Return float64 [N], normalised by the number of pairs of other nodes."""
        from concurrent.futures import ThreadPoolExecutor

        n = given.graph.num_nodes
        count = min(self.config.pivots, n)
        pivots = np.sort(np.random.default_rng(given.seed).choice(n, count, replace=False)) if n else np.empty(0)
        if n < 3:
            return Found(np.zeros(n), "No path leads through another node.")
        done: list[int] = []
        with ThreadPoolExecutor(max(1, min(given.threads, _LANES))) as pool:
            lanes = list(pool.map(lambda lane: self._lane(given, pivots[lane::_LANES], done, count), range(_LANES)))
        values = np.sum(lanes, axis=0) * (n / count) / ((n - 1) * (n - 2))
        exact = "all nodes" if count == n else f"{count:,} of {n:,} nodes as starting points"
        words = f"At most {values.max():.2%} of all shortest paths lead through one node ({exact})."
        return Found(values, words, {**spread(values), "pivots": count})

    def _lane(self, given: Given, pivots: np.ndarray, done: list[int], count: int) -> np.ndarray:
        from engine.analysis.kernels import add_paths_from

        graph, n = given.graph, given.graph.num_nodes
        total = np.zeros(n)
        far, order = np.full(n, -1, np.int32), np.empty(n, np.int32)
        paths, share = np.empty(n), np.empty(n)
        for pivot in pivots:
            given.cancel.check()
            add_paths_from(graph.indptr, graph.indices, int(pivot), total, far, paths, share, order)
            done.append(int(pivot))
            given.sink(Progress(len(done), count, "starting points"))
        return total
