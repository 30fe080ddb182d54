"""What every encoder promises: graph to node vectors, in blocks from input to output."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor, nn

from engine.core.component import Component
from engine.core.component import Config as ConfigBase
from engine.graph.blocks import AnyBatch, AnyBlock
from engine.graph.features import SparseFeatures

if TYPE_CHECKING:
    from engine.nn.heads import Head

Features = Tensor | SparseFeatures
# One step of an encoder: vectors of a block's sources to vectors of its targets.
Step = Callable[[Features, AnyBlock], Features]


class Encoder(Component, nn.Module):
    """Base of all encoders. An encoder knows nothing of tasks, files or devices.

    `uses_edges` says whether a node's vector depends on its neighbours; verdicts speak of the graph only then.
    `uses_edge_attr` says whether it depends on what edges carry; only such an encoder takes `edge_width`.

    Args:
        config: its options.
        in_width: F, columns of the features.
        edge_width: D, columns of the edge attributes; 0 where edges carry nothing.
    """

    Config: ClassVar[type[ConfigBase]] = ConfigBase
    uses_edges: ClassVar[bool] = True
    uses_edge_attr: ClassVar[bool] = False
    out_width: int

    def __init__(self, config: Any, in_width: int, edge_width: int = 0) -> None:  # Any: the subclass's own Config
        nn.Module.__init__(self)
        self.config = config
        self.in_width = in_width
        self.edge_width = edge_width
        self.out_width = in_width

    @classmethod
    def build(cls, config: Any, in_width: int, *, edge_width: int = 0, for_graphs: bool = False) -> Encoder:
        """Return a new encoder for features and edges of these widths.

        Args: config: its options. in_width: F. edge_width: D, of what edges carry; encoders that do not read it leave
            it. for_graphs: whether a readout follows. An output layer that passes messages between nodes has no place
            then, so all layers are the encoder's own, as with the option `head` set to "linear".
        """
        if for_graphs and "head" in type(config).model_fields:
            config = config.model_copy(update={"head": "linear"})
        return cls(config, in_width, edge_width) if cls.uses_edge_attr else cls(config, in_width)

    @property
    def hops(self) -> int | None:
        """Steps of message passing that `forward` takes; None where it needs the whole graph at once."""
        return None

    @property
    def mixes_nodes(self) -> bool:
        """Whether a node's vector depends on others than those its blocks lead to, as batch norm makes it in training.

        Such an encoder gives other answers on some nodes alone than on all of them.
        """
        return any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in self.modules())

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return one vector for each node.

        Step i goes over `batch.block(i)`, from its sources to its targets; a skip adds `block.own(h)`. So the same
        lines serve the whole graph, a few of its nodes, and sampled neighbours.

        Args:
            batch: the graph, or blocks cut from it, and the features to start from.
            x: features to use instead of the batch's own, dense or sparse; None takes the batch's.
        Returns: [T, H] of the weights' dtype, one row for each target of the last block used: for the whole graph
            every node. An encoder without blocks of its own returns what it was given.
        """
        raise NotImplementedError

    def stages(self) -> list[Step] | None:
        """Return the steps of `forward` in evaluation one by one, so that they can be taken some rows at a time.

        Step i of them goes over block i; there are `hops` of them. None where `forward` is no plain chain.
        """
        return None

    def blocks(self) -> list[nn.Module]:
        """Return the parts from input to output; strategies set their rates, the first one is "the first layer"."""
        raise NotImplementedError

    def make_head(self, width: int) -> Head:
        """Return a new head of `width` outputs, called as `head(h, batch)`."""
        raise NotImplementedError


class Layered(Encoder):
    """An encoder that is a chain of layers, each called as `layer(h, block)` on the next block."""

    layers: nn.ModuleList

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [T, H]; see `Encoder`."""
        h = batch.x if x is None else x
        for number, layer in enumerate(self.layers):
            h = layer(h, batch.block(number))
        return h

    @property
    def hops(self) -> int:
        """The layers."""
        return len(self.layers)

    def stages(self) -> list[Step] | None:
        """Return the layers."""
        return list(self.layers)

    def blocks(self) -> list[nn.Module]:
        """Return the layers."""
        return list(self.layers)
