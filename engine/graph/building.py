"""Edges to sparse rows by counting: no sorting of pairs, four bytes an entry, and what was merged is counted.

Rows are taken together to buckets, so many at a time as a processor's own cache holds. Entries are first written to
their bucket, behind each other, with one bit for their direction; then each bucket is put in order by its rows, each
row sorted and equal entries merged, and the buckets moved together. Only the entries themselves are ever held, and
where those are too many for the memory, so many buckets at a time as fit: the pairs are gone through once for each
stretch of rows, and the stretches follow each other in a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.cancel import CancelToken
from engine.graph.building_kernels import count_buckets, find_repeat, sort_buckets, write_entries
from engine.graph.csr import IndexArray, IntArray, OnDisk, Rows, WeightArray
from engine.graph.store import ArrayWriter

_PAIRS = 1 << 22  # between two looks at the cancel token
# Buckets that are written to side by side: each has a line of the nearest cache.
_BUCKETS = 256
# Entries of a bucket below which more buckets do not pay.
_LEAST = 1 << 14
_MOST_BITS = 16  # of a row's number in its bucket
_NONE = np.empty(0, np.float32)
_THREADS = max(1, min(4, os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class CountedRows:
    """Rows, and what became of the pairs.

    Args: rows: ascending, each pair once. self_loops: pairs of a node with itself, left out. turned: merged pairs
        that were given in both directions.
    """

    rows: Rows
    self_loops: int
    turned: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Edges as they were given: source and target int32 [M], weight float32 [M] or None; mapped from a file or not."""

    source: IndexArray
    target: IndexArray
    weight: WeightArray | None
    directed: bool


def count_into_rows(
    pairs: Pairs, num_nodes: int, *, on_disk: OnDisk | None = None, cancel: CancelToken | None = None
) -> CountedRows:
    """Put edges into rows by target, undirected ones by source as well; see `engine.graph.graph.build_graph`.

    Args: pairs: below num_nodes; weights of equal ones are summed. on_disk: where entries go that do not fit; None
        keeps all in memory. cancel: checked now and then.
    Raises: Cancelled. OSError: the disk is full.
    """
    token = cancel or CancelToken()
    with ThreadPoolExecutor(_THREADS) as pool:
        work = _Work(pairs, num_nodes, pool, token)
        bounds = work.stretches(on_disk)
        if on_disk is None or len(bounds) == 2:
            piece = work.rows(0, work.buckets)
            rows = Rows(_starts_of(piece.sizes), piece.entries.view(np.int32), piece.values)
            return CountedRows(rows, work.loops, piece.turned // 2)
        turned, sizes = 0, []
        with (
            ArrayWriter(on_disk.folder / "indices.npy", np.dtype(np.int32)) as indices,
            ArrayWriter(on_disk.folder / "weight.npy", np.dtype(np.float32), pairs.weight is not None) as weights,
        ):
            for first, last in zip(bounds, bounds[1:], strict=False):
                piece = work.rows(first, last)
                indices.add(piece.entries.view(np.int32))
                if piece.values is not None:
                    weights.add(piece.values)
                sizes.append(piece.sizes)
                turned += piece.turned
                del piece
    starts = _starts_of(np.concatenate(sizes))
    rows = Rows(starts, indices.array(), None if pairs.weight is None else weights.array())
    return CountedRows(rows, work.loops, turned // 2)


def _starts_of(sizes: IntArray) -> IntArray:
    indptr = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=indptr[1:])
    return indptr


@dataclass(frozen=True, slots=True)
class _Piece:
    """Entries, weights and sizes of a stretch of rows, and how many entries were given both ways."""

    entries: npt.NDArray[np.uint32]
    values: WeightArray | None
    sizes: IntArray
    turned: int


class _Work:
    """Pairs on their way into rows. `buckets` is how many there are, `loops` the number of self-loops.

    Every thread has a part of the pairs and knows where its entries of each bucket go, behind those of the parts
    before: the same order whatever the number of threads.
    """

    def __init__(self, pairs: Pairs, num_nodes: int, pool: ThreadPoolExecutor, token: CancelToken) -> None:
        self._pairs, self._num_nodes, self._pool, self._token = pairs, num_nodes, pool, token
        self._shift = _row_bits(num_nodes, len(pairs.source))
        self.buckets = max(1, -(-num_nodes // (1 << self._shift)))
        self._cuts = np.linspace(0, len(pairs.source), _THREADS + 1).astype(np.int64).tolist()
        self._counts = np.zeros((_THREADS, self.buckets), np.int64)
        self.loops = sum(self._by_parts(self._count))

    def stretches(self, on_disk: OnDisk | None) -> list[int]:
        """Return bounds of stretches of buckets, each of which fits into the memory that entries may take."""
        ends = np.cumsum(self._counts.sum(axis=0))
        each = 6 if self._pairs.weight is None else 10
        pieces = 1 if on_disk is None else 1 + int(ends[-1]) * each // max(on_disk.memory, 1 << 20)
        return _even(np.concatenate([[0], ends]), pieces)

    def rows(self, first: int, last: int) -> _Piece:
        """Make the rows of the buckets first … last-1."""
        counts = self._counts[:, first:last]
        # Bucket by bucket, and in each one part of the pairs behind the other.
        ends = np.cumsum(counts.T.ravel()).reshape(counts.shape[::-1]).T
        # Each thread's own lie together: what several write to is slow.
        places = np.ascontiguousarray(ends - counts)
        bounds = np.append(places[0], counts.sum())
        size = int(bounds[-1])
        entries, rows = np.empty(size, np.uint32), np.empty(size, np.uint16)
        values = None if self._pairs.weight is None else np.empty(size, np.float32)
        write = partial(self._write, places=places, first=first, last=last, entries=entries, rows=rows, values=values)
        self._by_parts(write)
        num_rows = min(last << self._shift, self._num_nodes) - (first << self._shift)
        sizes, kept = np.zeros(num_rows, np.int64), np.zeros(last - first, np.int64)
        cuts = _even(bounds, max(_THREADS, size // _PAIRS))
        turned = np.zeros(len(cuts), np.int64)
        tasks: list[Future[Any]] = []  # Any: compiled code returns nothing
        bits = max(1, (self._num_nodes - 1).bit_length()) + 1
        for number, (begin, end) in enumerate(zip(cuts, cuts[1:], strict=False)):
            facts = (bounds, begin, end, self._shift, bits, rows, sizes, kept, turned, number, entries)
            tasks.append(self._pool.submit(sort_buckets, *facts, _NONE if values is None else values))
        self._wait(tasks)
        del rows
        _move_together(entries, bounds, kept)
        entries.resize(int(kept.sum()), refcheck=False)
        if values is not None:
            _move_together(values, bounds, kept)
            values.resize(int(kept.sum()), refcheck=False)
        return _Piece(entries, values, sizes, int(turned.sum()))

    def _by_parts(self, work: Callable[[int, slice], int]) -> list[int]:
        """Do work for all pairs, each part on a thread. Args: work: of a part's number and a stretch of its pairs."""

        def whole(part: int) -> int:
            found = 0
            for begin in range(self._cuts[part], self._cuts[part + 1], _PAIRS):
                self._token.check()
                found += work(part, slice(begin, min(begin + _PAIRS, self._cuts[part + 1])))
            return found

        return self._wait([self._pool.submit(whole, part) for part in range(_THREADS)])

    def _wait(self, tasks: list[Future[Any]]) -> list[Any]:  # Any: what the tasks return
        try:
            found = []
            for task in tasks:
                self._token.check()
                found.append(task.result())
            return found
        finally:
            for task in tasks:
                task.cancel()

    def _count(self, part: int, cut: slice) -> int:
        pairs = self._pairs
        loops: int = count_buckets(
            pairs.source[cut], pairs.target[cut], pairs.directed, self._shift, self._counts[part]
        )
        return loops

    def _write(
        self,
        part: int,
        cut: slice,
        *,
        places: IntArray,
        first: int,
        last: int,
        entries: npt.NDArray[np.uint32],
        rows: npt.NDArray[np.uint16],
        values: WeightArray | None,
    ) -> int:
        pairs = self._pairs
        weight = _NONE if pairs.weight is None else pairs.weight[cut]
        facts = (pairs.directed, self._shift, first, last, places[part], entries, rows)
        write_entries(pairs.source[cut], pairs.target[cut], weight, *facts, _NONE if values is None else values)
        return 0


def _row_bits(num_nodes: int, num_pairs: int) -> int:
    """Return how many bits number a row in its bucket."""
    buckets = max(1, min(_BUCKETS, 2 * num_pairs // _LEAST))
    return min(_MOST_BITS, ((num_nodes - 1) // buckets).bit_length())


def _even(starts: IntArray, pieces: int) -> list[int]:
    """Return bounds of stretches that hold about as many entries each; no stretch is empty of buckets."""
    wanted = np.linspace(0, int(starts[-1]), pieces + 1)[1:-1]
    return sorted({0, *np.searchsorted(starts, wanted).tolist(), len(starts) - 1})


def _move_together(array: npt.NDArray[Any], bounds: IntArray, kept: IntArray) -> None:
    """Close the gaps behind buckets that became smaller. Any: entries or weights."""
    write = 0
    for begin, count in zip(bounds.tolist(), kept.tolist(), strict=False):
        if begin != write:
            array[write : write + count] = array[begin : begin + count]
        write += count


def first_repeat_in_rows(
    source: IndexArray, target: IndexArray, indptr: IntArray, indices: IndexArray, directed: bool
) -> int:
    """Return the first pair that repeats an earlier one, -1 without any; self-loops do not count."""
    seen = np.zeros(len(indices) // 8 + 1, np.uint8)
    return int(find_repeat(source, target, indptr, indices, directed, seen))
