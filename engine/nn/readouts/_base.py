"""What every readout promises: node vectors to one vector for each graph, and the head that reads it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from engine.core.component import Component, option
from engine.core.component import Config as ConfigBase
from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.graph.features import SparseFeatures
from engine.nn.heads import DenseHead, Head
from engine.nn.whole import WholeName, WholeNumbers


class ReadoutConfig(ConfigBase):
    """What every readout says: how its graph vectors are turned into outputs."""

    after: int = option(1, "Dense layers between a graph's vector and the outputs.", ge=0, le=4)
    dropout: float = option(0.0, "Share of a graph's vector set to zero while training.", ge=0, lt=1)
    whole: Literal["nothing"] | WholeName = option(
        "nothing",
        "Numbers of the whole graph that are read beside its vector: its size with sums and means of its features, or, "
        "of a molecule, the descriptors that RDKit calculates from its structure or only its counts of groups.",
    )


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

    def make_head(self, width: int, inner: Head | None = None, whole: WholeNumbers | None = None) -> ReadingHead:
        """Return a new head of `width` outputs for graphs, with this readout in it; see `ReadingHead`."""
        return ReadingHead(self, width, inner, whole)


class ReadingHead(Head):
    """A readout, then dense layers: node vectors to outputs for graphs. It needs whole graphs.

    Args: readout: as its options say, also of what comes after it. width: T. inner: a head for graph vectors in place
        of the dense layers. whole: numbers of the graph that the dense layers see, too.
    """

    def __init__(
        self, readout: Readout, width: int, inner: Head | None = None, whole: WholeNumbers | None = None
    ) -> None:
        super().__init__()
        self.readout = readout
        seen = readout.out_width + (whole.width if whole else 0)
        self.inner = inner or DenseHead(seen, width, readout.config.after, readout.config.dropout)
        self.whole = whole

    def forward(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return outputs [B, T] for node vectors h [N, H].

        Raises: MismatchError: the batch holds parts of a graph, or the numbers of its graphs are not with it.
        """
        vectors = self.read(h, batch)
        if self.whole is not None:
            vectors = torch.cat([vectors, self.whole(_known(batch, self.whole.name))], dim=1)
        return self.inner(vectors, batch)  # type: ignore[no-any-return]  # modules are untyped callables

    def fit_whole(self, batch: AnyBatch, rows: Tensor) -> None:
        """Learn the scale of the numbers of whole graphs, where there are some. Args: rows: graphs that train."""
        if self.whole is not None:
            self.whole.fit(_known(batch, self.whole.name)[rows])

    def read(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return graph vectors [B, H'].

        Raises: MismatchError: the batch holds parts of a graph.
        """
        if not isinstance(batch, GraphBatch):
            raise MismatchError("A model that answers for graphs needs whole ones.", hint="Choose another loader.")
        return self.readout(h if isinstance(h, Tensor) else h.to_dense(), batch)  # type: ignore[no-any-return]  # as above


def _known(batch: AnyBatch, name: str) -> Tensor:
    if not isinstance(batch, GraphBatch) or name not in batch.known:
        raise MismatchError(f"The model reads {name} of whole graphs, which are not known of these.")
    return batch.known[name]
