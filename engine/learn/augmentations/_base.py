"""What every augmentation promises: the same nodes in another graph; and what they are built from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from engine.core.component import Component
from engine.graph.batch import GraphBatch
from engine.graph.thinning import keep_edges
from engine.nn.encoders._base import Features


class Augmentation(Component):
    """Base of all augmentations.

    Args: config: its options.
    """

    def __init__(self, config: Any) -> None:  # Any: the subclass's own Config
        self.config = config

    def apply(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return another view of a graph: as many nodes, in the same order; sparse features stay sparse.

        Args: batch: left as it is. generator: source of everything drawn (on the CPU, so that devices draw alike).
        """
        raise NotImplementedError


class NodeAugmentation(Augmentation):
    """Base of the augmentations that leave nodes out.

    Where nodes are compared, those left out stay, without edges and features; where graphs are, they can go.
    """

    def kept(self, batch: GraphBatch, generator: torch.Generator) -> Tensor:
        """Return the nodes that stay, bool [N] on the batch's device; of each graph with nodes at least one."""
        raise NotImplementedError

    def apply(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return a view in which the others have neither edges nor features; see `Augmentation`."""
        kept = self.kept(batch, generator)
        return batch if bool(kept.all()) else with_nodes(batch, kept)


def with_nodes(batch: GraphBatch, kept: Tensor) -> GraphBatch:
    """Return the graph whose other nodes lost their edges and features. Args: kept: bool [N]."""
    edges = kept[rows_of(batch)] & kept[batch.indices.long()]
    return replace(keep_edges(batch, edges), x=rows_kept(batch.x, kept))


def rows_of(batch: GraphBatch) -> Tensor:
    """Return the target of every stored edge, int64 [E]."""
    numbers = torch.arange(batch.num_nodes, device=batch.device)
    return torch.repeat_interleave(numbers, torch.diff(batch.indptr), output_size=batch.num_edges)


def rows_kept(x: Features, kept: Tensor) -> Features:
    """Return features [N, F] whose other rows are zero. Args: kept: bool [N]."""
    return x * kept.unsqueeze(1).to(x.dtype) if isinstance(x, Tensor) else x.keep_rows(kept)
