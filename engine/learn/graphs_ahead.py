"""Small graphs cut from a large one, each made while the step before is computed."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray

from engine.graph.batch import GraphBatch
from engine.graph.sampler import mixed
from engine.graph.subgraph import induced_batch
from engine.learn.loaders._base import GraphFeed
from engine.learn.prefetch import Ahead


class GraphsAhead(GraphFeed):
    """Graphs among chosen nodes; which ones depends on the step and the seed alone.

    Args: batch: the whole graph, seen as it is where one step is an epoch. steps: of an epoch. num_nodes: of a step,
        about; None where that is not known.
    """

    def __init__(self, batch: GraphBatch, steps: int, num_nodes: int | None = None) -> None:
        self.steps, self.num_nodes = steps, num_nodes
        self._batch = batch
        self._place = np.full(batch.num_nodes, -1, np.int32)
        self._ahead = Ahead(self._made)

    @abstractmethod
    def nodes(self, step: int, epoch: int, index: int) -> NDArray[np.int64]:
        """Return the nodes of a step, ascending. Args: step: number `index` of its epoch; all count from 0."""

    def graph(self, step: int) -> GraphBatch:
        """Return what a step sees; see `GraphFeed`."""
        return self._ahead.get(step)

    def close(self) -> None:
        """Let go of the thread."""
        self._ahead.close()

    def _made(self, step: int) -> GraphBatch:
        if self.steps == 1:
            return self._batch
        return induced_batch(self._batch, self.nodes(step, *divmod(step, self.steps)), self._place)


def drawn_order(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the numbers from 0 to count-1 in an order of their own in each epoch."""
    generator = torch.Generator().manual_seed(mixed(mixed(seed) ^ epoch) >> 1)
    return torch.randperm(count, generator=generator).numpy()
