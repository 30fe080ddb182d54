"""A model: an encoder and the head that reads it."""

from __future__ import annotations

from torch import Tensor, nn

from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder


class Model(nn.Module):
    """Encoder, then head.

    Args: encoder: graph to node vectors. width: T, outputs of the head.
    """

    def __init__(self, encoder: Encoder, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = encoder.make_head(width)

    @property
    def hops(self) -> int | None:
        """Steps of message passing from features to logits; None where the encoder needs the whole graph at once."""
        inner = self.encoder.hops
        return None if inner is None else inner + self.head.hops

    def forward(self, batch: AnyBatch) -> Tensor:
        """Return logits [T, C], one row for each node of the batch, or each target of its last block."""
        return self.head(self.encoder(batch), batch)  # type: ignore[no-any-return]  # modules are untyped callables

    def embed(self, batch: AnyBatch) -> Tensor:
        """Return node vectors [N, H], dense; of an encoder without blocks they are the features themselves."""
        h = self.encoder(batch)
        return h if isinstance(h, Tensor) else h.to_dense()

    def blocks(self) -> list[nn.Module]:
        """Return the parts from input to output, the head last."""
        return [*self.encoder.blocks(), self.head]
