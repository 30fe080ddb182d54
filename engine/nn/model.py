"""A model: an encoder, a readout where whole graphs are answered for, and the head that reads it."""

from __future__ import annotations

from torch import Tensor, nn

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.readouts._base import Readout


class Model(nn.Module):
    """Encoder, then head; with a readout between them it answers for graphs instead of nodes.

    Args: encoder: graph to node vectors. width: T, outputs of the head. readout: node vectors to graph vectors, made
        for the encoder's `out_width`.
    """

    def __init__(self, encoder: Encoder, width: int, readout: Readout | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.readout = readout
        self.head = encoder.make_head(width) if readout is None else readout.make_head(width)

    @property
    def hops(self) -> int | None:
        """Steps of message passing from features to logits; None where whole graphs are needed at once."""
        inner = self.encoder.hops
        return None if inner is None or self.readout is not None else inner + self.head.hops

    def forward(self, batch: AnyBatch) -> Tensor:
        """Return logits [T, C], one row for each node of the batch, or each target of its last block.

        With a readout [B, C], one row for each graph.
        """
        return self.answer(self.encoder(batch), batch)

    def answer(self, h: Features, batch: AnyBatch) -> Tensor:
        """Return the logits for what the encoder made of the batch.

        Raises: MismatchError: the batch holds parts of a graph, and the model answers for whole ones.
        """
        return self.head(self._read(h, batch), batch)  # type: ignore[no-any-return]  # modules are untyped callables

    def embed(self, batch: AnyBatch) -> Tensor:
        """Return node vectors [N, H], or graph vectors [B, H] with a readout; dense.

        Of an encoder without blocks node vectors are the features themselves.
        """
        h = self._read(self.encoder(batch), batch)
        return h if isinstance(h, Tensor) else h.to_dense()

    def blocks(self) -> list[nn.Module]:
        """Return the parts from input to output, the head last."""
        read = [] if self.readout is None else [self.readout]
        return [*self.encoder.blocks(), *read, self.head]

    def _read(self, h: Features, batch: AnyBatch) -> Features:
        if self.readout is None:
            return h
        if not isinstance(batch, GraphBatch):
            raise MismatchError("A model that answers for graphs needs whole ones.", hint="Choose another loader.")
        return self.readout(h if isinstance(h, Tensor) else h.to_dense(), batch)  # type: ignore[no-any-return]  # as above
