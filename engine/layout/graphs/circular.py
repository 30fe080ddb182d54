"""All nodes on a circle."""

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


class Circular(Layout):
    """Nodes on a circle, neighbours near each other: for small graphs, and to see every edge.

    Source: the order is reverse Cuthill-McKee (Cuthill and McKee 1969; George 1971), which keeps edges short.
    """

    key = "circular"
    label = "Circle"

    class Config(ConfigBase):
        order: Literal["neighbours", "file", "column"] = option(
            "neighbours",
            "neighbours: connected nodes close to each other; file: as the nodes come in the table; column: equal "
            "values beside each other.",
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
        rank = np.arange(n) if self.config.order == "file" else near_rank(graph)
        if self.config.order == "column":
            rank[np.lexsort((rank, groups_of(given.columns, self.config.column, n)))] = np.arange(n)
        angle = 2 * np.pi * rank / max(n, 1)
        return unit_edges(np.stack([np.cos(angle), np.sin(angle)], axis=1) * n, graph)
