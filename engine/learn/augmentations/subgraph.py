"""Keep what lies around some nodes."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.augmentations._base import Augmentation, rows_of, with_nodes


class Subgraph(Augmentation):
    """Keeps a share of the nodes, grown from a few drawn ones along the edges; the others lose edges and features.

    The neighbourhoods grow ring by ring; of the last ring as many are kept as fit. Where a part of the graph is used
    up, new nodes are drawn.

    Source: You et al. (2020), "Graph contrastive learning with augmentations", section 3.1 (subgraph), with rings in
    place of the random walk.
    """

    key = "subgraph"
    label = "Subgraph"

    class Config(ConfigBase):
        share: float = option(0.8, "Share of the nodes that are kept.", gt=0, le=1)
        starts: int = option(8, "Nodes that the kept part grows from.", ge=1, le=100000, advanced=True)

    def apply(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return a view of a part; see `Augmentation`."""
        wanted = max(1, round(batch.num_nodes * self.config.share))
        if wanted == batch.num_nodes:
            return batch
        return with_nodes(batch, self._grown(batch, wanted, generator).to(batch.device))

    def _grown(self, batch: GraphBatch, wanted: int, generator: torch.Generator) -> Tensor:
        row, column = rows_of(batch).cpu(), batch.indices.long().cpu()
        order = torch.randperm(batch.num_nodes, generator=generator)
        kept = torch.zeros(batch.num_nodes, dtype=torch.bool)
        while (missing := wanted - int(kept.sum())) > 0:
            ring = torch.zeros_like(kept)
            ring[row[kept[column]]] = True
            ring &= ~kept
            found = order[ring[order]]
            if not len(found):
                found = order[~kept[order]][: self.config.starts]
            kept[found[:missing]] = True
        return kept
