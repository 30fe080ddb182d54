"""Which piece of the graph a node is in."""

from __future__ import annotations

import numpy as np

from engine.analysis.components import components
from engine.analysis.statistics._base import Found, Given, Statistic


class Components(Statistic):
    """Pieces of the graph that no edge joins, numbered by size from 0; direction does not matter.

    Source: union-find with path halving (Tarjan and van Leeuwen 1984).
    """

    key = "components"
    label = "Connected components"
    recommended = True
    is_group = True

    def compute(self, given: Given) -> Found:
        """Return int64 [N], 0 for the largest piece."""
        values = components(given.graph, sink=given.sink, cancel=given.cancel)
        if not len(values):
            return Found(values, "There is no node.", {"count": 0, "largest": 0})
        sizes = np.bincount(values)
        summary = {"count": len(sizes), "largest": int(sizes[0])}
        if len(sizes) == 1:
            return Found(values, "All nodes are connected.", summary)
        share = sizes[0] / len(values)
        return Found(values, f"{len(sizes):,} pieces; the largest holds {share:.1%} of the nodes.", summary)
