"""Messages along edges: equal to hand calculation, to plain torch and to numerical differentiation."""

import pytest
import torch

from engine.graph.features import Pattern, turn_by_sorting
from engine.graph.messages import mirrored_entries
from engine.nn import messages
from engine.nn.messages import at_sources, from_others, from_others_by_torch, rectified_sum, rectified_sum_by_torch
from tests.engine.nn.graphs import small_batch

# A path 0 - 1 - 2: rows hear [1], [0, 2], [1].
PATH = Pattern(torch.tensor([0, 1, 3, 4]), torch.tensor([1, 0, 2, 1], dtype=torch.int32), 3, True)


def _numbers(rows: int, seed: int = 0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(rows, 4, generator=draw, dtype=torch.float64).requires_grad_()


@pytest.fixture(params=[False, True])
def pattern(request) -> Pattern:
    return small_batch(directed=request.param).pattern()


def test_rectified_sums_by_hand():
    h, e = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[-5.0], [1.0], [-1.0], [2.0]])
    assert rectified_sum(h, e, PATH).tolist() == [[0], [2 + 2], [4]]


def test_what_the_others_said_by_hand():
    # Edges 1→0, 0→1, 2→1, 1→2. Into node 1 lead the second and third: each goes on to where it did not come from.
    h = torch.tensor([[1.0], [10.0], [100.0], [1000.0]])
    assert from_others(h, PATH).tolist() == [[100], [0], [0], [10]]


def test_the_other_direction_of_every_entry():
    pattern = small_batch().pattern()
    mirror = mirrored_entries(pattern.indptr.numpy(), pattern.indices.numpy())
    assert mirror.tolist() == turn_by_sorting(pattern).order.tolist() == pattern.turned().order.tolist()


def test_compiled_equals_torch(pattern):
    h, e = _numbers(pattern.num_rows), _numbers(len(pattern.indices), 1)
    torch.testing.assert_close(rectified_sum(h, e, pattern), rectified_sum_by_torch(h, e, pattern))
    torch.testing.assert_close(from_others(e, pattern), from_others_by_torch(e, pattern))
    torch.testing.assert_close(at_sources(h, pattern), h[pattern.indices.long()])


def test_gradients_are_those_of_numerical_differentiation(pattern):
    h, e = _numbers(pattern.num_rows), _numbers(len(pattern.indices), 1)
    assert torch.autograd.gradcheck(lambda h, e: rectified_sum(h, e, pattern), (h, e))
    assert torch.autograd.gradcheck(lambda e: from_others(e, pattern), e)
    assert torch.autograd.gradcheck(lambda h: at_sources(h, pattern), h)


def test_without_compiled_kernels_torch_takes_over(pattern, monkeypatch):
    h, e = _numbers(pattern.num_rows), _numbers(len(pattern.indices), 1)
    expected = rectified_sum(h, e, pattern), from_others(e, pattern), at_sources(h, pattern)
    monkeypatch.setattr(messages, "attention_kernels", lambda: None)
    found = rectified_sum(h, e, pattern), from_others(e, pattern), at_sources(h, pattern)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_the_number_of_threads_changes_no_bit(monkeypatch):
    draw = torch.Generator().manual_seed(0)
    indptr = torch.arange(0, 60_001, 20)
    pattern = Pattern(indptr, torch.randint(3000, (60_000,), generator=draw, dtype=torch.int32), 3000)
    h, e = (torch.randn(n, 40, generator=draw).requires_grad_() for n in (3000, 60_000))

    def run(count):
        monkeypatch.setattr(torch, "get_num_threads", lambda: count)
        out = rectified_sum(h, e, pattern)
        return [out, *torch.autograd.grad(out.square().sum(), [h, e])]

    for one, again in zip(run(1), run(3), strict=True):
        assert torch.equal(one, again)
