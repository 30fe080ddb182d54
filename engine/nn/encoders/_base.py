"""What every encoder promises: graph to node vectors, in blocks from input to output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor, nn

from engine.core.component import Component
from engine.core.component import Config as ConfigBase
from engine.graph.batch import GraphBatch
from engine.graph.features import SparseFeatures

if TYPE_CHECKING:
    from engine.nn.heads import Head

Features = Tensor | SparseFeatures


class Encoder(Component, nn.Module):
    """Base of all encoders. An encoder knows nothing of tasks, files or devices.

    `uses_edges` says whether a node's vector depends on its neighbours; verdicts speak of the graph only then.

    Args:
        config: its options.
        in_width: F, columns of the features.
    """

    Config: ClassVar[type[ConfigBase]] = ConfigBase
    uses_edges: ClassVar[bool] = True
    out_width: int

    def __init__(self, config: Any, in_width: int) -> None:  # Any: the subclass's own Config
        nn.Module.__init__(self)
        self.config = config
        self.in_width = in_width
        self.out_width = in_width

    def forward(self, batch: GraphBatch, x: Features | None = None) -> Features:
        """Return one vector for each node.

        Args:
            batch: the graph, and its features.
            x: features to use instead of the batch's own, [N, F] dense or sparse; None takes the batch's.
        Returns: [N, H] of the weights' dtype. An encoder without blocks of its own returns what it was given.
        """
        raise NotImplementedError

    def blocks(self) -> list[nn.Module]:
        """Return the parts from input to output; strategies set their rates, the first one is "the first layer"."""
        raise NotImplementedError

    def make_head(self, width: int) -> Head:
        """Return a new head of `width` outputs, called as `head(h, batch)`."""
        raise NotImplementedError
