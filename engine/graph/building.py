"""Edges to sparse rows by counting: no sorting of pairs, four bytes an entry, and what was merged is counted.

Each entry is written into its row at once, with one bit for its direction; rows are then sorted on their own, equal
entries merged in place, and the rows moved together. Only the entries themselves are ever held.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.core.cancel import CancelToken
from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray, Rows, WeightArray

_PAIRS = 1 << 22  # between two looks at the cancel token
_INSERTION = 24  # entries of a row up to which each is moved to its place one by one
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


def count_into_rows(
    source: IndexArray,
    target: IndexArray,
    num_nodes: int,
    *,
    weight: WeightArray | None = None,
    directed: bool = False,
    cancel: CancelToken | None = None,
) -> CountedRows:
    """Put edges into rows by target, undirected ones by source as well; see `engine.graph.graph.build_graph`.

    Args: source, target: int32 [M], below num_nodes. weight: float32 [M], summed over equal pairs. cancel: checked
        now and then.
    Raises: Cancelled.
    """
    token = cancel or CancelToken()
    indptr = np.zeros(num_nodes + 2, np.int64)
    loops = 0
    for begin in range(0, len(source), _PAIRS):
        token.check()
        loops += count_entries(source[begin : begin + _PAIRS], target[begin : begin + _PAIRS], directed, indptr)
    np.cumsum(indptr, out=indptr)
    # Shifted by one, the starts are where to write; once all is written they are the starts again.
    size = int(indptr[-1])
    entries = np.empty(size, np.uint32)
    values = None if weight is None else np.empty(size, np.float32)
    bounds = _even_rows(indptr[1:], _THREADS)
    with ThreadPoolExecutor(_THREADS) as pool:
        for begin in range(0, len(source), _PAIRS):
            token.check()
            cut = slice(begin, begin + _PAIRS)
            pairs = (source[cut], target[cut])
            if weight is None or values is None:
                _run(pool, bounds, lambda a, b: write_entries(*pairs, directed, indptr, entries, a, b))  # noqa: B023 - done within the turn
            else:
                weights = weight[cut]
                _run(
                    pool,
                    bounds,
                    lambda a, b: write_weighted(*pairs, weights, directed, indptr, entries, values, a, b),  # noqa: B023 - as above
                )
        indptr = indptr[:-1]
        sizes = np.zeros(num_nodes, np.int64)
        pieces = _even_rows(indptr, max(_THREADS, size // _PAIRS))
        turned = np.zeros(len(pieces), np.int64)
        tasks = []
        for number, (first, last) in enumerate(zip(pieces, pieces[1:], strict=False)):
            if values is None:
                tasks.append(pool.submit(sort_rows, indptr, entries, first, last, sizes, turned, number))
            else:
                tasks.append(pool.submit(sort_weighted, indptr, entries, values, first, last, sizes, turned, number))
        for task in tasks:
            task.result()
            if token.is_cancelled:
                for other in tasks:
                    other.cancel()
        token.check()
    kept = move_together(indptr, entries, values if values is not None else np.empty(0, np.float32), sizes)
    entries.resize(kept, refcheck=False)
    if values is not None:
        values.resize(kept, refcheck=False)
    np.cumsum(sizes, out=indptr[1:])
    rows = Rows(indptr, entries.view(np.int32), values)
    return CountedRows(rows, loops, int(turned.sum()) // 2)


def _run(pool: ThreadPoolExecutor, bounds: list[int], work: Callable[[int, int], None]) -> None:
    tasks = [pool.submit(work, first, last) for first, last in zip(bounds, bounds[1:], strict=False)]
    for task in tasks:
        task.result()


def _even_rows(indptr: IntArray, pieces: int) -> list[int]:
    """Return bounds of stretches of rows that hold about as many entries each."""
    wanted = np.linspace(0, int(indptr[-1]), pieces + 1)[1:-1]
    inner = np.searchsorted(indptr, wanted)
    return [0, *inner.tolist(), len(indptr) - 1]


def first_repeat_in_rows(
    source: IndexArray, target: IndexArray, indptr: IntArray, indices: IndexArray, directed: bool
) -> int:
    """Return the first pair that repeats an earlier one, -1 without any; self-loops do not count."""
    seen = np.zeros(len(indices) // 8 + 1, np.uint8)
    return int(find_repeat(source, target, indptr, indices, directed, seen))


@compiled
def count_entries(source, target, directed, counts):  # type: ignore[no-untyped-def]  # numba infers types
    """Add the entries of each row to counts[row + 2]; return the number of self-loops."""
    loops = 0
    for pair in range(len(source)):
        a, b = source[pair], target[pair]
        if a == b:
            loops += 1
            continue
        counts[np.int64(b) + 2] += 1
        if not directed:
            counts[np.int64(a) + 2] += 1
    return loops


@compiled
def write_entries(source, target, directed, place, entries, first, last):  # type: ignore[no-untyped-def]  # numba infers types
    """Write the entries of rows first … last-1; place[row + 1] is where the next one goes."""
    one = np.uint32(1)
    for pair in range(len(source)):
        a, b = np.int64(source[pair]), np.int64(target[pair])
        if a == b:
            continue
        if b >= first and b < last:
            entries[place[b + 1]] = np.uint32(a) << one
            place[b + 1] += 1
        if not directed and a >= first and a < last:
            entries[place[a + 1]] = (np.uint32(b) << one) | one
            place[a + 1] += 1


@compiled
def write_weighted(source, target, weight, directed, place, entries, values, first, last):  # type: ignore[no-untyped-def]  # numba infers types
    """Write entries with their weights, as `write_entries` does."""
    one = np.uint32(1)
    for pair in range(len(source)):
        a, b = np.int64(source[pair]), np.int64(target[pair])
        if a == b:
            continue
        if b >= first and b < last:
            entries[place[b + 1]] = np.uint32(a) << one
            values[place[b + 1]] = weight[pair]
            place[b + 1] += 1
        if not directed and a >= first and a < last:
            entries[place[a + 1]] = (np.uint32(b) << one) | one
            values[place[a + 1]] = weight[pair]
            place[a + 1] += 1


@compiled
def sort_rows(indptr, entries, first, last, sizes, turned, number):  # type: ignore[no-untyped-def]  # numba infers types
    """Sort rows, merge equal entries to the front of each, and drop the bit of direction."""
    one = np.uint32(1)
    both = 0
    for row in range(first, last):
        begin, end = indptr[row], indptr[row + 1]
        if end - begin <= _INSERTION:
            for k in range(begin + 1, end):
                entry = entries[k]
                p = k
                while p > begin and entries[p - 1] > entry:
                    entries[p] = entries[p - 1]
                    p -= 1
                entries[p] = entry
        else:
            entries[begin:end].sort()
        write = begin
        k = begin
        while k < end:
            column = entries[k] >> one
            ways = np.int64(0)
            while k < end and (entries[k] >> one) == column:
                ways |= np.int64(1) << np.int64(entries[k] & one)
                k += 1
            entries[write] = column
            write += 1
            if ways == 3:
                both += 1
        sizes[row] = write - begin
    turned[number] = both


@compiled
def sort_weighted(indptr, entries, values, first, last, sizes, turned, number):  # type: ignore[no-untyped-def]  # numba infers types
    """Sort rows with their weights, as `sort_rows` does; weights of equal entries are summed as they were given."""
    one = np.uint32(1)
    both = 0
    for row in range(first, last):
        begin, end = indptr[row], indptr[row + 1]
        if end - begin <= _INSERTION:
            for k in range(begin + 1, end):
                entry, value = entries[k], values[k]
                p = k
                while p > begin and (entries[p - 1] >> one) > (entry >> one):
                    entries[p] = entries[p - 1]
                    values[p] = values[p - 1]
                    p -= 1
                entries[p] = entry
                values[p] = value
        else:
            order = np.argsort(entries[begin:end] >> one, kind="mergesort")
            entries[begin:end] = entries[begin:end][order]
            values[begin:end] = values[begin:end][order]
        write = begin
        k = begin
        while k < end:
            column = entries[k] >> one
            ways = np.int64(0)
            # In double precision: a merged weight must not depend on how many rows a file repeats.
            total = 0.0
            while k < end and (entries[k] >> one) == column:
                ways |= np.int64(1) << np.int64(entries[k] & one)
                total += np.float64(values[k])
                k += 1
            entries[write] = column
            values[write] = np.float32(total)
            write += 1
            if ways == 3:
                both += 1
        sizes[row] = write - begin
    turned[number] = both


@compiled
def move_together(indptr, entries, values, sizes):  # type: ignore[no-untyped-def]  # numba infers types
    """Close the gaps between rows that were merged; return the number of entries."""
    has_values = len(values) > 0
    write = 0
    for row in range(len(sizes)):
        begin = indptr[row]
        if begin == write:
            write += sizes[row]
            continue
        for k in range(begin, begin + sizes[row]):
            entries[write] = entries[k]
            if has_values:
                values[write] = values[k]
            write += 1
    return write


@compiled
def find_repeat(source, target, indptr, indices, directed, seen):  # type: ignore[no-untyped-def]  # numba infers types
    """Return the first pair whose entry was seen before, -1 without any. Args: seen: one bit an entry, zero."""
    for pair in range(len(source)):
        a, b = np.int64(source[pair]), np.int64(target[pair])
        if a == b:
            continue
        row, column = (b, a) if directed or b < a else (a, b)
        low, high = indptr[row], indptr[row + 1]
        while low < high:
            middle = (low + high) // 2
            if indices[middle] < column:
                low = middle + 1
            else:
                high = middle
        bit = np.uint8(1) << np.uint8(low & 7)
        if seen[low >> 3] & bit:
            return pair
        seen[low >> 3] |= bit
    return -1
