"""Into how many pieces a graph falls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.analysis.structure import in_pieces
from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.graph.graph import Graph


def components(graph: Graph, *, sink: EventSink = silent, cancel: CancelToken | None = None) -> npt.NDArray[np.int64]:
    """Return the number of the component of each node, int64 [N]; 0 is the largest, ties by first node.

    The direction of edges does not matter (weakly connected components).

    Raises: Cancelled: `cancel` was asked for.
    """
    from engine.analysis.kernels import join_components, root_of_each

    n = graph.num_nodes
    if not n:
        return np.empty(0, np.int64)
    parent = np.arange(n, dtype=np.int32)

    def join(_lane: int, first: int, last: int) -> None:
        join_components(graph.indptr, graph.indices, parent, not graph.directed, first, last)

    in_pieces(graph.indptr, join, sink=sink, cancel=cancel)
    root_of_each(parent)
    # The root is the first node of its component, so roots in ascending order are components by first node.
    roots = np.flatnonzero(parent == np.arange(n, dtype=np.int32))
    sizes = np.bincount(parent, minlength=n)[roots]
    rank = np.empty(n, np.int64)
    rank[roots[np.argsort(-sizes, kind="stable")]] = np.arange(len(roots))
    return np.asarray(rank[parent])
