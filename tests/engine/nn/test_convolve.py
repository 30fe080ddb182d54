"""The fused convolution against torch's own operations: values and gradients, compiled and not, alone and shared."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.graph import products
from engine.graph.batch import GraphBatch
from engine.graph.blocks import neighbourhood
from engine.graph.buffers import reused_buffers
from engine.graph.graph import Graph
from engine.nn import ops, owning
from engine.nn.ops import convolve, pick

NODES = 50


def _graph(weighted: bool, directed: bool) -> Graph:
    """A hub, random edges, and four nodes that know nobody."""
    draw = np.random.default_rng(1)
    source = np.concatenate([draw.integers(0, 46, 80), np.arange(1, 40)])
    target = np.concatenate([draw.integers(0, 46, 80), 0 * np.arange(1, 40)])
    weight = draw.random(119) + 0.1 if weighted else None
    return Graph.from_edges(source, target, NODES, weight=weight, directed=directed)


def _operator(weighted: bool = False, directed: bool = False, *, cut: bool = False):
    batch = GraphBatch.from_graph(_graph(weighted, directed), np.zeros((NODES, 1), np.float32))
    return (neighbourhood(batch, torch.tensor([3, 0, 49, 8])) if cut else batch).propagation()


def _dense(operator) -> torch.Tensor:
    return operator.forward.product(torch.eye(operator.forward.width, dtype=torch.float64))


def _tables(operator, wide: int, narrow: int, dtype: torch.dtype) -> list[torch.Tensor]:
    draw = torch.Generator().manual_seed(wide + 100 * narrow)
    shapes = [(operator.forward.width, wide), (wide, narrow), (narrow,)]
    return [torch.randn(shape, generator=draw, dtype=torch.float64).to(dtype).requires_grad_() for shape in shapes]


@pytest.fixture(params=["compiled", "torch"])
def path(request, monkeypatch):
    if request.param == "torch":
        monkeypatch.setattr(products, "_kernels", lambda: None)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("widths", [(1, 1), (7, 3), (3, 7), (16, 33), (8, 8)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("positive", [False, True])
def test_values_and_gradients_equal_dense_multiplication(path, dtype, widths, weighted, cut, positive):
    operator = _operator(weighted, directed=weighted, cut=cut)
    x, weight, bias = _tables(operator, *widths, dtype)
    close = {"rtol": 1e-4, "atol": 1e-4} if dtype == torch.float32 else {"rtol": 1e-10, "atol": 1e-10}
    got = convolve(operator, x, weight, bias, positive=positive)
    expected = _dense(operator) @ x.double() @ weight.double() + bias.double()
    expected = expected.relu() if positive else expected
    torch.testing.assert_close(got.double(), expected, **close)
    weights = torch.arange(got.numel(), dtype=dtype).reshape(got.shape).cos()
    ours = torch.autograd.grad((got * weights).sum(), [x, weight, bias])
    theirs = torch.autograd.grad((expected * weights).sum(), [x, weight, bias])
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, **close)


@pytest.mark.parametrize("positive", [False, True])
def test_features_propagated_beforehand_and_sparse_ones_give_the_same(path, positive):
    operator = _operator()
    x, weight, bias = _tables(operator, 6, 4, torch.float64)
    constant = x.detach() * (x.detach() > 0)
    sparse = GraphBatch.from_graph(_graph(False, False), sp.csr_matrix(constant.float().numpy())).x
    constant = constant.float().double()
    expected = convolve(operator, constant, weight, bias, positive=positive)
    gradients = torch.autograd.grad(expected.square().sum(), [weight, bias])
    smoothed = operator.forward.product(constant)
    for given in ({"x": None, "smoothed": smoothed}, {"x": sparse.to(dtype=torch.float64)}):
        got = convolve(operator, weight=weight, bias=bias, positive=positive, **given)
        torch.testing.assert_close(got, expected)
        for mine, other in zip(torch.autograd.grad(got.square().sum(), [weight, bias]), gradients, strict=True):
            torch.testing.assert_close(mine, other)


def test_without_a_bias_nothing_is_added():
    operator = _operator()
    x, weight, _ = _tables(operator, 5, 3, torch.float64)
    expected = (_dense(operator) @ x @ weight).relu()
    got = convolve(operator, x, weight, positive=True)
    torch.testing.assert_close(got, expected)
    smoothed = convolve(operator, None, weight, positive=True, smoothed=operator.forward.product(x))
    mine, other = (torch.autograd.grad(value.sum(), weight)[0] for value in (smoothed, expected))
    torch.testing.assert_close(mine, other)


def test_what_is_not_a_number_stays_visible_behind_the_rectifier(path):
    operator = _operator()
    x, weight, bias = (table.detach() for table in _tables(operator, 3, 9, torch.float32))
    x[10] = float("nan")
    out = convolve(operator, x, weight, bias, positive=True)
    assert out[10].isnan().all()
    assert not out[49].isnan().any()


def test_a_rectifiers_gradient_leaves_alone_what_others_hold():
    """A sum hands the same gradient to both sides; a mask written into it would reach the other one."""
    operator = _operator()
    x, weight, bias = _tables(operator, 4, 4, torch.float64)
    other = torch.randn(NODES, 4, dtype=torch.float64, requires_grad=True)
    seen: list[torch.Tensor] = []
    h = convolve(operator, x, weight, bias, positive=True)
    h.register_hook(seen.append)
    convolve(operator, h + other, weight, bias, positive=True).square().sum().backward()
    before = [table.grad.clone() for table in (x, weight, bias, other)]
    expected = (_dense(operator) @ x @ weight + bias).relu()
    expected = (_dense(operator) @ (expected + other) @ weight + bias).relu()
    found = torch.autograd.grad(expected.square().sum(), [x, weight, bias, other])
    for mine, theirs in zip(before, found, strict=True):
        torch.testing.assert_close(mine, theirs)
    torch.testing.assert_close(seen[0], found[3])


def test_an_owner_alone_is_told_from_one_among_others():
    assert owning.holders_of_one_alone() is not None


def test_where_torch_does_not_say_who_holds_a_gradient_it_is_copied(monkeypatch):
    monkeypatch.setattr(ops, "holders_of_one_alone", lambda: None)
    operator = _operator()
    x, weight, bias = _tables(operator, 4, 4, torch.float64)
    first = convolve(operator, convolve(operator, x, weight, bias, positive=True), weight, bias, positive=True)
    expected = (_dense(operator) @ x @ weight + bias).relu()
    expected = (_dense(operator) @ expected @ weight + bias).relu()
    torch.testing.assert_close(*(torch.autograd.grad(value.sum(), x)[0] for value in (first, expected)))


def test_rows_picked_give_back_their_gradient():
    x = torch.arange(12.0).reshape(4, 3).requires_grad_()
    rows = torch.tensor([2, 0])
    picked = pick(x, rows)
    assert picked.equal(x[rows])
    (picked * torch.tensor([[1.0], [10.0]])).sum().backward()
    assert x.grad.tolist() == [[10.0] * 3, [0.0] * 3, [1.0] * 3, [0.0] * 3]


def test_in_memory_used_before_the_numbers_are_the_same():
    draw = np.random.default_rng(0)
    graph = Graph.from_edges(draw.integers(0, 9000, 30_000), draw.integers(0, 9000, 30_000), 9000)
    operator = GraphBatch.from_graph(graph, np.zeros((9000, 1), np.float32)).propagation()
    generator = torch.Generator().manual_seed(0)
    x, weight = torch.randn(9000, 32, generator=generator), torch.randn(32, 32, generator=generator).requires_grad_()

    def gradient() -> torch.Tensor:
        h = convolve(operator, convolve(operator, x, weight, positive=True), weight, positive=True)
        return torch.autograd.grad(h.square().sum(), weight)[0]

    plain = gradient()
    with reused_buffers():
        assert all(gradient().equal(plain) for _ in range(3))
