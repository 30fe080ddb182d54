"""How much a node's neighbours know each other."""

from __future__ import annotations

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic, spread
from engine.analysis.triangles import triangles


class Clustering(Statistic):
    """Share of the pairs of a node's neighbours that are joined, 0 to 1; 0 with fewer than two neighbours.

    c = 2 t / (k (k - 1)) with t triangles and k neighbours; direction does not matter.

    Source: Watts and Strogatz (1998), Collective dynamics of small-world networks.
    """

    key = "clustering"
    label = "Clustering coefficient"

    def compute(self, given: Given) -> Found:
        """Return float64 [N]."""
        near = given.neighbours
        count = triangles(near, threads=given.threads, sink=given.sink, cancel=given.cancel)
        pairs = near.degree() * (near.degree() - 1)
        values = np.divide(2.0 * count, pairs, out=np.zeros(len(pairs)), where=pairs > 0)
        summary: dict[str, float] = spread(values)
        if pairs.sum():
            summary["transitivity"] = 2.0 * float(count.sum()) / float(pairs.sum())
        mean = summary.get("mean", 0.0)
        return Found(values, f"Of 100 pairs of neighbours of a node, {100 * mean:.1f} are joined on average.", summary)
