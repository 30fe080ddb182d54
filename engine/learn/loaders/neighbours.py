"""A few nodes at a time, with some of their neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.graph.blocks import BlockBatch
from engine.graph.sampler import Sampler, blocks
from engine.learn.loaders._base import GraphFeed, GraphsAhead, Loader, Portion, RowFeed, drawn_order
from engine.learn.prefetch import Ahead

# An evaluation's draws are of batches that no training comes to.
_LOOKING = 1 << 40


class Neighbours(Loader):
    """Trains on a few labelled nodes at a time, with some of their neighbours, and some of theirs.

    Memory depends on the batch and not on the graph. The neighbours are drawn without replacement, anew for each
    batch, while the step before is computed. What is kept of a row counts for what is left out, so that averages are
    right on average. Each epoch is scored on a sample that stays the same; what the run reports comes from every
    neighbour. Pretraining sees the graph among nodes that are grown in the same way.

    Source: Hamilton, Ying and Leskovec (2017), "Inductive representation learning on large graphs", section 3.1; the
    graphs for pretraining as in Zeng et al. (2020), "GraphSAINT", section 3, without its weights.
    """

    key = "neighbours"
    label = "Sampled neighbours"
    samples = True

    class Config(ConfigBase):
        fanouts: tuple[int, ...] = option(
            (10, 10), "Neighbours drawn for each step away from a node; the last number holds for further steps."
        )
        batch_size: int = option(1024, "Labelled nodes in one step.", ge=1, le=10_000_000, unit="nodes")
        by_weight: bool = option(False, "Draws strong edges more often.", advanced=True)
        part_size: int = option(
            50_000, "Nodes in one step of pretraining.", ge=2, le=100_000_000, unit="nodes", advanced=True
        )

    def rows(self, batch: GraphBatch, rows: NDArray[np.int64], hops: int, seed: int) -> RowFeed:
        """Return portions of `batch_size` rows with drawn neighbours; see `Loader`."""
        return _Rows(batch, rows, self._sampler(batch, hops, seed), self._sampler(batch, hops, seed), self.config, seed)

    def graphs(self, batch: GraphBatch, seed: int) -> GraphFeed:
        """Return graphs of about `part_size` nodes; see `Loader`."""
        return _Graphs(batch, self._sampler(batch, 1, seed), self.config, seed)

    def _sampler(self, batch: GraphBatch, hops: int, seed: int) -> Sampler:
        given: Sequence[int] = self.config.fanouts or (10,)
        fanouts = [given[min(step, len(given) - 1)] for step in range(hops)]
        weight = batch.weight.cpu().numpy() if self.config.by_weight and batch.weight is not None else None
        return Sampler(batch.indptr.cpu().numpy(), batch.indices.cpu().numpy(), fanouts, seed=seed, weight=weight)


class _Rows(RowFeed):
    def __init__(
        self, batch: GraphBatch, rows: NDArray[np.int64], ahead: Sampler, looking: Sampler, config: Any, seed: int
    ) -> None:  # Any: Neighbours.Config
        self._batch, self._rows, self._seed = batch, rows, seed
        # Each of the two is used by one thread alone.
        self._sampler, self._looking = ahead, looking
        self._size = config.batch_size
        self.steps = -(-len(rows) // self._size)
        self._ahead = Ahead(self._made)

    def portion(self, step: int) -> Portion:
        return self._ahead.get(step)

    def look(self, rows: NDArray[np.int64]) -> Iterator[Portion]:
        for number, place in enumerate(np.array_split(np.arange(len(rows)), -(-len(rows) // self._size))):
            yield self._portion(self._looking, rows, place, _LOOKING + number)

    def close(self) -> None:
        self._ahead.close()

    def _made(self, step: int) -> Portion:
        epoch, index = divmod(step, self.steps)
        # Even portions: a last one of a single node would be no batch for a norm over nodes.
        place = np.array_split(drawn_order(len(self._rows), self._seed, epoch), self.steps)[index]
        return self._portion(self._sampler, self._rows, place, step)

    def _portion(self, sampler: Sampler, rows: NDArray[np.int64], place: NDArray[np.int64], number: int) -> Portion:
        chosen = rows[place]
        made: BlockBatch = blocks(self._batch, sampler.sample(chosen, number), chosen)
        _ = made.x  # gathered here, behind the step before
        return Portion(made, torch.from_numpy(place).to(self._batch.device))


class _Graphs(GraphsAhead):
    def __init__(self, batch: GraphBatch, sampler: Sampler, config: Any, seed: int) -> None:  # Any: Neighbours.Config
        self._size = min(config.part_size, batch.num_nodes)
        super().__init__(batch, -(-batch.num_nodes // self._size))
        self._sampler, self._seed = sampler, seed

    def nodes(self, step: int, epoch: int, index: int) -> NDArray[np.int64]:
        # Each node begins a graph once in an epoch; from there it grows until it is large enough.
        begin = np.array_split(drawn_order(self._batch.num_nodes, self._seed, epoch), self.steps)[index]
        nodes = begin[: max(1, self._size // 10)]
        for growth in range(8):
            grown = self._sampler.sample(nodes, (step << 3) + growth).nodes
            if len(grown) == len(nodes) or len(nodes) >= self._size:
                break
            nodes = grown
        if len(nodes) < self._size:
            nodes = np.concatenate([nodes, np.setdiff1d(begin, nodes)])
        return np.sort(nodes[: self._size])
