"""A spoke for each value of a column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import NOTHING, Given, Layout, Positions, unit_edges
from engine.layout._values import groups_of


class Spokes(Layout):
    """A spoke for each value of a column, on it the nodes of that value, those with most edges nearest the middle.

    Source: in the way of Krzywinski et al. (2012, hive plots), with one axis a value and as many as there are.
    """

    key = "spokes"
    label = "Spokes by column"

    class Config(ConfigBase):
        column: str = option("", "Column of the values; empty for the first one that holds groups.", column="any")
        hole: float = option(0.15, "Free middle, as a share of the longest spoke.", ge=0, le=2, advanced=True)

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
        count = int(group.max(initial=0)) + 1
        order = np.lexsort((np.arange(n), -graph.degree(), group))
        sizes = np.bincount(group, minlength=count)
        place = np.empty(n)
        place[order] = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        away = place + 1 + self.config.hole * float(sizes.max())
        angle = 2 * np.pi * group / count
        return unit_edges(np.stack([np.cos(angle), np.sin(angle)], axis=1) * away[:, None], graph)
