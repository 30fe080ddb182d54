"""Nodes in rows and columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import NOTHING, Given, Layout, Positions, unit_edges
from engine.layout._order import near_rank
from engine.layout._values import groups_of


class Grid(Layout):
    """Nodes in rows and columns, read from left to right and from top to bottom: to see every node.

    Source: our own.
    """

    key = "grid"
    label = "Grid"

    class Config(ConfigBase):
        order: Literal["file", "neighbours", "degree", "column"] = option(
            "file",
            "file: as the nodes come in the table; neighbours: connected nodes close to each other; degree: most edges "
            "first; column: equal values beside each other.",
        )
        column: str = option(
            "", "Column of the values; empty for the first one that holds groups.", column="any", advanced=True
        )

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
        rank = np.arange(n)
        if self.config.order == "neighbours":
            rank = near_rank(graph)
        elif self.config.order == "degree":
            rank[np.argsort(-graph.degree(), kind="stable")] = np.arange(n)
        elif self.config.order == "column":
            rank[np.argsort(groups_of(given.columns, self.config.column, n), kind="stable")] = np.arange(n)
        wide = max(1, int(np.ceil(np.sqrt(1.5 * n))))
        return unit_edges(np.stack([rank % wide, -(rank // wide)], axis=1).astype(np.float64), graph)
