"""Parts of a graph: the nodes around some nodes, and the edges among some nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from engine.graph.batch import GraphBatch
from engine.graph.blocks import take_rows
from engine.graph.compiled import compiled
from engine.graph.csr import IndexArray, IntArray
from engine.graph.sampler import EVERYONE, Sampler


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
