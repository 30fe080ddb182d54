"""How much a node is like its neighbours."""

from __future__ import annotations

import numpy as np

from engine.analysis.statistics._base import Found, Given, Statistic, spread
from engine.analysis.structure import in_pieces
from engine.core.errors import RoleError


class NodeHomophily(Statistic):
    """Share of a node's neighbours that have its class; unknown where the class or all neighbours' are.

    Source: Pei et al. (2020), Geom-GCN, section 4, node by node.
    """

    key = "homophily"
    label = "Like its neighbours"
    needs_classes = True

    def compute(self, given: Given) -> Found:
        """Return float64 [N], NaN where unknown.

        Raises: RoleError: no column of classes was named.
        """
        from engine.analysis.kernels import count_alike

        classes = given.classes
        if classes is None:
            raise RoleError(
                "How alike neighbours are needs a column of classes.", hint="Name the column, for example the target."
            )
        near = given.neighbours
        known, alike = np.zeros(near.num_nodes, np.int64), np.zeros(near.num_nodes, np.int64)
        in_pieces(
            near.indptr,
            lambda _, first, last: count_alike(near.indptr, near.indices, classes, known, alike, first, last),
            threads=given.threads,
            sink=given.sink,
            cancel=given.cancel,
        )
        values = np.divide(alike, known, out=np.full(len(known), np.nan), where=known > 0)
        summary = spread(values)
        if not summary:
            return Found(values, "No node has a known class beside a neighbour with one.")
        opposite = int((values < 0.5).sum())
        words = (
            f"{summary['mean']:.0%} of a node's neighbours have its class on average; "
            f"at {opposite:,} node{'' if opposite == 1 else 's'} most of them differ."
        )
        return Found(values, words, {**summary, "mostly_different": opposite})
