"""How many pairs of a node's neighbours are neighbours themselves."""

from __future__ import annotations

from engine.analysis.statistics._base import Found, Given, Statistic, spread
from engine.analysis.triangles import triangles


class Triangles(Statistic):
    """Number of triangles that each node is a corner of; direction does not matter.

    Source: Latapy (2008), Main-memory triangle computations for very large graphs.
    """

    key = "triangles"
    label = "Triangles"

    def compute(self, given: Given) -> Found:
        """Return int64 [N]."""
        values = triangles(given.neighbours, threads=given.threads, sink=given.sink, cancel=given.cancel)
        total = int(values.sum()) // 3
        words = f"The graph holds {total:,} triangle{'' if total == 1 else 's'}."
        return Found(values, words, {**spread(values), "total": total})
