"""Cut a graph into parts of about the same size with few edges between them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray

# How much larger than the others a part may become, and how often every node chooses anew.
_SLACK = 1.1
_ROUNDS = 5


def partition(indptr: IntArray, indices: IndexArray, parts: int) -> npt.NDArray[np.int32]:
    """Return the part of each node, int32 [N] from 0 to parts-1; the same for the same graph.

    Nodes that are met one after the other, walking breadth first, begin in one part. Then each node in turn goes where
    most of those are whom it hears, the less the fuller that part is: time grows with the edges, not with the parts.

    Args: indptr, indices: rows by target, checked. parts: at least 1, at most N.
    Source: Stanton and Kliot (2012), "Streaming graph partitioning for large distributed graphs", linear deterministic
        greedy; in several rounds as in Nishimura and Ugander (2013), "Restreaming graph partitioning".
    """
    num_nodes = len(indptr) - 1
    order = np.empty(num_nodes, np.int32)
    walk_breadth_first(indptr, indices, order)
    found = np.empty(num_nodes, np.int32)
    found[order] = np.arange(num_nodes, dtype=np.int64) * parts // max(1, num_nodes)
    if parts > 1:
        sizes = np.bincount(found, minlength=parts)
        capacity = int(np.ceil(_SLACK * num_nodes / parts))
        for _ in range(_ROUNDS):
            if not choose_parts(indptr, indices, order, capacity, found, sizes, np.zeros(parts, np.int64)):
                break
    return found


def members(parts: npt.NDArray[np.int32], count: int) -> list[IntArray]:
    """Return the nodes of each part, ascending. Args: parts: int32 [N], from 0 to count-1."""
    order = np.argsort(parts, kind="stable")
    return np.split(order, np.cumsum(np.bincount(parts, minlength=count))[:-1])


@compiled
def walk_breadth_first(indptr, indices, order):  # type: ignore[no-untyped-def]  # numba infers types
    """Fill order with all nodes as they are met from node 0, then from the first one that was not met, and so on."""
    size = len(order)
    is_met = np.zeros(size, np.bool_)
    begin, end = 0, 0
    for node in range(size):
        if is_met[node]:
            continue
        is_met[node] = True
        order[end] = node
        end += 1
        while begin < end:
            here = order[begin]
            begin += 1
            for entry in range(indptr[here], indptr[here + 1]):
                other = indices[entry]
                if not is_met[other]:
                    is_met[other] = True
                    order[end] = other
                    end += 1


@compiled
def choose_parts(indptr, indices, order, capacity, parts, sizes, near):  # type: ignore[no-untyped-def]  # numba infers types
    """Let each node in turn go where most of its neighbours are; return how many moved.

    Args: capacity: no part becomes larger. parts: of each node, changed. sizes: of each part, changed. near: int64, a
        zero for each part.
    """
    moved = 0
    for node in order:
        first, last = indptr[node], indptr[node + 1]
        own = parts[node]
        sizes[own] -= 1
        for entry in range(first, last):
            near[parts[indices[entry]]] += 1
        best, most = own, near[own] * (capacity - sizes[own])
        for entry in range(first, last):
            part = parts[indices[entry]]
            gain = near[part] * (capacity - sizes[part])
            if gain > most or (gain == most and part < best and best != own):
                best, most = part, gain
        for entry in range(first, last):
            near[parts[indices[entry]]] = 0
        sizes[best] += 1
        if best != own:
            parts[node] = best
            moved += 1
    return moved
