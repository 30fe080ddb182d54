"""Nodes in layers, edges from one to the next: for trees and for what has a direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import isotonic_regression
from scipy.sparse.csgraph import breadth_first_order, connected_components

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import NOTHING, Given, Layout, Positions, unit_edges
from engine.layout._order import both_ways, middles_of

Array = npt.NDArray[np.float64]


class Layered(Layout):
    """Layers from top to bottom along the direction of the edges; without a direction, by distance from a middle.

    A node stands one layer below the lowest of those that lead to it; nodes of a cycle share a layer. In a layer, nodes
    are ordered by the mean place of their neighbours in the layer above, then below, in turns, and drawn as near to it
    as order and room allow.

    Source: Sugiyama, Tagawa and Toda (1981): layers, barycentres; places by isotonic regression (Barlow et al. 1972).
    """

    key = "layered"
    label = "Layers"

    class Config(ConfigBase):
        direction: Literal["down", "right"] = option("down", "Where edges lead: down, or to the right.")
        height: float = option(2.0, "Room between two layers, in distances between two nodes.", ge=0.5, le=50)
        sweeps: int = option(8, "How often the order of each layer is bettered.", ge=0, le=100, advanced=True)

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
        if not graph.num_nodes:
            return unit_edges(np.zeros((0, 2)), graph)
        rows = both_ways(graph)
        layer = _by_direction(graph) if graph.directed else _by_distance(rows, middles_of(graph, rows))
        x = _across(rows, layer, self.config.sweeps, token)
        depth = layer * self.config.height
        xy = np.stack([x, -depth] if self.config.direction == "down" else [depth, -x], axis=1)
        return unit_edges(xy, graph)


def _by_direction(graph: Graph) -> npt.NDArray[np.int64]:
    """Return the layer of each node: the longest path that leads to it, its cycle taken as one node."""
    n = graph.num_nodes
    # Row i lists the nodes that lead to i.
    back = sp.csr_matrix((np.ones(graph.num_edges), graph.indices, graph.indptr), shape=(n, n))
    count, knot = connected_components(back, directed=True, connection="strong")
    to, source = knot[np.repeat(np.arange(n), np.diff(graph.indptr))], knot[graph.indices]
    apart = to != source
    ahead = sp.csr_matrix((np.ones(int(apart.sum())), (source[apart], to[apart])), shape=(count, count))
    waits = np.asarray((ahead > 0).sum(axis=0)).ravel()
    layer = np.zeros(count, np.int64)
    ready = np.flatnonzero(waits == 0)
    while len(ready):
        ends = ahead[ready].indices
        origin = np.repeat(ready, np.diff(ahead.indptr)[ready])
        np.maximum.at(layer, ends, layer[origin] + 1)
        np.subtract.at(waits, ends, 1)
        ready = np.unique(ends[waits[ends] == 0])
    return np.asarray(layer[knot])


def _by_distance(rows: sp.csr_matrix, middles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the number of edges from the middle of each component."""
    layer = np.zeros(rows.shape[0], np.int64)
    for middle in middles:
        nodes, before = breadth_first_order(rows, middle)
        for node in nodes[1:]:
            layer[node] = layer[before[node]] + 1
    return layer


def _across(rows: sp.csr_matrix, layer: npt.NDArray[np.int64], sweeps: int, token: CancelToken) -> Array:
    """Return the place of each node in its layer, at least 1 from the next, [N]."""
    n = len(layer)
    _, piece = connected_components(rows, directed=False)
    order = np.lexsort((np.arange(n), piece, layer))
    bounds = np.flatnonzero(np.diff(layer[order], append=-1)) + 1
    layers = np.split(order, bounds[:-1])
    x = np.empty(n)
    for nodes in layers:
        x[nodes] = np.arange(len(nodes)) - (len(nodes) - 1) / 2
    near = rows.tocoo()
    above, below = (
        sp.csr_matrix((np.ones(int(is_so.sum())), (near.row[is_so], near.col[is_so])), shape=(n, n))
        for is_so in (layer[near.col] < layer[near.row], layer[near.col] > layer[near.row])
    )
    for sweep in range(sweeps):
        beside, round_trip = (above, layers) if sweep % 2 == 0 else (below, layers[::-1])
        count = np.diff(beside.indptr)
        for nodes in round_trip:
            token.check()
            wish = np.where(count[nodes] > 0, (beside[nodes] @ x) / np.maximum(count[nodes], 1), x[nodes])
            ranked = np.argsort(wish, kind="stable")
            step = np.arange(len(nodes))
            x[nodes[ranked]] = isotonic_regression(wish[ranked] - step).x + step
    return x
