"""A head that writes: from a graph's vector, one token after another."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.graph.features import SparseFeatures
from engine.nn.heads import Head


class SequenceHead(Head):
    """A gated recurrent unit that starts from a graph's vector, sees it at every step, and says the next token.

    Trained with the true tokens before each place as its input (teacher forcing), which the batch carries.

    Args: in_width: H, columns of the graph vectors. vocabulary: V, tokens; 0 pads. length: L, longest sequence, begin
        and end counted. width: of the recurrent state. noise: deviation of the normal noise that training adds to the
        vectors, in units of their own root mean square, so that vectors near by say nearly the same.
    Source: Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder", section 2.2, with the
        vector as input of every step.
    """

    def __init__(self, in_width: int, vocabulary: int, length: int, width: int, noise: float) -> None:
        super().__init__()
        self.vocabulary, self.length, self.noise = vocabulary, length, noise
        self.normalise = nn.LayerNorm(in_width)
        self.token = nn.Embedding(vocabulary, max(8, width // 4))
        self.start = nn.Linear(in_width, width)
        self.recurrent = nn.GRU(self.token.embedding_dim + in_width, width, batch_first=True)
        self.out = nn.Linear(width, vocabulary)

    def forward(self, h: Tensor | SparseFeatures, batch: AnyBatch) -> Tensor:
        """Return the log-probability of each true token but the first, [B, L - 1], 0 for padding.

        Raises: MismatchError: the batch carries no tokens.
        """
        if not isinstance(batch, GraphBatch) or batch.tokens is None or isinstance(h, SparseFeatures):
            raise MismatchError("A sequence can only be learnt from graphs that carry one.")
        vectors = self.vectors(h)
        # Longer than the longest of this batch is padding, which costs as much and says nothing.
        used = max(2, int((batch.tokens > 0).sum(1).max()))
        tokens = batch.tokens[:, :used].long()
        told = torch.cat([self.token(tokens[:, :-1]), vectors[:, None].expand(-1, used - 1, -1)], 2)
        states, _ = self.recurrent(told, self._first(vectors))
        chances = torch.log_softmax(self.out(states), 2).gather(2, tokens[:, 1:, None])[:, :, 0]
        return nn.functional.pad(chances.masked_fill(tokens[:, 1:] == 0, 0.0), (0, self.length - used))

    def vectors(self, h: Tensor) -> Tensor:
        """Return the vectors [B, H] as the recurrent unit sees them: of one scale, and with noise while training."""
        vectors: Tensor = self.normalise(h)
        return vectors + self.noise * torch.randn_like(vectors) if self.training and self.noise else vectors

    def begin(self, vectors: Tensor) -> Tensor:
        """Return the state before the first token, [1, B, width], for vectors as `vectors` returns them."""
        return self._first(vectors)

    def step(self, vectors: Tensor, state: Tensor, token: Tensor) -> tuple[Tensor, Tensor]:
        """Write one token. Args: token: int64 [B], the last one. Returns: logits [B, V] of the next, and the state."""
        told = torch.cat([self.token(token), vectors], 1)[:, None]
        out, after = self.recurrent(told, state)
        return self.out(out[:, 0]), after

    def _first(self, vectors: Tensor) -> Tensor:
        return torch.tanh(self.start(vectors))[None]
