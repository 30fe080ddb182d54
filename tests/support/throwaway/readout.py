"""A readout in one file."""

from torch import Tensor

from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.nn.readouts._base import Readout, ReadoutConfig
from engine.nn.segments import pool


class Throwaway(Readout):
    """Adds up some columns.

    Source: made up for a test.
    """

    key = "throwaway"
    label = "Throw-away"

    class Config(ReadoutConfig):
        amount: int = option(3, "How much of it.", ge=1, le=9, unit="pieces")

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        return pool(h, batch.graph_ptr, "sum")
