"""How often a random walk comes by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.analysis.statistics._base import Found, Given, Statistic, spread
from engine.analysis.structure import in_pieces
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import Progress, silent


class PageRank(Statistic):
    """Share of the time that a random walk along the edges spends at each node, now and then starting anew.

    p = (1 - d) / N + d (sum over edges j to i of p_j w_ji / w_j + what stands at nodes without a way out, spread
    evenly).
    The walk goes from source to target of a directed graph. Where weights are used a negative one counts as 0.

    Source: Page, Brin, Motwani and Winograd (1999), The PageRank citation ranking; ends when the changes sum
        up to less than the tolerance, or after the most steps.
    """

    key = "pagerank"
    label = "PageRank"
    recommended = True

    class Config(ConfigBase):
        damping: float = option(0.85, "Chance of following an edge instead of starting anew.", ge=0, lt=1)
        tolerance: float = option(
            1e-6, "Sum of the changes at which the numbers count as settled.", gt=0, advanced=True
        )
        steps: int = option(200, "At most so many steps.", ge=1, advanced=True)
        weighted: bool = option(True, "Follow edges in proportion to their weights.", advanced=True)

    config: Config

    def compute(self, given: Given) -> Found:
        """Return float64 [N], sum 1."""
        graph, n = given.graph, given.graph.num_nodes
        if not n:
            return Found(np.empty(0), "There is no node.")
        weight = np.maximum(graph.weight, 0) if self.config.weighted and graph.weight is not None else None
        # Row i lists the nodes from which i hears, so what leaves a node is counted by column.
        leaving = np.bincount(graph.indices, weight, minlength=n).astype(np.float64)
        with np.errstate(divide="ignore"):
            factor = np.where(leaving > 0, 1.0 / leaving, 0.0)
        rank, steps = self._walk(given, weight, factor)
        top = int(rank.argmax())
        words = f"The highest PageRank is {rank[top] * n:,.1f} times the average; settled after {steps} steps."
        return Found(rank, words, {**spread(rank), "steps": steps})

    def _walk(
        self, given: Given, weight: npt.NDArray[np.float32] | None, factor: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], int]:
        from engine.analysis.kernels import pull, pull_weighted

        graph, n, damping = given.graph, given.graph.num_nodes, self.config.damping
        ends = np.flatnonzero(factor == 0)
        old, new, change = np.full(n, 1.0 / n), np.empty(n), np.empty(n)
        for step in range(1, self.config.steps + 1):
            # Half the bytes to gather from; the sums are in double precision.
            share = (old * factor).astype(np.float32)
            base = (1.0 - damping + damping * float(old[ends].sum())) / n

            def piece(_lane: int, first: int, last: int, share=share, base=base, old=old, new=new) -> None:  # type: ignore[no-untyped-def]  # bound now, not later
                if weight is None:
                    pull(graph.indptr, graph.indices, share, base, damping, old, new, change, first, last)
                else:
                    pull_weighted(
                        graph.indptr, graph.indices, weight, share, base, damping, old, new, change, first, last
                    )

            in_pieces(graph.indptr, piece, threads=given.threads, sink=silent, cancel=given.cancel)
            given.sink(Progress(step, self.config.steps, "steps"))
            old, new = new, old
            if float(change.sum()) < self.config.tolerance:
                break
        return old / old.sum(), step
