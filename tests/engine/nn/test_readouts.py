"""Readouts: equal to hand calculation and to torch_geometric."""

import pytest
import torch

from engine.graph.batch import GraphBatch
from engine.nn import segments
from engine.nn.readouts.attention import Attention
from engine.nn.segments import pool, segment_softmax, spread

STARTS = torch.tensor([0, 2, 2, 5])
X = torch.tensor([[1.0, -1.0], [3.0, -5.0], [2.0, 0.0], [0.0, 7.0], [4.0, -1.0]])


def _numbers(seed: int = 0) -> torch.Tensor:
    return torch.randn(5, 3, generator=torch.Generator().manual_seed(seed))


def test_sum_mean_and_largest_by_hand():
    assert pool(X, STARTS, "sum").tolist() == [[4, -6], [0, 0], [6, 6]]
    assert pool(X, STARTS, "mean").tolist() == [[2, -3], [0, 0], [2, 2]]
    assert pool(X, STARTS, "max").tolist() == [[3, -1], [0, 0], [4, 7]]


def test_spread_gives_each_node_the_row_of_its_graph():
    v = torch.tensor([[1.0], [2.0], [3.0]], requires_grad=True)
    rows = spread(v, STARTS, 5)
    assert rows[:, 0].tolist() == [1, 1, 3, 3, 3]
    rows.sum().backward()
    assert v.grad[:, 0].tolist() == [2, 0, 3]


def test_the_softmax_of_a_graph_adds_up_to_one_however_large_its_scores():
    score = torch.tensor([[1000.0], [1000.0], [-2000.0], [-2000.0], [-2000.0]])
    torch.testing.assert_close(segment_softmax(score, STARTS)[:, 0], torch.tensor([0.5, 0.5, 1 / 3, 1 / 3, 1 / 3]))


def test_without_compiled_kernels_torch_takes_over(monkeypatch):
    expected = [pool(X, STARTS, how) for how in ("sum", "mean", "max")]
    monkeypatch.setattr(segments, "attention_kernels", lambda: None)
    for how, value in zip(("sum", "mean", "max"), expected, strict=True):
        torch.testing.assert_close(pool(X, STARTS, how), value)


@pytest.mark.parametrize("how", ["sum", "mean", "max"])
def test_pooling_equals_torch_geometric(how):
    nn = pytest.importorskip("torch_geometric.nn")
    theirs = {"sum": nn.global_add_pool, "mean": nn.global_mean_pool, "max": nn.global_max_pool}[how]
    torch.testing.assert_close(pool(_numbers(), STARTS, how), theirs(_numbers(), torch.tensor([0, 0, 2, 2, 2]), 3))


def test_attention_equals_torch_geometric():
    aggregation = pytest.importorskip("torch_geometric.nn.aggr").AttentionalAggregation
    ours = Attention(Attention.Config(), 3)
    gate = torch.nn.Linear(3, 1)
    gate.weight.data, gate.bias.data = ours.score.weight.data.t(), ours.score.bias.data
    indptr, indices = torch.zeros(6, dtype=torch.int64), torch.zeros(0, dtype=torch.int32)
    h = _numbers().requires_grad_()
    batch = GraphBatch(indptr, indices, None, h.detach(), STARTS, False)
    mine, other = ours(h, batch), aggregation(gate)(h, ptr=STARTS)
    torch.testing.assert_close(mine, other)
    along = torch.randn(3, 3)
    torch.testing.assert_close(torch.autograd.grad(mine, h, along)[0], torch.autograd.grad(other, h, along)[0])
