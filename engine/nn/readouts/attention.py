"""The mean of a graph's node vectors, weighted by attention."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.nn.layers import Linear
from engine.nn.readouts._base import Readout, ReadoutConfig
from engine.nn.segments import pool, segment_softmax


class Attention(Readout):
    """Lets each node say how much it counts for its graph: the mean of its nodes, weighted by softmax(w . h + b).

    With several heads each weighs in its own way, and their means stand side by side.

    Source: Li et al. (2016), "Gated graph sequence neural networks", equation 7, with a softmax over the nodes in place
    of the sigmoid, as torch_geometric's attentional aggregation has it.
    """

    key = "attention"
    label = "Attention"

    class Config(ReadoutConfig):
        heads: int = option(1, "Attentions side by side.", ge=1, le=64)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: Attention.Config
        super().__init__(config, in_width)
        self.score = Linear(in_width, config.heads)
        self.out_width = config.heads * in_width

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return the weighted means, [B, heads * H]; see `Readout`."""
        weight = segment_softmax(self.score(h), batch.graph_ptr)
        parts = (weight.unsqueeze(2) * h.unsqueeze(1)).flatten(1)
        return pool(parts, batch.graph_ptr, "sum")
