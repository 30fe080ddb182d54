"""Leave out edges at random."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.graph.thinning import keep_edges
from engine.learn.augmentations._base import Augmentation, rows_of

# Multipliers of the mixer splitmix64, as signed numbers of 64 bits.
_FIRST, _SECOND = -4658895280553007687, -7723592293110705685


class DropEdges(Augmentation):
    """Leaves out a share of the edges, each by its own lot; an undirected edge goes or stays as one.

    Source: Rong et al. (2020), "DropEdge: towards deep graph convolutional networks on node classification".
    """

    key = "drop_edges"
    label = "Drop edges"

    class Config(ConfigBase):
        share: float = option(0.3, "Share of the edges that are left out.", ge=0, lt=1)

    def apply(self, batch: GraphBatch, generator: torch.Generator) -> GraphBatch:
        """Return a view with fewer edges; see `Augmentation`."""
        if self.config.share == 0.0 or not batch.num_edges:
            return batch
        salt = int(torch.randint(2**62, (), generator=generator))
        return keep_edges(batch, _lots(batch, salt) >= self.config.share)


def _lots(batch: GraphBatch, salt: int) -> Tensor:
    """Return a number in [0, 1) for every stored edge, the same for both entries of an undirected one.

    Mixed from the two nodes' numbers rather than drawn in turn: no table of which entry mirrors which is needed.

    Source: Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators" (the mixer of splitmix64).
    """
    row, column = rows_of(batch), batch.indices.long()
    if not batch.directed:
        row, column = torch.minimum(row, column), torch.maximum(row, column)
    mixed = row.mul_(batch.num_nodes).add_(column).add_(salt)
    mixed = mixed.bitwise_xor_((mixed >> 30) & (2**34 - 1)).mul_(_FIRST)
    mixed = mixed.bitwise_xor_((mixed >> 27) & (2**37 - 1)).mul_(_SECOND)
    mixed = mixed.bitwise_xor_((mixed >> 31) & (2**33 - 1))
    return ((mixed >> 40) & (2**24 - 1)).float().mul_(2.0**-24)
