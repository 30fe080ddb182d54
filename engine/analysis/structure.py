"""Who is joined to whom, whatever the direction; and work on rows in pieces, side by side."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, Progress, silent
from engine.graph.csr import IndexArray, IntArray, row_of_entry
from engine.graph.graph import Graph

PIECES = 32  # of the rows: so often cancelling is looked at, and no thread waits long for another


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Compressed rows of a symmetric graph.

    Args: indptr: int64 [N+1]. indices: int32 [E], neighbours of each node, ascending, each once, never the node itself.
    """

    indptr: IntArray
    indices: IndexArray

    @property
    def num_nodes(self) -> int:
        """Number of nodes."""
        return len(self.indptr) - 1

    def degree(self) -> IntArray:
        """Return the number of neighbours, int64 [N]."""
        return np.diff(self.indptr)


def neighbours(graph: Graph) -> Neighbours:
    """Return the neighbours of all nodes; the graph's own arrays where it is undirected and has no self-loop."""
    from engine.analysis.kernels import has_loop

    indptr, indices = graph.indptr, graph.indices
    if graph.directed:
        import scipy.sparse as sp

        n = graph.num_nodes
        one_way = sp.csr_matrix((np.ones(len(indices), bool), indices, indptr), shape=(n, n))
        both = (one_way + one_way.T).tocsr()
        both.sort_indices()
        indptr, indices = both.indptr.astype(np.int64), both.indices.astype(np.int32)
    if has_loop(indptr, indices):
        row = row_of_entry(indptr)
        is_loop = indices == row
        indptr = indptr - np.concatenate([[0], np.cumsum(np.bincount(row[is_loop], minlength=graph.num_nodes))])
        indices = indices[~is_loop]
    return Neighbours(indptr, indices)


def in_pieces(
    indptr: IntArray,
    work: Callable[[int, int, int], object],
    *,
    threads: int = 1,
    sink: EventSink = silent,
    cancel: CancelToken | None = None,
) -> None:
    """Call `work(lane, first, last)` on pieces of the rows that hold about as many entries each.

    Args: indptr: where the rows start. work: does rows first … last-1, without the interpreter's lock; calls of one
        lane never overlap, so a lane may have arrays of its own. threads: number of lanes. sink: told of progress.
    Raises: Cancelled: between two pieces.
    """
    token = cancel or CancelToken()
    inner = np.searchsorted(indptr, np.linspace(0, indptr[-1], PIECES + 1)[1:-1])
    cuts = np.unique([0, *inner, len(indptr) - 1])
    pieces = list(itertools.pairwise(int(cut) for cut in cuts))
    waiting = iter(enumerate(pieces))  # the iterator of a list hands every piece out once, whoever asks

    def lane(number: int) -> None:
        for done, (first, last) in waiting:
            token.check()
            work(number, first, last)
            sink(Progress(done + 1, len(pieces), "parts"))

    if threads < 2:
        lane(0)
        return
    with ThreadPoolExecutor(threads) as pool:
        for ended in [pool.submit(lane, number) for number in range(threads)]:
            ended.result()


def lanes_of(values: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Return the sum of what the lanes counted apart."""
    total = values[0]
    for more in values[1:]:
        total = total + more
    return total
