"""The max of a graph's node vectors."""

from __future__ import annotations

from torch import Tensor

from engine.graph.batch import GraphBatch
from engine.nn.readouts._base import Readout, ReadoutConfig
from engine.nn.segments import pool


class Max(Readout):
    """Takes the largest number of a graph's nodes in each column: whether something is there, not how often.

    Source: Xu et al. (2019), "How powerful are graph neural networks?", section 5.3.
    """

    key = "max"
    label = "Largest"

    class Config(ReadoutConfig):
        pass

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return the max of each graph, [B, H]; see `Readout`."""
        return pool(h, batch.graph_ptr, "max")
