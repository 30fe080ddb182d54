"""How important a node is when importance comes from important neighbours."""

from __future__ import annotations

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic, spread
from engine.analysis.structure import in_pieces
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import Progress, silent


class Eigenvector(Statistic):
    """A node counts as much as its neighbours together, up to one factor for all; direction does not matter.

    The leading eigenvector of the adjacency matrix, of length 1, by power iteration on A + I (the same eigenvectors,
    but no swinging on bipartite graphs).

    Source: Bonacich (1987), Power and centrality; ends as in networkx, when the changes sum up to less than N times
        the tolerance.
    """

    key = "eigenvector"
    label = "Eigenvector centrality"

    class Config(ConfigBase):
        tolerance: float = option(1e-8, "Change a node at which the numbers count as settled.", gt=0, advanced=True)
        steps: int = option(500, "At most so many steps.", ge=1, advanced=True)

    config: Config

    def compute(self, given: Given) -> Found:
        """Return float64 [N], not negative, length 1."""
        from engine.analysis.kernels import pull

        near = given.neighbours
        n = near.num_nodes
        if not n or not len(near.indices):
            return Found(np.zeros(n), "There is no edge.")
        old, new, change = np.full(n, n**-0.5), np.empty(n), np.empty(n)
        settled = False
        for step in range(1, self.config.steps + 1):

            def piece(_lane: int, first: int, last: int, old=old, new=new) -> None:  # type: ignore[no-untyped-def]  # bound now, not later
                pull(near.indptr, near.indices, old, 0.0, 1.0, old, new, change, first, last)

            in_pieces(near.indptr, piece, threads=given.threads, sink=silent, cancel=given.cancel)
            given.sink(Progress(step, self.config.steps, "steps"))
            new += old
            new /= np.linalg.norm(new)
            settled = float(np.abs(new - old).sum()) < n * self.config.tolerance
            old, new = new, old
            if settled:
                break
        words = f"The most important node counts {old.max() / old.mean():,.1f} times the average"
        words += f"; settled after {step} steps." if settled else f"; not settled after {step} steps."
        return Found(old, words, {**spread(old), "steps": step, "settled": settled})
