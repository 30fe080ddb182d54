"""What every readout promises: node vectors to one vector for each graph, and the head that reads it."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor, nn

from engine.core.component import Component, option
from engine.core.component import Config as ConfigBase
from engine.graph.batch import GraphBatch
from engine.nn.heads import DenseHead, Head


class ReadoutConfig(ConfigBase):
    """What every readout says: how its graph vectors are turned into outputs."""

    after: int = option(1, "Dense layers between a graph's vector and the outputs.", ge=0, le=4)
    dropout: float = option(0.0, "Share of a graph's vector set to zero while training.", ge=0, lt=1)


class Readout(Component, nn.Module):
    """Base of all readouts. A graph without nodes is read as zeros.

    Args: config: its options. in_width: H, columns of the node vectors.
    """

    Config: ClassVar[type[ConfigBase]] = ReadoutConfig
    out_width: int

    def __init__(self, config: Any, in_width: int) -> None:  # Any: the subclass's own Config
        nn.Module.__init__(self)
        self.config = config
        self.in_width = in_width
        self.out_width = in_width

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        """Return one vector for each graph, [B, out_width], for node vectors h [N, H]."""
        raise NotImplementedError

    def make_head(self, width: int) -> Head:
        """Return a new head of `width` outputs for graph vectors."""
        return DenseHead(self.out_width, width, self.config.after, self.config.dropout)
