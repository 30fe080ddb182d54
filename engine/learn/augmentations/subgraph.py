"""Keep what lies around some nodes."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.graph.subgraph import grown
from engine.learn.augmentations._base import NodeAugmentation


class Subgraph(NodeAugmentation):
    """Keeps a share of the nodes of each graph, grown from drawn ones along the edges; the others are left out.

    The neighbourhoods grow ring by ring; of the last ring as many are kept as fit. Where a part of the graph is used
    up, new nodes are drawn. Small graphs among many grow from a single node.

    Source: You et al. (2020), "Graph contrastive learning with augmentations", section 3.1 (subgraph), with rings in
    place of the random walk.
    """

    key = "subgraph"
    label = "Subgraph"

    class Config(ConfigBase):
        share: float = option(0.8, "Share of the nodes that are kept.", gt=0, le=1)
        starts: int = option(8, "Nodes that the kept part grows from.", ge=1, le=100000, advanced=True)

    def kept(self, batch: GraphBatch, generator: torch.Generator) -> Tensor:
        """Return the nodes that stay, as many of each graph as its share."""
        order = torch.randperm(batch.num_nodes, generator=generator)
        sizes = torch.diff(batch.graph_ptr).cpu()
        wanted = torch.clamp((sizes * self.config.share).round().long(), min=1)
        rows = batch.indptr.cpu().numpy(), batch.indices.cpu().numpy()
        starts = self.config.starts if batch.num_graphs == 1 else 1
        kept = grown(*rows, batch.graph_ptr.cpu().numpy(), order.numpy(), wanted.numpy(), starts)
        return torch.from_numpy(kept).to(batch.device)
