"""Parts of a graph: the nodes around some nodes, and the edges among some nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from engine.graph.batch import GraphBatch
from engine.graph.blocks import take_rows
from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray
from engine.graph.sampler import EVERYONE, Sampler
from engine.graph.thinning import keep_edges


@dataclass(frozen=True, slots=True)
class Induced:
    """All entries among some nodes, numbered anew in the order of `nodes`.

    Args:
        indptr: int64 [S+1]. indices: int32 [E], ascending in each row.
        entries: int64 [E], which entries of the whole graph these are. nodes: int64 [S].
    """

    indptr: IntArray
    indices: IndexArray
    entries: IntArray
    nodes: IntArray


def around(indptr: IntArray, indices: IndexArray, nodes: IntArray, hops: int) -> IntArray:
    """Return the nodes that are at most so many steps away: those given, then the others as they are met.

    Args: indptr, indices: rows by target, checked. nodes: int64, different. hops: steps, each from a node to whom it
        hears.
    """
    return Sampler(indptr, indices, (EVERYONE,) * hops, seed=0).sample(nodes, 0).nodes


def induced(indptr: IntArray, indices: IndexArray, nodes: IntArray, place: IndexArray | None = None) -> Induced:
    """Return the edges among some nodes.

    Args:
        indptr, indices: rows by target, checked.
        nodes: int64 [S], different; ascending ones are quickest.
        place: int32 [N] filled with -1, which comes back so; for callers who ask often. None makes one.
    """
    nodes = np.asarray(nodes, np.int64)
    if place is None:
        place = np.full(len(indptr) - 1, -1, np.int32)
    starts = np.empty(len(nodes) + 1, np.int64)
    total = _count_inside(indptr, indices, nodes, place, starts)
    found, entries = np.empty(total, np.int32), np.empty(total, np.int64)
    _fill_inside(indptr, indices, nodes, place, found, entries)
    return Induced(starts, found, entries, nodes)


def induced_batch(batch: GraphBatch, nodes: IntArray, place: IndexArray | None = None) -> GraphBatch:
    """Return the graph among some nodes with their features; degrees are those inside it.

    Args: batch: one graph. nodes, place: as `induced`.
    """
    part = induced(batch.indptr.cpu().numpy(), batch.indices.cpu().numpy(), nodes, place)
    device = batch.device
    entries = torch.from_numpy(part.entries).to(device)
    weight = None if batch.weight is None else batch.weight[entries]
    return GraphBatch(
        torch.from_numpy(part.indptr).to(device),
        torch.from_numpy(part.indices).to(device),
        weight,
        take_rows(batch.x, torch.from_numpy(part.nodes).to(device)),
        torch.tensor([0, len(nodes)], dtype=torch.int64, device=device),
        batch.directed,
        edge_attr=None if batch.edge_attr is None else batch.edge_attr[entries],
    )


def among(batch: GraphBatch, kept: torch.Tensor) -> GraphBatch:
    """Return the same graphs without some of their nodes; a graph may be left without any.

    Args: batch: graphs side by side. kept: bool [N], the nodes that stay, in their order.
    """
    place = torch.zeros(batch.num_nodes + 1, dtype=torch.int64, device=batch.device)
    torch.cumsum(kept, 0, out=place[1:])
    # First without the entries at nodes that go, and then without their rows, which are empty.
    left = keep_edges(batch, kept[batch.pattern().row_of_entry()] & kept[batch.indices.long()])
    nodes = torch.nonzero(kept).squeeze(1)
    indptr = torch.cat([left.indptr[:1], left.indptr[1:][nodes]])
    return GraphBatch(
        indptr,
        place[left.indices.long()].to(torch.int32),
        left.weight,
        take_rows(batch.x, nodes),
        place[batch.graph_ptr],
        batch.directed,
        edge_attr=left.edge_attr,
        tokens=batch.tokens,
        known=batch.known,
    )


def grown(
    indptr: IntArray, indices: IndexArray, graph_ptr: IntArray, order: IntArray, wanted: IntArray, starts: int
) -> npt.NDArray[np.bool_]:
    """Grow some nodes of each graph ring by ring and return which were reached, bool [N].

    Where a part of a graph is used up, new nodes are taken.

    Args:
        indptr, indices: rows by target, checked. graph_ptr: int64 [B+1].
        order: int64 [N], all nodes in the order in which new ones and those of the last ring are preferred.
        wanted: int64 [B], how many nodes of each graph. starts: nodes that each part grows from.
    """
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    kept = np.zeros(len(order), np.bool_)
    # Nodes of a graph stand together, and in this order the preferred ones of a graph come first.
    owner = np.repeat(np.arange(len(wanted)), np.diff(graph_ptr))
    _grow(indptr, indices, graph_ptr, np.lexsort((rank, owner)), rank, wanted, starts, kept)
    return kept


@compiled
def _grow(indptr, indices, graph_ptr, preferred, rank, wanted, starts, kept):  # type: ignore[no-untyped-def]  # numba infers
    for b in range(len(wanted)):
        begin, end = graph_ptr[b], graph_ptr[b + 1]
        missing = min(wanted[b], end - begin)
        ring = np.empty(end - begin, np.int64)
        inner, first, following = 0, 0, begin
        while missing > 0:
            last = _next_ring(indptr, indices, ring, inner, first, kept)
            if last == first:
                last, following = _new_nodes(preferred, following, end, starts, ring, first, kept)
            if last - first > missing:
                for place in np.argsort(rank[ring[first:last]])[missing:]:
                    kept[ring[first + place]] = False
            missing -= last - first
            inner, first = first, last


@compiled
def _next_ring(indptr, indices, ring, inner, first, kept):  # type: ignore[no-untyped-def]  # numba infers
    """List behind `first` whom the nodes of the last ring, from `inner` on, hear and who is not kept yet."""
    last = first
    for k in range(inner, first):
        for p in range(indptr[ring[k]], indptr[ring[k] + 1]):
            j = np.int64(indices[p])
            if not kept[j]:
                kept[j] = True
                ring[last] = j
                last += 1
    return last


@compiled
def _new_nodes(preferred, following, end, starts, ring, first, kept):  # type: ignore[no-untyped-def]  # numba infers
    """List behind `first` the most preferred nodes that are not kept yet; returns how far both lists were used."""
    last = first
    while following < end and last - first < starts:
        node = preferred[following]
        if not kept[node]:
            kept[node] = True
            ring[last] = node
            last += 1
        following += 1
    return last, following


@compiled
def _count_inside(indptr, indices, nodes, place, starts):  # type: ignore[no-untyped-def]  # numba infers
    """Number the nodes in `place`, fill where each row starts, and return how many entries there are."""
    for k in range(len(nodes)):
        place[nodes[k]] = k
    total = 0
    starts[0] = 0
    for k in range(len(nodes)):
        for p in range(indptr[nodes[k]], indptr[nodes[k] + 1]):
            total += 1 if place[indices[p]] >= 0 else 0
        starts[k + 1] = total
    return total


@compiled
def _fill_inside(indptr, indices, nodes, place, found, entries):  # type: ignore[no-untyped-def]  # numba infers
    """Fill the entries row by row, ascending, and put `place` back."""
    e = 0
    for k in range(len(nodes)):
        begin = e
        for p in range(indptr[nodes[k]], indptr[nodes[k] + 1]):
            where = place[indices[p]]
            if where < 0:
                continue
            q = e
            while q > begin and found[q - 1] > where:
                found[q], entries[q] = found[q - 1], entries[q - 1]
                q -= 1
            found[q], entries[q] = where, p
            e += 1
    for k in range(len(nodes)):
        place[nodes[k]] = -1
