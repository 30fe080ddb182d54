"""A few whole graphs at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.graph.sampler import mixed
from engine.learn.loaders._base import GraphFeed, Loader, Portion, RowFeed, graph_chunks


class Graphs(Loader):
    """Takes some graphs of the collection in each step, in an order drawn anew for each epoch.

    Batches are as even as can be, so that none is a single graph where others are many.

    Source: batches as block-diagonal graphs, as in Xu et al. (2019), "How powerful are graph neural networks?",
    section 7; their 32 graphs a step.
    """

    key = "graphs"
    label = "Whole graphs"
    level = "graph"

    class Config(ConfigBase):
        batch_size: int = option(32, "Graphs in one step.", ge=1, le=1_000_000, unit="graphs")

    config: Config

    def rows(self, batch: GraphBatch, rows: NDArray[np.int64], hops: int, seed: int) -> RowFeed:
        """Return portions of `batch_size` graphs; see `Loader`."""
        return _Rows(batch, rows, self.config.batch_size, seed)

    def graphs(self, batch: GraphBatch, seed: int) -> GraphFeed:
        """Return `batch_size` graphs at a time, without regard to labels; see `Loader`."""
        return _Graphs(batch, self.config.batch_size, seed)


class _Rows(RowFeed):
    def __init__(self, batch: GraphBatch, rows: NDArray[np.int64], size: int, seed: int) -> None:
        self._batch, self._rows, self._seed = batch, rows, seed
        self.steps = -(-len(rows) // size)
        self.num_nodes = batch.num_nodes * size // batch.num_graphs

    def portion(self, step: int) -> Portion:
        place = _place(step, self.steps, len(self._rows), self._seed)
        return self._of(self._rows, place)

    def look(self, rows: NDArray[np.int64]) -> Iterator[Portion]:
        for place in graph_chunks(self._batch, rows):
            yield self._of(rows, place)

    def close(self) -> None:
        """Nothing is held."""

    def _of(self, rows: NDArray[np.int64], place: NDArray[np.int64]) -> Portion:
        return Portion(self._batch.graphs(rows[place]), torch.from_numpy(place).to(self._batch.device))


class _Graphs(GraphFeed):
    def __init__(self, batch: GraphBatch, size: int, seed: int) -> None:
        self._batch, self._seed = batch, seed
        self.steps = -(-batch.num_graphs // size)
        self.num_nodes = batch.num_nodes * size // batch.num_graphs

    def graph(self, step: int) -> GraphBatch:
        return self._batch.graphs(_place(step, self.steps, self._batch.num_graphs, self._seed))

    def close(self) -> None:
        """Nothing is held."""


def _place(step: int, steps: int, count: int, seed: int) -> NDArray[np.int64]:
    epoch, index = divmod(step, steps)
    generator = torch.Generator().manual_seed(mixed(mixed(seed) ^ epoch) >> 1)
    order = torch.randperm(count, generator=generator).numpy()
    return np.asarray(np.array_split(order, steps)[index])
