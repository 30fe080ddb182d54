"""Edges to sparse rows by counting: no sorting of pairs, four bytes an entry, and what was merged is counted.

Each entry is written into its row at once, with one bit for its direction; rows are then sorted on their own, equal
entries merged in place, and the rows moved together. Only the entries themselves are ever held, and where those are
too many for the memory, so many rows at a time as fit: the pairs are gone through once for each stretch of rows, and
the stretches follow each other in a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.core.cancel import CancelToken
from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray, OnDisk, Rows, WeightArray
from engine.graph.store import ArrayWriter
from engine.graph.wide import fetch_ahead

_PAIRS = 1 << 22  # between two looks at the cancel token
_INSERTION = 16  # entries of a row up to which each is moved to its place one by one
_BY_DIGITS = 128  # entries from which sorting by bytes is faster than by comparing
_AHEAD = 8  # pairs: memory is asked for the place of an entry so long before it is written
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
    starts, loops = _counted(pairs, num_nodes, token)
    # One place further on than row starts are: where to write next. Once all is written they are the row starts.
    np.cumsum(starts, out=starts)
    width = 4 if pairs.weight is None else 8
    pieces = 1 if on_disk is None else 1 + int(starts[-1]) * width // max(on_disk.memory, 1 << 20)
    if on_disk is None or pieces == 1:
        piece = _fill_rows(pairs, starts, 0, num_nodes, token)
        rows = Rows(_starts_of(piece.sizes), piece.entries.view(np.int32), piece.values)
        return CountedRows(rows, loops, piece.turned // 2)
    turned, sizes = 0, []
    bounds = _even_rows(starts[1:], pieces)
    with (
        ArrayWriter(on_disk.folder / "indices.npy", np.dtype(np.int32)) as indices,
        ArrayWriter(on_disk.folder / "weight.npy", np.dtype(np.float32), pairs.weight is not None) as weights,
    ):
        for first, last in zip(bounds, bounds[1:], strict=False):
            piece = _fill_rows(pairs, starts, first, last, token)
            indices.add(piece.entries.view(np.int32))
            if piece.values is not None:
                weights.add(piece.values)
            sizes.append(piece.sizes)
            turned += piece.turned
            del piece
    rows = Rows(_starts_of(np.concatenate(sizes)), indices.array(), None if pairs.weight is None else weights.array())
    return CountedRows(rows, loops, turned // 2)


def _counted(pairs: Pairs, num_nodes: int, token: CancelToken) -> tuple[IntArray, int]:
    """Return the number of entries of each row, two places further on, and the number of self-loops."""
    counts = [np.zeros(num_nodes + 2, np.int64) for _ in range(_THREADS)]

    def part(number: int) -> int:
        loops = 0
        for begin in range(number * _PAIRS, len(pairs.source), _THREADS * _PAIRS):
            token.check()
            cut = slice(begin, begin + _PAIRS)
            loops += count_entries(pairs.source[cut], pairs.target[cut], pairs.directed, counts[number])
        return loops

    with ThreadPoolExecutor(_THREADS) as pool:
        loops = sum(pool.map(part, range(_THREADS)))
    for others in counts[1:]:
        counts[0] += others
    return counts[0], loops


def _starts_of(sizes: IntArray) -> IntArray:
    indptr = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=indptr[1:])
    return indptr


@dataclass(frozen=True, slots=True)
class _Piece:
    """Entries, weights and sizes of a stretch of rows, and how many entries were given both ways."""

    entries: np.ndarray
    values: WeightArray | None
    sizes: IntArray
    turned: int


def _fill_rows(pairs: Pairs, starts: IntArray, first: int, last: int, token: CancelToken) -> _Piece:
    """Write, sort and merge the rows first … last-1."""
    base = int(starts[first + 1])
    place = starts - base
    size = int(starts[last + 1]) - base
    entries = np.empty(size, np.uint32)
    values = None if pairs.weight is None else np.empty(size, np.float32)
    bounds = [first + bound for bound in _even_rows(place[first + 1 : last + 2], _THREADS)]
    with ThreadPoolExecutor(_THREADS) as pool:
        for begin in range(0, len(pairs.source), _PAIRS):
            token.check()
            _run(pool, bounds, _writer(pairs, slice(begin, begin + _PAIRS), place, entries, values))
        # Where rows were written to is where each ended, so the row before has to end where the first one begins.
        place[first] = 0
        indptr = place[first : last + 1]
        sizes = np.zeros(last - first, np.int64)
        cuts = _even_rows(indptr, max(_THREADS, size // _PAIRS))
        turned = np.zeros(len(cuts), np.int64)
        tasks = []
        for number, (begin, end) in enumerate(zip(cuts, cuts[1:], strict=False)):
            if values is None:
                tasks.append(pool.submit(sort_rows, indptr, entries, begin, end, sizes, turned, number))
            else:
                tasks.append(pool.submit(sort_weighted, indptr, entries, values, begin, end, sizes, turned, number))
        for task in tasks:
            if token.is_cancelled:
                pool.shutdown(cancel_futures=True)
                token.check()
            task.result()
    kept = move_together(indptr, entries, values if values is not None else np.empty(0, np.float32), sizes)
    entries.resize(kept, refcheck=False)
    if values is not None:
        values.resize(kept, refcheck=False)
    return _Piece(entries, values, sizes, int(turned.sum()))


def _writer(
    pairs: Pairs, cut: slice, place: IntArray, entries: np.ndarray, values: WeightArray | None
) -> Callable[[int, int], None]:
    """Return what writes the entries of some pairs into rows from one to another."""
    source, target = pairs.source[cut], pairs.target[cut]
    if pairs.weight is None or values is None:
        return lambda first, last: write_entries(source, target, pairs.directed, place, entries, first, last)
    weight = pairs.weight[cut]
    return lambda first, last: write_weighted(
        source, target, weight, pairs.directed, place, entries, values, first, last
    )


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
    size = len(source)
    for pair in range(size):
        if pair + 2 * _AHEAD < size:
            fetch_ahead(place, np.int64(source[pair + 2 * _AHEAD]) + 1)
            fetch_ahead(place, np.int64(target[pair + 2 * _AHEAD]) + 1)
            fetch_ahead(entries, place[np.int64(source[pair + _AHEAD]) + 1])
            fetch_ahead(entries, place[np.int64(target[pair + _AHEAD]) + 1])
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
    longest = np.int64(0)
    for row in range(first, last):
        longest = max(longest, indptr[row + 1] - indptr[row])
    spare, counts = np.empty(longest, np.uint32), np.empty(257, np.int64)
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
        elif end - begin < _BY_DIGITS:
            entries[begin:end].sort()
        else:
            _sort_by_digits(entries[begin:end], spare, counts)
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
def _sort_by_digits(row, spare, counts):  # type: ignore[no-untyped-def]  # numba infers types
    """Sort numbers by their bytes, the lowest first. Args: spare: as long as the row. counts: 257 places."""
    size = len(row)
    bits = np.uint32(0)
    for k in range(size):
        bits |= row[k]
    given, taken = row, spare[:size]
    shift = np.uint32(0)
    turns = 0
    while shift < 32 and (bits >> shift) > 0:
        counts[:] = 0
        for k in range(size):
            counts[np.int64((given[k] >> shift) & np.uint32(255)) + 1] += 1
        for before in range(256):
            counts[before + 1] += counts[before]
        for k in range(size):
            digit = np.int64((given[k] >> shift) & np.uint32(255))
            taken[counts[digit]] = given[k]
            counts[digit] += 1
        given, taken = taken, given
        shift += np.uint32(8)
        turns += 1
    if turns % 2 == 1:
        row[:] = spare[:size]


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
