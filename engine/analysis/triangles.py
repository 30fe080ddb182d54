"""How many triangles nodes are part of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.analysis.structure import Neighbours, in_pieces, lanes_of
from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent


def triangles(
    near: Neighbours, *, threads: int = 1, sink: EventSink = silent, cancel: CancelToken | None = None
) -> npt.NDArray[np.int64]:
    """Return the number of triangles at each node, int64 [N].

    Every edge is kept at its end of smaller degree only, so a row is short even at hubs and each triangle is met once:
    O(E^1.5) steps.

    Raises: Cancelled: `cancel` was asked for.
    Source: Latapy (2008), Main-memory triangle computations for very large graphs, section 3.
    """
    from engine.analysis.kernels import count_triangles, forward_counts, forward_entries

    n = near.num_nodes
    starts = np.zeros(n + 1, np.int64)
    in_pieces(
        near.indptr,
        lambda _, first, last: forward_counts(near.indptr, near.indices, starts[1:], first, last),
        threads=threads,
        cancel=cancel,
    )
    np.cumsum(starts, out=starts)
    kept = np.empty(int(starts[-1]), np.int32)
    in_pieces(
        near.indptr,
        lambda _, first, last: forward_entries(near.indptr, near.indices, starts, kept, first, last),
        threads=threads,
        cancel=cancel,
    )
    lanes = max(threads, 1)
    counts = [np.zeros(n, np.int64) for _ in range(lanes)]
    marks = [np.zeros(n, np.int32) for _ in range(lanes)]
    in_pieces(
        starts,
        lambda lane, first, last: count_triangles(starts, kept, counts[lane], marks[lane], first, last),
        threads=threads,
        sink=sink,
        cancel=cancel,
    )
    return lanes_of(counts)
