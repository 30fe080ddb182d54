"""Pairs of nodes for losses about edges: those with an edge, and random ones without."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.graph.batch import GraphBatch


class Pairs:
    """Draws pairs with and without an edge. What it knows of a graph is kept until it sees another one."""

    def __init__(self) -> None:
        self._indices: Tensor | None = None
        self._key = torch.zeros(0, dtype=torch.int64)

    def edges(self, batch: GraphBatch, most: int, generator: torch.Generator) -> Tensor:
        """Return all stored edges, or `most` drawn ones, int64 [2, M]."""
        chosen = self._keys(batch)
        if len(chosen) > most:
            chosen = chosen[torch.randint(len(chosen), (most,), generator=generator).to(chosen.device)]
        return torch.stack([chosen // batch.num_nodes, chosen % batch.num_nodes])

    def others(self, batch: GraphBatch, count: int, generator: torch.Generator) -> Tensor:
        """Return about `count` random pairs that are neither edges nor a node with itself, int64 [2, M]."""
        key = self._keys(batch)
        pairs = torch.randint(batch.num_nodes, (2, count), generator=generator).to(key.device)
        wanted = pairs[0] * batch.num_nodes + pairs[1]
        place = torch.searchsorted(key, wanted).clamp(max=max(0, len(key) - 1))
        free = pairs[0] != pairs[1]
        if len(key):
            free &= key[place] != wanted
        # In a graph with nearly all edges none may be left: then the drawn ones stand, and the loss stays finite.
        return pairs[:, free] if bool(free.any()) else pairs

    def _keys(self, batch: GraphBatch) -> Tensor:
        if self._indices is not batch.indices:
            numbers = torch.arange(batch.num_nodes, device=batch.device)
            row = torch.repeat_interleave(numbers, torch.diff(batch.indptr))
            # Rows and their columns ascend, so the keys are sorted and a pair is found by bisection.
            self._key = row * batch.num_nodes + batch.indices
            self._indices = batch.indices
        return self._key
