"""What every encoder promises: graph to node vectors, in blocks from input to output."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor, nn

from engine.core.component import Component, option
from engine.core.component import Config as ConfigBase
from engine.graph.blocks import AnyBatch, AnyBlock
from engine.graph.features import SparseFeatures
from engine.nn.jumping import JumpName, joined, joined_width
from engine.nn.virtual_node import VirtualNode

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


class LayeredConfig(ConfigBase):
    """What every chain of layers can do besides."""

    jumping: JumpName = option(
        "none",
        "What is read: the last layer, or all of them, side by side or the largest of their numbers.",
        advanced=True,
    )
    virtual_node: bool = option(
        False, "Joins all nodes of a graph through one more node between layers.", advanced=True
    )


class Layered(Encoder):
    """An encoder that is a chain of layers, each called as `layer(h, block)` on the next block.

    Before them may stand a map of the features, `start`; a subclass calls `connect` when it has made its layers.
    """

    layers: nn.ModuleList

    def __init__(self, config: Any, in_width: int, edge_width: int = 0) -> None:  # Any: the subclass's own Config
        super().__init__(config, in_width, edge_width)
        self.start: nn.Module | None = None
        self.virtual: VirtualNode | None = None
        self.jumping: JumpName = "none"

    def connect(self, width: int) -> None:
        """Set what is read of the layers and what joins them, as the options say. Args: width: of every layer."""
        self.jumping = self.config.jumping
        self.out_width = joined_width(width, len(self.layers), self.jumping)
        if self.config.virtual_node and len(self.layers) > 1:
            self.virtual = VirtualNode(width, len(self.layers), self.config.norm)

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [T, H]; see `Encoder`."""
        h = batch.x if x is None else x
        if self.start is not None:
            h = self.start(h)
        kept: list[Tensor] = []
        v: Tensor | None = None
        for number, layer in enumerate(self.layers):
            block = batch.block(number)
            h = layer(h, block)
            if self.jumping != "none":
                kept = [*(block.own(earlier) for earlier in kept), h]
            if self.virtual is not None and number < len(self.layers) - 1:
                h, v = self.virtual(number, h, v, batch)
        return joined(kept, self.jumping) if kept else h

    @property
    def hops(self) -> int | None:
        """The layers; None with a virtual node, which needs whole graphs."""
        return len(self.layers) if self.virtual is None else None

    def stages(self) -> list[Step] | None:
        """Return the layers, the first together with the map before it; None where more than the last is read."""
        if self.jumping != "none" or self.virtual is not None:
            return None
        if self.start is None or not len(self.layers):
            return None if self.start is not None else list(self.layers)
        start, first = self.start, self.layers[0]

        def begin(h: Features, block: AnyBlock) -> Features:
            begun: Features = first(start(h), block)
            return begun

        return [begin, *self.layers[1:]]

    def blocks(self) -> list[nn.Module]:
        """Return the map before the layers, the layers, and what joins them."""
        before = [] if self.start is None else [self.start]
        between = [] if self.virtual is None else [self.virtual]
        return [*before, *self.layers, *between]
