"""A ring for each value of a column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import NOTHING, Given, Layout, Positions, unit_edges
from engine.layout._order import near_rank
from engine.layout._values import groups_of


class Rings(Layout):
    """A ring of its own for each value of a column, the rarest value in the middle.

    On a ring, connected nodes come near each other. A ring is as long as its nodes need.

    Source: our own; the order on a ring is reverse Cuthill-McKee (Cuthill and McKee 1969; George 1971).
    """

    key = "rings"
    label = "Rings by column"

    class Config(ConfigBase):
        column: str = option("", "Column of the values; empty for the first one that holds groups.", column="any")

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
        n = graph.num_nodes
        group = groups_of(given.columns, self.config.column, n)
        near = near_rank(graph)
        xy = np.zeros((n, 2))
        radius = 0.0
        for one in range(int(group.max(initial=-1)), -1, -1):
            nodes = np.flatnonzero(group == one)
            nodes = nodes[np.argsort(near[nodes], kind="stable")]
            step = max(1.0, 0.1 * radius)
            radius = max(radius + step, len(nodes) / (2 * np.pi)) if len(nodes) > 1 or radius else 0.0
            angle = 2 * np.pi * np.arange(len(nodes)) / max(len(nodes), 1)
            xy[nodes] = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius
        return unit_edges(xy, graph)
