"""What building rows does with each entry, compiled: to its bucket, into its row, in order, once."""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled

_DIGIT = 11  # bits that are sorted by at once: their counts stay in the nearest cache


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
def sort_buckets(bounds, first, last, shift, bits, rows, sizes, kept, turned, number, entries, values):  # type: ignore[no-untyped-def]  # numba infers types # noqa: C901 - one loop
    """Put the entries of buckets into rows, each in order, merge equal ones, and drop the bit of direction.

    A bucket is sorted by some bits at a time, the lowest first, and by row at last. Equals stay in the order in which
    they were given, whatever their direction: the weights of an edge are summed alike in both of its rows.

    Args: bounds: where each bucket begins. bits: that an entry has at most. rows: of each entry in its bucket. sizes:
        of each row, zero, filled. kept: entries of each bucket, filled, at its beginning. turned: turned[number] is
        filled with the entries that were given both ways. values: weights of the entries, or none.
    """
    one = np.uint64(1)
    has_values = len(values) > 0
    both = 0
    size = np.int64(0)
    for bucket in range(first, last):
        size = max(size, bounds[bucket + 1] - bounds[bucket])
    given, taken = np.empty(size, np.uint64), np.empty(size, np.uint64)
    amounts = np.empty(size if has_values else 0, np.float32)
    others = np.empty_like(amounts)
    counts = np.empty(max(1 << _DIGIT, 1 << shift) + 1, np.int64)
    for bucket in range(first, last):
        begin = bounds[bucket]
        size = bounds[bucket + 1] - begin
        for k in range(size):
            given[k] = (np.uint64(rows[begin + k]) << np.uint64(32)) | np.uint64(entries[begin + k])
            if has_values:
                amounts[k] = values[begin + k]
        low = 1
        while low <= 32:
            # The last turn is by row.
            low_bit, places = np.uint64(low), 1 << (shift if low == 32 else _DIGIT)
            wanted = np.uint64(places - 1)
            counts[: places + 1] = 0
            for k in range(size):
                counts[np.int64((given[k] >> low_bit) & wanted) + 1] += 1
            for place in range(places):
                counts[place + 1] += counts[place]
            for k in range(size):
                digit = np.int64((given[k] >> low_bit) & wanted)
                taken[counts[digit]] = given[k]
                if has_values:
                    others[counts[digit]] = amounts[k]
                counts[digit] += 1
            given, taken = taken, given
            amounts, others = others, amounts
            low = low + _DIGIT if low + _DIGIT < bits else (32 if low < 32 else 33)
        write, k = begin, 0
        row_of = bucket << shift
        while k < size:
            pair = given[k] >> one
            ways = np.int64(0)
            # In double precision: a merged weight must not depend on how many rows a file repeats.
            total = 0.0
            while k < size and (given[k] >> one) == pair:
                ways |= np.int64(1) << np.int64(given[k] & one)
                if has_values:
                    total += np.float64(amounts[k])
                k += 1
            entries[write] = np.uint32(pair & np.uint64(0x7FFFFFFF))
            if has_values:
                values[write] = np.float32(total)
            write += 1
            sizes[row_of + np.int64(pair >> np.uint64(31))] += 1
            if ways == 3:
                both += 1
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
