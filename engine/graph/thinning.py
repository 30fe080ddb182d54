"""Graphs with fewer edges: those between unlike nodes left out, or a random share of all."""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from engine.graph.batch import GraphBatch

Likeness = Literal["jaccard", "cosine"]

_ENTRIES_AT_ONCE = 1 << 18
# The two rounds of a 64-bit mixing function; Steele, Lea and Flood (2014), "Fast splittable pseudorandom number
# generators", figure 16. Written as signed numbers, as torch has no others.
_MIX = (-0x40A7B892E31B1A47, -0x6B2FB644ECCEEE15)
_SHIFTS = (30, 27, 31)


def keep_edges(batch: GraphBatch, kept: Tensor) -> GraphBatch:
    """Return the graph with some of its edges and what they carry; nodes, features and what is known of graphs stay.

    Args: kept: bool [E], of the batch's entries; of an undirected graph alike for both directions of an edge.
    """
    running = torch.zeros(batch.num_edges + 1, dtype=torch.int64, device=batch.device)
    torch.cumsum(kept, 0, out=running[1:])
    weight = None if batch.weight is None else batch.weight[kept]
    edge_attr = None if batch.edge_attr is None else batch.edge_attr[kept]
    rows = running[batch.indptr], batch.indices[kept]
    # Operators belong to the edges they were made from, so that none are taken over.
    return GraphBatch(
        *rows,
        weight,
        batch.x,
        batch.graph_ptr,
        batch.directed,
        edge_attr=edge_attr,
        tokens=batch.tokens,
        known=batch.known,
    )


def unlike_edges(batch: GraphBatch, kind: Likeness, threshold: float) -> Tensor:
    """Return which entries join nodes whose features are unlike, bool [E].

    A loop never does, nor does an edge with an end that has no features at all: nothing is known about it.

    Args: kind: "jaccard", columns that both ends have a value in, divided by those that either has; "cosine" of the
        angle between the rows. threshold: an edge at or below it is unlike.
    Source: Wu et al. (2019), "Adversarial examples for graph data: deep insights into attack and defense", section 5,
        which leaves out edges with a Jaccard similarity of 0; the cosine as in Zhang and Zitnik (2020), "GNNGuard".
    """
    x = _rows(batch)
    if kind == "jaccard":
        x.data = np.ones_like(x.data)
    squared = np.asarray(x.multiply(x).sum(axis=1), dtype=np.float64).ravel()
    sources = batch.indices.cpu().numpy().astype(np.int64)
    targets = np.repeat(np.arange(batch.num_nodes), np.diff(batch.indptr.cpu().numpy()))
    unlike = np.zeros(batch.num_edges, dtype=bool)
    for begin in range(0, batch.num_edges, _ENTRIES_AT_ONCE):
        part = slice(begin, begin + _ENTRIES_AT_ONCE)
        u, v = sources[part], targets[part]
        shared = np.asarray(x[u].multiply(x[v]).sum(axis=1), dtype=np.float64).ravel()
        whole = squared[u] + squared[v] - shared if kind == "jaccard" else np.sqrt(squared[u] * squared[v])
        known = (squared[u] > 0) & (squared[v] > 0) & (u != v)
        unlike[part] = known & (shared <= threshold * whole)
    return torch.from_numpy(unlike).to(batch.device)


class EdgeDropper:
    """Leaves out a random share of the edges, both directions of an undirected one together.

    Each edge draws its number from its two ends and from the seed of the step, so no map to the reverse edge is
    needed and the same seed drops the same edges on every device.

    Args: batch: the graph. share: chance of each edge to be left out.
    Source: Rong et al. (2020), "DropEdge: towards deep graph convolutional networks on node classification", section
        3.1; degrees are those of the edges that stay, as there.
    """

    def __init__(self, batch: GraphBatch, share: float) -> None:
        self._batch = batch
        self._kept = 1.0 - share
        counts = torch.diff(batch.indptr)
        targets = torch.repeat_interleave(torch.arange(batch.num_nodes, device=batch.device), counts)
        sources = batch.indices.long()
        if batch.directed:
            self._edge = sources * batch.num_nodes + targets
        else:
            self._edge = torch.minimum(sources, targets) * batch.num_nodes + torch.maximum(sources, targets)

    def drop(self, generator: torch.Generator) -> GraphBatch:
        """Return the graph with the edges that stay in this step. Args: generator: on the CPU; draws one seed."""
        seed = int(torch.randint(2**62, (1,), generator=generator))
        return keep_edges(self._batch, _uniform(self._edge, seed) < self._kept)


def _uniform(numbers: Tensor, seed: int) -> Tensor:
    """Return a number in [0, 1) for each integer, float64, as random as the mixing function is."""
    mixed = numbers + seed
    for shift, factor in zip(_SHIFTS, (*_MIX, None), strict=True):
        # A logical shift: torch's own drags the sign along.
        mixed = mixed ^ ((mixed >> shift) & ((1 << (64 - shift)) - 1))
        if factor is not None:
            mixed = mixed * factor
    return ((mixed >> 11) & ((1 << 53) - 1)).double() * 2.0**-53


def _rows(batch: GraphBatch) -> sp.csr_matrix:
    if isinstance(batch.x, Tensor):
        return sp.csr_matrix(batch.x.cpu().numpy())
    pattern = batch.x.pattern
    arrays = batch.x.values.cpu().numpy().copy(), pattern.indices.cpu().numpy(), pattern.indptr.cpu().numpy()
    found = sp.csr_matrix(arrays, shape=tuple(batch.x.shape))
    found.eliminate_zeros()
    return found
