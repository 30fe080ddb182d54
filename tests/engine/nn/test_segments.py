"""Sum, mean and largest over the rows of a graph: against plain torch, torch_geometric and small sums by hand."""

import numpy as np
import pytest
import torch

from engine.graph.batch import GraphBatch
from engine.graph.blocks import Block
from engine.graph.features import Pattern
from engine.graph.graph import Graph
from engine.nn import segments
from engine.nn.segments import aggregate, aggregate_by_torch, stand_for, sum_with_own
from tests.engine.nn.graphs import small_batch, small_graph

WAYS = ["sum", "mean", "max"]


def _pattern(sources: int = 40, targets: int = 40, entries: int = 150) -> Pattern:
    """Random entries in ascending order, a hub that hears everybody, and three targets that hear nobody."""
    draw = np.random.default_rng(0)
    row, column = draw.integers(1, targets - 3, entries), draw.integers(0, sources, entries)
    pairs = np.stack([np.append(row, [0] * sources), np.append(column, np.arange(sources))], 1)
    pairs = np.unique(pairs, axis=0)
    indptr = np.zeros(targets + 1, np.int64)
    np.cumsum(np.bincount(pairs[:, 0], minlength=targets), out=indptr[1:])
    return Pattern(torch.from_numpy(indptr), torch.from_numpy(pairs[:, 1].astype(np.int32)), sources)


def _numbers(*shape: int, dtype: torch.dtype = torch.float64, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed)).requires_grad_()


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("width", [1, 7, 32])
@pytest.mark.parametrize("targets", [40, 25])
def test_compiled_aggregation_equals_plain_torch_in_values_and_gradients(how, dtype, width, targets):
    pattern = _pattern(targets=targets)
    # Rounded, so that rows hold equal numbers too.
    x = _numbers(40, width, dtype=dtype).detach().round(decimals=1).requires_grad_()
    along = _numbers(targets, width, dtype=dtype, seed=1).detach()
    ours, theirs = aggregate(x, pattern, how), aggregate_by_torch(x, pattern, how)
    torch.testing.assert_close(ours, theirs)
    (mine,), (other,) = (torch.autograd.grad(out, x, along) for out in (ours, theirs))
    torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("how", WAYS)
def test_the_gradient_is_that_of_numerical_differentiation(how):
    pattern = _pattern(9, 7, 12)
    assert torch.autograd.gradcheck(lambda x: aggregate(x, pattern, how), _numbers(9, 3))


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("sources", "targets"), [(9, 9), (9, 7)])
def test_the_own_row_comes_with_the_sum(monkeypatch, sources, targets, compiled, counted):
    if not compiled:
        monkeypatch.setattr("engine.graph.products.kernels_for", lambda x: None)
    pattern = _pattern(sources, targets, 12)
    counts = _numbers(len(pattern.indices), seed=2).detach() if counted else None
    x, own = _numbers(sources, 3), _numbers(1, seed=1)

    def both(x: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
        return sum_with_own(x, own, pattern, counts)

    apart = aggregate(x, pattern, "sum", counts) + own * x[:targets]
    torch.testing.assert_close(both(x, own), apart)
    assert torch.autograd.gradcheck(both, (x, own))
    assert torch.autograd.gradcheck(lambda own: both(x.detach(), own), own)


def test_aggregation_by_hand():
    pattern = Pattern(torch.tensor([0, 2, 2, 3]), torch.tensor([1, 2, 0], dtype=torch.int32), 3)
    x = torch.tensor([[1.0, -1.0], [2.0, -4.0], [6.0, -5.0]])
    assert aggregate(x, pattern, "sum").tolist() == [[8, -9], [0, 0], [1, -1]]
    assert aggregate(x, pattern, "mean").tolist() == [[4, -4.5], [0, 0], [1, -1]]
    assert aggregate(x, pattern, "max").tolist() == [[6, -4], [0, 0], [1, -1]]


def test_sampled_neighbours_stand_for_those_left_out():
    # Node 0 hears four others, of which two are drawn: each counts twice in a sum, once in a mean.
    graph = Graph.from_edges([1, 2, 3, 4], [0, 0, 0, 0], 5, directed=True)
    batch = GraphBatch.from_graph(graph, np.ones((5, 1), np.float32))
    rows = torch.tensor([0, 2]), torch.tensor([1, 2], dtype=torch.int32)
    block = Block(*rows, torch.full((2,), 2.0), torch.tensor([0, 1, 4]), batch)
    x = torch.tensor([[5.0], [1.0], [2.0]], requires_grad=True)
    out = aggregate(x, block.pattern(), "sum", stand_for(block))
    out.sum().backward()
    assert out.item() == 6
    assert x.grad.tolist() == [[0], [2], [2]]
    assert aggregate(x, block.pattern(), "mean", stand_for(block)).item() == 1.5
    assert stand_for(batch) is None


def test_of_equal_ones_the_first_takes_the_gradient():
    pattern = Pattern(torch.tensor([0, 3]), torch.tensor([0, 1, 2], dtype=torch.int32), 3)
    for work in (aggregate, aggregate_by_torch):
        x = torch.tensor([[1.0], [4.0], [4.0]], requires_grad=True)
        work(x, pattern, "max").sum().backward()
        assert x.grad.tolist() == [[0], [1], [0]]


def test_nan_passes_on():
    pattern = Pattern(torch.tensor([0, 3]), torch.tensor([0, 1, 2], dtype=torch.int32), 3)
    for place in range(3):
        x = torch.ones(3, 1)
        x[place] = torch.nan
        assert bool(aggregate(x, pattern, "max").isnan())
        assert bool(aggregate_by_torch(x, pattern, "max").isnan())


def test_the_number_of_threads_changes_no_bit(monkeypatch):
    pattern = _pattern(3000, 3000, 30_000)
    x, along = _numbers(3000, 60, dtype=torch.float32), _numbers(3000, 60, dtype=torch.float32, seed=1).detach()

    def run(count):
        monkeypatch.setattr(torch, "get_num_threads", lambda: count)
        out = aggregate(x, pattern, "max")
        return out.detach(), torch.autograd.grad(out, x, along)[0]

    for threads in (2, 3):
        assert all(torch.equal(one, again) for one, again in zip(run(1), run(threads), strict=True))


def test_without_compiled_kernels_torch_takes_over(monkeypatch):
    pattern, x = _pattern(), _numbers(40, 3)
    expected = aggregate(x, pattern, "max")
    monkeypatch.setattr(segments, "attention_kernels", lambda: None)
    torch.testing.assert_close(aggregate(x, pattern, "max"), expected)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("directed", [False, True])
def test_aggregation_equals_torch_geometric(how, directed):
    aggr = pytest.importorskip("torch_geometric.nn").SimpleConv
    batch = small_batch(directed=directed)
    edges = torch.from_numpy(small_graph(directed=directed).edge_index())
    torch.testing.assert_close(aggregate(batch.x, batch.pattern(), how), aggr(aggr=how)(batch.x, edges))
