"""Loops over compressed rows, compiled: components, cores, triangles, random walks, shortest paths.

Everything here trusts its arrays: `engine.graph.csr.check_rows` comes first. One call does rows first … last-1, so that
long work can be cancelled between calls and shared among threads.
"""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled
from engine.graph.wide import fetch_ahead

_AHEAD = 16  # nodes of a queue: far enough for memory to answer


@compiled
def has_loop(indptr, indices):  # type: ignore[no-untyped-def]  # numba infers
    """Say whether any row lists itself."""
    for r in range(len(indptr) - 1):
        for e in range(indptr[r], indptr[r + 1]):
            if indices[e] == r:
                return True
    return False


@compiled
def join_components(indptr, indices, parent, is_mirrored, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Join the trees of both ends of every entry; the root of a tree is its smallest node.

    is_mirrored: every entry is there in both directions, so one of them is enough.
    """
    for r in range(first, last):
        for e in range(indptr[r], indptr[r + 1]):
            b = indices[e]
            if is_mirrored and b > r:
                break
            a = parent[r]
            while parent[a] != a:
                parent[a] = parent[parent[a]]
                a = parent[a]
            while parent[b] != b:
                parent[b] = parent[parent[b]]
                b = parent[b]
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b


@compiled
def root_of_each(parent):  # type: ignore[no-untyped-def]  # numba infers
    """Let every node point to the root of its tree; parents are never larger than their children."""
    for r in range(len(parent)):
        parent[r] = parent[parent[r]]


@compiled
def peel(indptr, indices, left, waiting, queue, level):  # type: ignore[no-untyped-def]  # numba infers
    """Take away all nodes with at most `level` neighbours left, again and again until there is none.

    left: int32 [N], neighbours left; becomes the core number of a node that is taken away (at most `level`, and no
    longer counted down). waiting: nodes still there; those that stay are moved to its front. queue: int32 [N + 1], any.
    Returns: how many stay, and the fewest neighbours that one of them has left.
    """
    # Written without branches, which are taken at random here: what does not count is overwritten by the next.
    end = 0
    for i in range(len(waiting)):
        v = waiting[i]
        is_taken = left[v] <= level
        left[v] = level if is_taken else left[v]
        queue[end] = v
        end += is_taken
    at = 0
    while at < end:
        if at + _AHEAD < end:
            fetch_ahead(indptr, np.int64(queue[at + _AHEAD]))
            fetch_ahead(indices, indptr[queue[at + _AHEAD // 2]])
        v = queue[at]
        at += 1
        for e in range(indptr[v], indptr[v + 1]):
            w = indices[e]
            before = left[w]
            left[w] = before - (before > level)
            queue[end] = w
            end += before == level + 1
    kept = 0
    fewest = np.int32(2147483647)
    for i in range(len(waiting)):
        v = waiting[i]
        stays = left[v] > level
        waiting[kept] = v
        kept += stays
        fewest = min(fewest, left[v]) if stays else fewest
    return kept, fewest


@compiled
def forward_counts(indptr, indices, counts, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Count for each row the neighbours that come later in the order by degree (then by number)."""
    for r in range(first, last):
        own = indptr[r + 1] - indptr[r]
        found = 0
        for e in range(indptr[r], indptr[r + 1]):
            j = indices[e]
            other = indptr[j + 1] - indptr[j]
            if other > own or (other == own and j > r):
                found += 1
        counts[r] = found


@compiled
def forward_entries(indptr, indices, starts, kept, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Write the neighbours counted by `forward_counts`, row by row."""
    for r in range(first, last):
        own = indptr[r + 1] - indptr[r]
        at = starts[r]
        for e in range(indptr[r], indptr[r + 1]):
            j = indices[e]
            other = indptr[j + 1] - indptr[j]
            if other > own or (other == own and j > r):
                kept[at] = j
                at += 1


@compiled
def count_triangles(starts, kept, counts, mark, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Add every triangle whose first node lies in these rows to each of its three nodes.

    mark: int32 [N], zeros at first, of this thread alone.
    """
    for r in range(first, last):
        if starts[r + 1] - starts[r] < 2:
            continue
        for e in range(starts[r], starts[r + 1]):
            mark[kept[e]] = r + 1
        for e in range(starts[r], starts[r + 1]):
            j = kept[e]
            found = 0
            for f in range(starts[j], starts[j + 1]):
                k = kept[f]
                if mark[k] == r + 1:
                    found += 1
                    counts[k] += 1
            counts[j] += found
            counts[r] += found


@compiled
def pull(indptr, indices, given, base, damping, old, new, change, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill new[r] = base + damping * sum of given[j] over row r, and change[r] = |new[r] - old[r]|."""
    for r in range(first, last):
        total = 0.0
        for e in range(indptr[r], indptr[r + 1]):
            total += given[indices[e]]
        new[r] = base + damping * total
        change[r] = abs(new[r] - old[r])


@compiled
def pull_weighted(indptr, indices, weight, given, base, damping, old, new, change, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Fill the same as `pull`, every entry counted by its weight."""
    for r in range(first, last):
        total = 0.0
        for e in range(indptr[r], indptr[r + 1]):
            total += weight[e] * given[indices[e]]
        new[r] = base + damping * total
        change[r] = abs(new[r] - old[r])


@compiled
def count_alike(indptr, indices, classes, known, alike, first, last):  # type: ignore[no-untyped-def]  # numba infers
    """Count for each node with a class its neighbours that have one, and those of them that have the same."""
    for r in range(first, last):
        if classes[r] < 0:
            continue
        for e in range(indptr[r], indptr[r + 1]):
            j = indices[e]
            if classes[j] >= 0:
                known[r] += 1
                if classes[j] == classes[r]:
                    alike[r] += 1


@compiled
def class_counts(indptr, indices, classes, is_mirrored, ends):  # type: ignore[no-untyped-def]  # numba infers
    """Count entries between known classes; returns all of them and those that join equal ones.

    is_mirrored: every entry is there in both directions. ends: int64 [C], how often each class stands at an end.
    """
    known = 0
    alike = 0
    for r in range(len(indptr) - 1):
        own = classes[r]
        if own < 0:
            continue
        here = 0
        for e in range(indptr[r], indptr[r + 1]):
            other = classes[indices[e]]
            here += other >= 0
            alike += other == own
            if not is_mirrored and other >= 0:
                ends[other] += 1
        known += here
        ends[own] += 2 * here if is_mirrored else here
    return known, alike


@compiled
def end_sums(indptr, indices, values, is_mirrored, sums, bounds):  # type: ignore[no-untyped-def]  # numba infers
    """Add up over entries whose ends x (column) and y (row) are both known; returns how many there are.

    values: float32 [N], NaN for unknown. is_mirrored: every entry is there in both directions. sums: of x, y, x², y²
    and xy. bounds: smallest and largest x, then of y.
    """
    count = 0
    for r in range(len(indptr) - 1):
        y = np.float64(values[r])
        if not np.isfinite(y):
            continue
        # Of the row alone: the totals are touched once a row.
        here, total, squares = 0, 0.0, 0.0
        for e in range(indptr[r], indptr[r + 1]):
            x = np.float64(values[indices[e]])
            if np.isfinite(x):
                here += 1
                total += x
                squares += x * x
                if not is_mirrored:
                    bounds[0] = min(bounds[0], x)
                    bounds[1] = max(bounds[1], x)
        if here:
            count += here
            sums[0] += total
            sums[1] += here * y
            sums[2] += squares
            sums[3] += here * y * y
            sums[4] += y * total
            bounds[2] = min(bounds[2], y)
            bounds[3] = max(bounds[3], y)
    if is_mirrored:
        bounds[0], bounds[1] = bounds[2], bounds[3]
    return count


@compiled
def add_paths_from(indptr, indices, source, total, far, paths, share, order):  # type: ignore[no-untyped-def]  # numba infers
    """Add to `total` how much of the shortest paths from one node leads through each other node (Brandes).

    far: int32 [N], -1 everywhere before and after. paths, share: float64 [N] to work in. order: int32 [N] to work in.
    """
    far[source] = 0
    paths[source] = 1.0
    share[source] = 0.0
    order[0] = source
    end = 1
    at = 0
    while at < end:
        v = order[at]
        at += 1
        for e in range(indptr[v], indptr[v + 1]):
            w = indices[e]
            if far[w] < 0:
                far[w] = far[v] + 1
                paths[w] = 0.0
                share[w] = 0.0
                order[end] = w
                end += 1
            if far[w] == far[v] + 1:
                paths[w] += paths[v]
    for i in range(end - 1, -1, -1):
        v = order[i]
        through = share[v]
        for e in range(indptr[v], indptr[v + 1]):
            w = indices[e]
            if far[w] == far[v] + 1:
                through += paths[v] / paths[w] * (1.0 + share[w])
        share[v] = through
        if v != source:
            total[v] += through
    for i in range(end):
        far[order[i]] = -1
