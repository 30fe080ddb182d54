"""The writing head: what it learns, what it must not see, and what it writes."""

import math

import pytest
import torch

from engine.core.errors import MismatchError
from engine.data.chem.grammar import SPECIAL, Vocabulary
from engine.graph.batch import GraphBatch
from engine.infer.writing import between, write
from engine.nn.sequence import SequenceHead

LENGTH = 8
WORDS = Vocabulary((*SPECIAL, "C", "N", "O", "="), (0, 0, 0, 4, 3, 2, 0))


def batch_of(texts: list[str]) -> GraphBatch:
    """Return as many graphs of one node as there are texts."""
    count = len(texts)
    tokens = torch.stack([torch.from_numpy(WORDS.encode(text, LENGTH)) for text in texts])
    return GraphBatch(
        indptr=torch.zeros(count + 1, dtype=torch.int64),
        indices=torch.zeros(0, dtype=torch.int32),
        weight=None,
        x=torch.ones(count, 1),
        graph_ptr=torch.arange(count + 1),
        directed=False,
        tokens=tokens,
    )


def nll(head: SequenceHead, h: torch.Tensor, batch: GraphBatch) -> torch.Tensor:
    """Return the negative log-likelihood per token, nats."""
    return -head(h, batch).sum() / (batch.tokens[:, 1:] > 0).sum()


def test_an_untrained_head_is_about_as_unsure_as_a_die_of_all_tokens() -> None:
    torch.manual_seed(0)
    head = SequenceHead(4, len(WORDS), LENGTH, 16, 0.0).eval()
    assert nll(head, torch.randn(2, 4), batch_of(["CC", "NO"])).item() == pytest.approx(math.log(len(WORDS)), abs=0.35)


def test_the_head_learns_three_molecules_by_heart_and_writes_them() -> None:
    torch.manual_seed(0)
    head, vectors = SequenceHead(4, len(WORDS), LENGTH, 32, 0.0), torch.randn(3, 4)
    texts = ["CC=O", "N", "OCCN"]
    optimiser = torch.optim.Adam(head.parameters(), 0.02)
    for _ in range(120):
        optimiser.zero_grad()
        nll(head, vectors, batch_of(texts)).backward()
        optimiser.step()
    head.eval()
    assert write(head, vectors, WORDS, temperature=0) == texts
    # A batch equals its items one by one, whatever the longest of them is.
    alone = torch.cat([head(vectors[i : i + 1], batch_of(texts[i : i + 1])) for i in range(3)])
    together = head(vectors, batch_of(texts))
    for row, text in enumerate(texts):
        torch.testing.assert_close(together[row], alone[row], rtol=1e-4, atol=1e-5)
        assert (together[row, len(text) + 1 :] == 0).all()


def test_a_token_is_said_without_a_look_at_itself_or_what_follows() -> None:
    torch.manual_seed(0)
    head, h = SequenceHead(4, len(WORDS), LENGTH, 16, 0.0).eval(), torch.randn(1, 4)
    first, second = head(h, batch_of(["CCC"])), head(h, batch_of(["CCN"]))
    assert torch.equal(first[:, :2], second[:, :2])
    assert not torch.equal(first[:, 2:], second[:, 2:])
    # All that could have been said adds up to one.
    said = [head(h, batch_of([f"C{name}"]))[0, 1].exp() for name in WORDS.names[3:]]
    assert sum(said).item() + head(h, batch_of(["C"]))[0, 1].exp().item() < 1


def test_noise_moves_vectors_in_training_alone() -> None:
    head, h = SequenceHead(4, len(WORDS), LENGTH, 16, 0.5), torch.randn(2, 4)
    assert not torch.equal(head.train().vectors(h), head.vectors(h))
    assert torch.equal(head.eval().vectors(h), head.vectors(h))


def test_drawing_repeats_with_its_seed() -> None:
    torch.manual_seed(0)
    head, h = SequenceHead(4, len(WORDS), LENGTH, 16, 0.0).eval(), torch.randn(20, 4)
    drawn = [write(head, h, WORDS, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_graphs_without_a_sequence_are_refused() -> None:
    head = SequenceHead(4, len(WORDS), LENGTH, 16, 0.0)
    with pytest.raises(MismatchError):
        head(torch.randn(1, 4), batch_of(["C"]).with_tokens(None))


def test_the_way_between_two_vectors_has_both_ends_and_keeps_their_length() -> None:
    way = between(torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0]), 3)
    torch.testing.assert_close(way, torch.tensor([[2.0, 0.0], [2.0**0.5, 2.0**0.5], [0.0, 2.0]]))
    straight = between(torch.tensor([1.0, 0.0]), torch.tensor([3.0, 0.0]), 3)
    torch.testing.assert_close(straight[1], torch.tensor([2.0, 0.0]))
