"""How deep in the dense part of the graph a node is."""

from __future__ import annotations

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic, spread
from engine.core.events import Progress


class KCore(Statistic):
    """Largest k such that the node lies in a part where everybody has at least k neighbours inside.

    Nodes with the fewest neighbours are taken away level by level, O(E) in all; direction does not matter.

    Source: Seidman (1983), Network structure and minimum degree; peeling as Batagelj and Zaversnik (2003).
    """

    key = "k_core"
    label = "k-core"

    def compute(self, given: Given) -> Found:
        """Return int64 [N]."""
        from engine.analysis.kernels import peel

        near = given.neighbours
        n = near.num_nodes
        left = near.degree().astype(np.int32)
        waiting, queue = np.arange(n, dtype=np.int32), np.empty(n + 1, np.int32)
        level = int(left.min()) if n else 0
        while len(waiting):
            given.cancel.check()
            kept, fewest = peel(near.indptr, near.indices, left, waiting, queue, level)
            waiting, level = waiting[:kept], int(fewest)
            given.sink(Progress(n - kept, n, "nodes"))
        values = left.astype(np.int64)
        if not n:
            return Found(values, "There is no node.")
        deepest = int(values.max())
        words = (
            f"The densest core has {int((values == deepest).sum()):,} nodes with at least {deepest:,} neighbours in it."
        )
        return Found(values, words, spread(values))
