"""A node in the middle, the others on rings by their distance from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order

from engine.core.cancel import CancelToken
from engine.core.component import Config
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import NOTHING, Given, Layout, Positions, unit_edges
from engine.layout._order import both_ways, middles_of
from engine.layout._packing import pack


class Radial(Layout):
    """A node in the middle, all others on rings by the number of edges that lead to it.

    The middle is where all edges begin, if they have a direction and one such node; the middle of a tree; else the most
    connected node. Each node stands within the sector of the node over which it was reached first; a sector is as wide
    as what hangs from it needs. Components stand beside each other.

    Source: Eades (1992), radial drawings of trees, of the tree of a breadth-first search.
    """

    key = "radial"
    label = "Radial tree"

    config: Config

    def place(
        self,
        graph: Graph,
        *,
        seed: int = 0,
        sink: EventSink = silent,
        cancel: CancelToken | None = None,
        on_positions: Callable[[Positions], None] | None = None,
        given: Given = NOTHING,
    ) -> Positions:
        """Place every node; nothing is drawn at random, and there is nothing to stream."""
        token = cancel or CancelToken()
        rows = both_ways(graph)
        parts, members = [], []
        for middle in middles_of(graph, rows):
            token.check()
            nodes, xy = _around(rows, int(middle))
            members.append(nodes)
            parts.append(xy)
        placed = np.zeros((graph.num_nodes, 2))
        for nodes, part in zip(members, pack(parts, 2.0), strict=True):
            placed[nodes] = part
        return unit_edges(placed, graph)


def _around(rows: sp.csr_matrix, middle: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return the nodes of a component in the order of a search from its middle, and their places, [n, 2]."""
    nodes, before = breadth_first_order(rows, middle)
    count = len(nodes)
    place = np.empty(rows.shape[0], np.int64)
    place[nodes] = np.arange(count)
    parent = place[before[nodes[1:]]]
    # Children come after their parents: backwards for what hangs from a node, forwards for where its sector begins.
    leaves = np.ones(count)
    has_child = np.zeros(count, bool)
    has_child[parent] = True
    leaves[has_child] = 0
    depth = np.zeros(count)
    for child in range(count - 1, 0, -1):
        leaves[parent[child - 1]] += leaves[child]
    first, taken = np.zeros(count), np.zeros(count)
    for child in range(1, count):
        above = parent[child - 1]
        first[child] = first[above] + taken[above]
        taken[above] += leaves[child]
        depth[child] = depth[above] + 1
    angle = 2 * np.pi * (first + leaves / 2) / max(float(leaves[0]), 1.0)
    # Rings far enough apart that the leaves of the outermost do not touch.
    ring = max(1.0, float(leaves[0]) / (2 * np.pi * max(float(depth.max()), 1.0)))
    return nodes, np.stack([np.cos(angle), np.sin(angle)], axis=1) * (depth * ring)[:, None]
