"""The whole graph in every step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from engine.core.component import Config as ConfigBase
from engine.graph.batch import GraphBatch
from engine.graph.blocks import BlockBatch, restrict, restrict_within
from engine.learn.loaders._base import Loader, Portion, RowFeed

# Small graphs are quick either way, and what they draw by chance stays as it is.
_LARGE = 20_000
# The rows and whom they hear are cut out when they are less than this share of the whole work.
_WORTH = 0.7


class Full(Loader):
    """Uses the whole graph in every step: exact, and the quickest way as long as it fits into memory.

    Where few nodes of a large graph have a label, only those and whom they hear are computed; the gradient is the same.

    Source: Kipf and Welling (2017), section 3.1, full-batch gradient descent.
    """

    key = "full"
    label = "Whole graph"
    recommended = True

    class Config(ConfigBase):
        pass

    def rows(self, batch: GraphBatch, rows: NDArray[np.int64], hops: int, seed: int) -> RowFeed | None:
        """Return the rows with all they hear as one portion, None where that is most of the graph; see `Loader`."""
        if batch.num_nodes < _LARGE:
            return None
        whole = hops * batch.num_edges + (hops + 1) * batch.num_nodes
        cut = restrict_within(batch, torch.from_numpy(rows).to(batch.device), hops, _WORTH * whole)
        return None if cut is None else _Cut(batch, rows, cut, hops)


class _Cut(RowFeed):
    steps = 1
    is_fixed = True

    def __init__(self, batch: GraphBatch, rows: NDArray[np.int64], cut: BlockBatch, hops: int) -> None:
        self._batch, self._hops = batch, hops
        self._rows = rows
        self._portion = _whole(cut)
        self._looks: list[tuple[NDArray[np.int64], Portion]] = [(rows, self._portion)]

    def portion(self, step: int) -> Portion:
        return self._portion

    def look(self, rows: NDArray[np.int64]) -> Iterator[Portion]:
        yield self._looked(rows)

    def work(self, rows: NDArray[np.int64]) -> float:
        """Return the entries that are followed and the rows that are mapped."""
        cut = self._looked(rows).batch
        assert isinstance(cut, BlockBatch), "cut out here"
        return float(len(cut.sources) + sum(block.num_edges + block.num_targets for block in cut.blocks))

    def _looked(self, rows: NDArray[np.int64]) -> Portion:
        known = next((portion for other, portion in self._looks if np.array_equal(other, rows)), None)
        if known is None:
            known = _whole(_cut(self._batch, rows, self._hops))
            self._looks.append((rows, known))
        return known

    def close(self) -> None:
        self._looks.clear()


def _cut(batch: GraphBatch, rows: NDArray[np.int64], hops: int) -> BlockBatch:
    return restrict(batch, torch.from_numpy(rows).to(batch.device), hops)


def _whole(cut: BlockBatch) -> Portion:
    return Portion(cut, torch.arange(cut.num_nodes, device=cut.device))
