"""All nodes on a circle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import reverse_cuthill_mckee

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph
from engine.layout._base import Layout, Positions, unit_edges


class Circular(Layout):
    """Nodes on a circle, neighbours near each other: for small graphs, and to see every edge.

    Source: the order is reverse Cuthill-McKee (Cuthill and McKee 1969; George 1971), which keeps edges short.
    """

    key = "circular"
    label = "Circle"

    class Config(ConfigBase):
        order: Literal["neighbours", "file"] = option(
            "neighbours", "neighbours: connected nodes close to each other; file: as the nodes come in the table."
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
    ) -> Positions:
        """Place every node; nothing is drawn at random, and there is nothing to stream."""
        n = graph.num_nodes
        rank = np.arange(n)
        if self.config.order == "neighbours" and graph.num_edges:
            rank[_near_order(graph)] = np.arange(n)
        angle = 2 * np.pi * rank / max(n, 1)
        return unit_edges(np.stack([np.cos(angle), np.sin(angle)], axis=1) * n, graph)


def _near_order(graph: Graph) -> npt.NDArray[np.int32]:
    ones = np.ones(graph.num_edges, np.int8)
    matrix = sp.csr_matrix((ones, graph.indices, graph.indptr), shape=(graph.num_nodes, graph.num_nodes))
    if graph.directed:
        matrix = (matrix + matrix.T).tocsr()
    return np.asarray(reverse_cuthill_mckee(matrix, symmetric_mode=True))
