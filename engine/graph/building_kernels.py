"""What building rows does with each entry, compiled: to its bucket, into its row, in order, once."""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled

INSERTION = 16  # entries of a row up to which each is moved to its place one by one
BY_DIGITS = 128  # entries from which sorting by bytes is faster than by comparing


@compiled
def count_buckets(source, target, directed, shift, counts):  # type: ignore[no-untyped-def]  # numba infers types
    """Add the entries of each bucket of rows to counts; return the number of self-loops."""
    loops = 0
    for pair in range(len(source)):
        a, b = np.int64(source[pair]), np.int64(target[pair])
        if a == b:
            loops += 1
            continue
        counts[b >> shift] += 1
        if not directed:
            counts[a >> shift] += 1
    return loops


@compiled
def write_entries(source, target, weight, directed, shift, first, last, places, entries, rows, values):  # type: ignore[no-untyped-def]  # numba infers types
    """Write entries to the buckets first … last-1; places[bucket - first] is where the next one goes.

    Args: entries: uint32, filled: whom a row hears, and in the lowest bit whether the pair said it the other way round.
        rows: uint16, filled: the row's number in its bucket. values: float32, filled with the weights; none of either
        where there is no weight.
    """
    one = np.uint32(1)
    has_weight = len(weight) > 0
    inside = (np.int64(1) << shift) - 1
    for pair in range(len(source)):
        a, b = np.int64(source[pair]), np.int64(target[pair])
        if a == b:
            continue
        bucket = (b >> shift) - first
        if bucket >= 0 and bucket < last - first:
            place = places[bucket]
            entries[place] = np.uint32(a) << one
            rows[place] = b & inside
            if has_weight:
                values[place] = weight[pair]
            places[bucket] = place + 1
        bucket = (a >> shift) - first
        if not directed and bucket >= 0 and bucket < last - first:
            place = places[bucket]
            entries[place] = (np.uint32(b) << one) | one
            rows[place] = a & inside
            if has_weight:
                values[place] = weight[pair]
            places[bucket] = place + 1


@compiled
def _begin_rows(rows, starts):  # type: ignore[no-untyped-def]  # numba infers types
    """Fill in where the next entry of each row goes, one place further on: when all are there these are the starts."""
    starts[:] = 0
    for row in rows:
        starts[np.int64(row) + 2] += 1
    for row in range(2, len(starts)):
        starts[row] += starts[row - 1]


@compiled
def _longest(bounds, first, last):  # type: ignore[no-untyped-def]  # numba infers types
    size = np.int64(0)
    for bucket in range(first, last):
        size = max(size, bounds[bucket + 1] - bounds[bucket])
    return size


@compiled
def sort_buckets(bounds, first, last, shift, rows, sizes, kept, turned, number, entries):  # type: ignore[no-untyped-def]  # numba infers types # noqa: C901 - one loop
    """Put the entries of buckets into rows, sort these, merge equal entries, and drop the bit of direction.

    Args: bounds: where each bucket begins. sizes: of each row, filled. kept: entries of each bucket, filled, at its
        beginning. turned: turned[number] is filled with the entries that were given both ways.
    """
    one = np.uint32(1)
    both = 0
    size = _longest(bounds, first, last)
    found, spare, counts = np.empty(size, np.uint32), np.empty(size, np.uint32), np.empty(257, np.int64)
    starts = np.empty((1 << shift) + 2, np.int64)
    for bucket in range(first, last):
        begin, end = bounds[bucket], bounds[bucket + 1]
        _begin_rows(rows[begin:end], starts)
        for k in range(begin, end):
            row = np.int64(rows[k])
            found[starts[row + 1]] = entries[k]
            starts[row + 1] += 1
        row_of = bucket << shift
        write = begin
        for row in range(min(1 << shift, len(sizes) - row_of)):
            low, high = starts[row], starts[row + 1]
            before = write
            if high - low <= INSERTION:
                for k in range(low + 1, high):
                    entry = found[k]
                    p = k
                    while p > low and found[p - 1] > entry:
                        found[p] = found[p - 1]
                        p -= 1
                    found[p] = entry
            elif high - low < BY_DIGITS:
                found[low:high].sort()
            else:
                _sort_by_digits(found[low:high], spare, counts)
            k = low
            while k < high:
                column = found[k] >> one
                ways = np.int64(0)
                while k < high and (found[k] >> one) == column:
                    ways |= np.int64(1) << np.int64(found[k] & one)
                    k += 1
                entries[write] = column
                write += 1
                if ways == 3:
                    both += 1
            sizes[row_of + row] = write - before
        kept[bucket] = write - begin
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
def sort_weighted(bounds, first, last, shift, rows, sizes, kept, turned, number, entries, values):  # type: ignore[no-untyped-def]  # numba infers types
    """Do the same with weights: those of equal entries are summed in the order in which they were given."""
    one = np.uint32(1)
    both = 0
    size = _longest(bounds, first, last)
    found, amounts = np.empty(size, np.uint32), np.empty(size, np.float32)
    starts = np.empty((1 << shift) + 2, np.int64)
    for bucket in range(first, last):
        begin, end = bounds[bucket], bounds[bucket + 1]
        _begin_rows(rows[begin:end], starts)
        for k in range(begin, end):
            row = np.int64(rows[k])
            found[starts[row + 1]] = entries[k]
            amounts[starts[row + 1]] = values[k]
            starts[row + 1] += 1
        row_of = bucket << shift
        write = begin
        for row in range(min(1 << shift, len(sizes) - row_of)):
            low, high = starts[row], starts[row + 1]
            before = write
            if high - low <= INSERTION:
                for k in range(low + 1, high):
                    entry, amount = found[k], amounts[k]
                    p = k
                    while p > low and (found[p - 1] >> one) > (entry >> one):
                        found[p] = found[p - 1]
                        amounts[p] = amounts[p - 1]
                        p -= 1
                    found[p] = entry
                    amounts[p] = amount
            else:
                order = np.argsort(found[low:high] >> one, kind="mergesort")
                found[low:high] = found[low:high][order]
                amounts[low:high] = amounts[low:high][order]
            k = low
            while k < high:
                column = found[k] >> one
                ways = np.int64(0)
                # In double precision: a merged weight must not depend on how many rows a file repeats.
                total = 0.0
                while k < high and (found[k] >> one) == column:
                    ways |= np.int64(1) << np.int64(found[k] & one)
                    total += np.float64(amounts[k])
                    k += 1
                entries[write] = column
                values[write] = np.float32(total)
                write += 1
                if ways == 3:
                    both += 1
            sizes[row_of + row] = write - before
        kept[bucket] = write - begin
    turned[number] = both


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
