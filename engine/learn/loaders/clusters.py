"""Some parts of the graph at a time, with the edges among them."""

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
from engine.graph.partition import members, partition
from engine.graph.subgraph import induced_batch
from engine.learn.loaders._base import GraphFeed, GraphsAhead, Loader, Portion, RowFeed, drawn_order
from engine.learn.prefetch import Ahead


class Clusters(Loader):
    """Cuts the graph into clusters with few edges between them, and trains on a few clusters at a time.

    Memory depends on the clusters and not on the graph, and deep encoders cost no more than on a small graph. Edges
    between clusters count where both are in the same step; which ones are is drawn anew in each epoch. Clusters without
    a labelled node teach nothing and are left out, but not in pretraining. Each epoch is scored on clusters as well;
    what the run reports comes from the whole graph.

    Source: Chiang et al. (2019), "Cluster-GCN: an efficient algorithm for training deep and large graph convolutional
        networks", section 3.2, with a partition that is quicker than theirs.
    """

    key = "clusters"
    label = "Clusters of the graph"
    samples = True
    gives_graphs = True

    class Config(ConfigBase):
        cluster_size: int = option(2000, "Nodes of a cluster, about.", ge=1, le=100_000_000, unit="nodes")
        clusters: int = option(10, "Clusters in one step.", ge=1, le=100_000)

    def __init__(self, config: Any) -> None:  # Any: this loader's Config
        super().__init__(config)
        self._last: tuple[torch.Tensor, list[NDArray[np.int64]]] | None = None

    def rows(self, batch: GraphBatch, rows: NDArray[np.int64], hops: int, seed: int) -> RowFeed:
        """Return portions of the clusters that hold these rows; see `Loader`."""
        return _Rows(batch, rows, self._clusters(batch), hops, self.config.clusters, seed)

    def graphs(self, batch: GraphBatch, seed: int) -> GraphFeed:
        """Return graphs of some clusters, each in one of an epoch; see `Loader`."""
        return _Graphs(batch, self._clusters(batch), self.config.clusters, seed)

    def _clusters(self, batch: GraphBatch) -> list[NDArray[np.int64]]:
        """Return the nodes of each cluster; of the graph asked about last they are kept."""
        if self._last is None or self._last[0] is not batch.indices:
            count = -(-batch.num_nodes // self.config.cluster_size)
            parts = partition(batch.indptr.cpu().numpy(), batch.indices.cpu().numpy(), count)
            self._last = batch.indices, [nodes for nodes in members(parts, count) if len(nodes)]
        return self._last[1]


class _Rows(RowFeed):
    def __init__(
        self,
        batch: GraphBatch,
        rows: NDArray[np.int64],
        clusters: Sequence[NDArray[np.int64]],
        hops: int,
        at_once: int,
        seed: int,
    ) -> None:
        self._batch, self._rows, self._clusters = batch, rows, clusters
        self._hops, self._at_once, self._seed = hops, at_once, seed
        self._number = np.empty(batch.num_nodes, np.int32)
        for number, nodes in enumerate(clusters):
            self._number[nodes] = number
        self._holding = np.unique(self._number[rows])
        self.steps = -(-len(self._holding) // at_once)
        self.num_nodes = min(batch.num_nodes, at_once * batch.num_nodes // len(clusters))
        # Of training and of looking: each is used by one thread alone.
        self._places = [np.full(batch.num_nodes, -1, np.int32) for _ in range(2)]
        self._ahead = Ahead(self._made)

    def portion(self, step: int) -> Portion:
        return self._ahead.get(step)

    def look(self, rows: NDArray[np.int64]) -> Iterator[Portion]:
        holding = np.unique(self._number[rows])
        for some in np.array_split(holding, -(-len(holding) // self._at_once)):
            yield self._portion(rows, some, self._places[1])

    def work(self, rows: NDArray[np.int64]) -> float:
        """Return the nodes of the clusters that hold the rows."""
        return float(sum(len(self._clusters[number]) for number in np.unique(self._number[rows])))

    def close(self) -> None:
        self._ahead.close()

    def _made(self, step: int) -> Portion:
        epoch, index = divmod(step, self.steps)
        drawn = self._holding[drawn_order(len(self._holding), self._seed, epoch)]
        return self._portion(self._rows, np.array_split(drawn, self.steps)[index], self._places[0])

    def _portion(self, rows: NDArray[np.int64], clusters: NDArray[np.int32], place: NDArray[np.int32]) -> Portion:
        device = self._batch.device
        here = np.flatnonzero(np.isin(self._number[rows], clusters))
        asked = torch.from_numpy(here).to(device)
        if self._hops == 0:
            # Nobody is heard: the rows alone are enough.
            return Portion(BlockBatch(self._batch, (), torch.from_numpy(rows[here]).to(device)), asked)
        nodes = np.sort(np.concatenate([self._clusters[number] for number in clusters]))
        picked = torch.from_numpy(np.searchsorted(nodes, rows[here])).to(device)
        return Portion(induced_batch(self._batch, nodes, place), asked, picked)


class _Graphs(GraphsAhead):
    def __init__(self, batch: GraphBatch, clusters: Sequence[NDArray[np.int64]], at_once: int, seed: int) -> None:
        steps = -(-len(clusters) // at_once)
        super().__init__(batch, steps, batch.num_nodes // steps)
        self._clusters, self._seed = clusters, seed

    def nodes(self, step: int, epoch: int, index: int) -> NDArray[np.int64]:
        drawn = np.array_split(drawn_order(len(self._clusters), self._seed, epoch), self.steps)[index]
        return np.sort(np.concatenate([self._clusters[number] for number in drawn]))
