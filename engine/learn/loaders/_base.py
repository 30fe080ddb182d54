"""What every loader promises: the part of the graph that one training step sees, the same for the same step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.component import Component
from engine.data.items import Level
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.graph.sampler import mixed
from engine.graph.subgraph import induced_batch
from engine.learn.prefetch import Ahead

#: Nodes of whole graphs that an evaluation looks at in one go: what fits a processor's cache at common widths.
MOST_NODES = 8192


@dataclass(frozen=True, slots=True)
class Portion:
    """What one supervised step sees.

    Args: batch: what the model is given. place: int64 [B], which of the rows that were asked for it answers for.
        picked: int64 [B], where these are among the nodes of the batch; None where the batch has no others.
    """

    batch: AnyBatch
    place: Tensor
    picked: Tensor | None = None


class RowFeed(ABC):
    """Portions of some rows, a few at a time. Everything depends on the step's number and the seed alone.

    `steps` is how many portions go over all rows once. `is_fixed` says that every portion is one and the same.
    `num_nodes` is how many nodes one portion has, about; None where that is not known beforehand.
    """

    steps: int
    is_fixed: bool = False
    num_nodes: int | None = None

    @abstractmethod
    def portion(self, step: int) -> Portion:
        """Return what a step of the training sees; steps count from 0 through all epochs."""

    @abstractmethod
    def look(self, rows: NDArray[np.int64]) -> Iterator[Portion]:
        """Yield portions that go over other rows once, the same at every call: what an evaluation sees."""

    def work(self, rows: NDArray[np.int64]) -> float:
        """Return how much it is to go over some rows once, in any unit: of two calls only the ratio counts."""
        return float(len(rows))

    @abstractmethod
    def close(self) -> None:
        """Let go of threads."""


class GraphFeed(ABC):
    """Small graphs cut from a large one. `steps` is how many of them hold about as many nodes as there are.

    `num_nodes` is how many nodes one of them has, about; None where that is not known beforehand.
    """

    steps: int
    num_nodes: int | None = None

    @abstractmethod
    def graph(self, step: int) -> GraphBatch:
        """Return what a step of the pretraining sees; steps count from 0 through all epochs."""

    @abstractmethod
    def close(self) -> None:
        """Let go of threads."""


class GraphsAhead(GraphFeed):
    """Graphs among chosen nodes, each made while the step before is computed.

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


class Loader(Component):
    """Base of all loaders.

    `samples` says that a step sees less than all that its rows hear. `gives_graphs` says that it then sees a graph that
    ends where the portion ends, which suits every encoder. `level` says whether rows are nodes of one graph
    or whole graphs of a collection; nothing of a whole graph is left out.

    Args: config: its options.
    """

    samples: ClassVar[bool] = False
    gives_graphs: ClassVar[bool] = False
    level: ClassVar[Level] = "node"

    def __init__(self, config: Any) -> None:  # Any: the subclass's own Config
        self.config = config

    def rows(self, batch: GraphBatch, rows: NDArray[np.int64], hops: int, seed: int) -> RowFeed | None:
        """Return portions of labelled rows; None where every step sees the whole graph.

        Args: batch: the whole graph. rows: int64, those that train. hops: steps of message passing that the model
            takes, any where that is not said, of a loader that gives graphs. seed: decides order and draws.
        """
        return None

    def graphs(self, batch: GraphBatch, seed: int) -> GraphFeed | None:
        """Return small graphs for an objective that needs no labels; None where every step sees the whole graph."""
        return None


def graph_chunks(batch: GraphBatch, rows: NDArray[np.int64], nodes: int = MOST_NODES) -> Iterator[NDArray[np.int64]]:
    """Yield places of graphs, in their order, a chunk at a time: about as many nodes in each, one graph at least.

    Args: batch: the collection. rows: int64, its graphs that are wanted. nodes: most of them in a chunk.
    """
    pointers = batch.graph_ptr.cpu().numpy()
    ends = np.cumsum(pointers[rows + 1] - pointers[rows])
    first = 0
    while first < len(rows):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + nodes, side="right")))
        while last < len(rows) and ends[last - 1] == before:
            # Graphs without a node have nobody to be computed for: they go with the next one that has some.
            last += 1
        yield np.arange(first, last)
        first = last
