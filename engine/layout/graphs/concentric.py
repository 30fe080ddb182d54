"""The most connected nodes in the middle."""

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


class Concentric(Layout):
    """Nodes on rings by how many edges they have, the most connected in the middle.

    A ring has as many places as its length allows; on a ring, connected nodes come near each other.

    Source: our own; the order on a ring is reverse Cuthill-McKee (Cuthill and McKee 1969; George 1971).
    """

    key = "concentric"
    label = "Rings by degree"

    class Config(ConfigBase):
        width: float = option(1.5, "Room between two rings, in distances between two nodes of a ring.", ge=1, le=20)

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
        order = np.lexsort((np.arange(n), -graph.degree()))
        near = near_rank(graph)
        xy = np.zeros((n, 2))
        first, ring = 1, 1
        while first < n:
            radius = ring * self.config.width
            places = order[first : first + int(2 * np.pi * radius)]
            places = places[np.argsort(near[places], kind="stable")]
            angle = 2 * np.pi * np.arange(len(places)) / max(len(places), 1)
            xy[places] = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius
            first, ring = first + len(places), ring + 1
        return unit_edges(xy, graph)
