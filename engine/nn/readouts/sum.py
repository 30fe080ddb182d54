"""The sum of a graph's node vectors."""

from __future__ import annotations

from torch import Tensor

from engine.graph.batch import GraphBatch
from engine.nn.readouts._base import Readout, ReadoutConfig
from engine.nn.segments import pool


class Sum(Readout):
    """Adds up the vectors of a graph's nodes, so that the size of a graph is seen.

    Source: Xu et al. (2019), "How powerful are graph neural networks?", section 4.2.
    """

    key = "sum"
    label = "Sum"

    class Config(ReadoutConfig):
        pass

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return the sum of each graph, [B, H]; see `Readout`."""
        return pool(h, batch.graph_ptr, "sum")
