"""The mean of a graph's node vectors."""

from __future__ import annotations

from torch import Tensor

from engine.graph.batch import GraphBatch
from engine.nn.readouts._base import Readout, ReadoutConfig
from engine.nn.segments import pool


class Mean(Readout):
    """Averages the vectors of a graph's nodes, so that the size of a graph is not seen.

    Source: Gilmer et al. (2017), "Neural message passing for quantum chemistry", equation 2; the mean as in Hu et al.
    (2020), "Strategies for pre-training graph neural networks".
    """

    key = "mean"
    label = "Mean"
    recommended = True

    class Config(ReadoutConfig):
        pass

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return the mean of each graph, [B, H]; see `Readout`."""
        return pool(h, batch.graph_ptr, "mean")
