"""A model: an encoder, a readout where whole graphs are answered for, and the head that reads it."""

from __future__ import annotations

from torch import Tensor, nn

from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder
from engine.nn.heads import Head
from engine.nn.readouts._base import ReadingHead, Readout
from engine.nn.whole import WholeNumbers


class Model(nn.Module):
    """Encoder, then head; with a readout between them it answers for graphs instead of nodes.

    Args: encoder: graph to node vectors. width: T, outputs of the head. readout: node vectors to graph vectors, made
        for the encoder's `out_width`. inner: a head of the task's own, behind readout or encoder. whole: numbers of
        whole graphs that are read beside what the readout makes.
    """

    def __init__(
        self,
        encoder: Encoder,
        width: int,
        readout: Readout | None = None,
        inner: Head | None = None,
        whole: WholeNumbers | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.head: Head = readout.make_head(width, inner, whole) if readout else inner or encoder.make_head(width)

    @property
    def answers_for_graphs(self) -> bool:
        """Whether there is a row of logits for each graph, not for each node."""
        return isinstance(self.head, ReadingHead)

    @property
    def hops(self) -> int | None:
        """Steps of message passing from features to logits; None where whole graphs are needed at once."""
        inner = self.encoder.hops
        return None if inner is None or self.answers_for_graphs else inner + self.head.hops

    def forward(self, batch: AnyBatch) -> Tensor:
        """Return logits [T, C], one row for each node of the batch, or each target of its last block.

        With a readout [B, C], one row for each graph.
        """
        return self.head(self.encoder(batch), batch)  # type: ignore[no-any-return]  # modules are untyped callables

    def embed(self, batch: AnyBatch) -> Tensor:
        """Return node vectors [N, H], or graph vectors [B, H] with a readout; dense.

        Of an encoder without blocks node vectors are the features themselves.
        """
        h = self.encoder(batch)
        if isinstance(self.head, ReadingHead):
            return self.head.read(h, batch)
        return h if isinstance(h, Tensor) else h.to_dense()

    def blocks(self) -> list[nn.Module]:
        """Return the parts from input to output, the head last; a readout is part of the head."""
        return [*self.encoder.blocks(), self.head]
