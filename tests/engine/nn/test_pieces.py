"""Dense work in pieces against the same in one go, and gradients that are handed on as factors."""

import numpy as np
import pytest
import torch

from engine.graph.batch import GraphBatch
from engine.graph.buffers import reused_buffers
from engine.graph.graph import Graph
from engine.nn import pieces
from engine.nn.encoders.gcn import GCN
from engine.nn.ops import convolve
from engine.nn.pieces import Outer, finish_back, first_back, matmul_back, matmul_finished

ROWS = 203
CLOSE = {"rtol": 1e-10, "atol": 1e-10}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Twenty rows a piece, so that a table of 203 has several, the last one shorter."""
    monkeypatch.setattr(pieces, "_PIECE", 140)


@pytest.fixture(params=[1, 3])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def _tables(*shapes):
    draw = torch.Generator().manual_seed(5)
    return [torch.randn(shape, generator=draw, dtype=torch.float64) for shape in shapes]


@pytest.mark.parametrize("positive", [False, True])
def test_a_product_in_pieces_is_the_product(threads, positive):
    x, weight, bias = _tables((ROWS, 7), (7, 5), (5,))
    expected = x @ weight + bias
    expected = expected.clamp(min=0) if positive else expected
    torch.testing.assert_close(matmul_finished(x, weight, bias, positive=positive), expected, **CLOSE)


def test_gradients_of_a_product_in_pieces_are_the_gradients(threads):
    x, weight, gradient = _tables((ROWS, 7), (7, 5), (ROWS, 5))
    by_x = torch.full_like(x, torch.nan)
    torch.testing.assert_close(matmul_back(x, weight, gradient, by_x), x.t() @ gradient, **CLOSE)
    torch.testing.assert_close(by_x, gradient @ weight.t(), **CLOSE)


@pytest.mark.parametrize(("given", "count"), [(True, 0), (False, 1), (True, 1), (False, 2), (True, 2)])
def test_factors_of_a_gradient_count_as_their_products(threads, given, count):
    x, out, gradient, *factors = _tables((ROWS, 6), (ROWS, 5), (ROWS, 5), (ROWS, 3), (5, 3), (ROWS, 2), (5, 2))
    out = out.clamp(min=0)
    outers = [Outer(*factors[2 * k : 2 * k + 2]) for k in range(count)]
    whole = sum((outer.left @ outer.right.t() for outer in outers), gradient if given else torch.zeros_like(out))
    kept = gradient.clone()
    passed = torch.where(out > 0, whole, 0.0)
    table, by_bias = finish_back(out, gradient if given else None, outers)
    torch.testing.assert_close(table, passed, **CLOSE)
    torch.testing.assert_close(by_bias, passed.sum(0), **CLOSE)
    by_weight, by_bias = first_back(x, out, gradient if given else None, outers)
    torch.testing.assert_close(by_weight, x.t() @ passed, **CLOSE)
    torch.testing.assert_close(by_bias, passed.sum(0), **CLOSE)
    assert torch.equal(gradient, kept)


def test_the_number_of_threads_does_not_change_a_digit():
    x, out, gradient = (table.float() for table in _tables((ROWS, 6), (ROWS, 5), (ROWS, 5)))
    before, found = torch.get_num_threads(), []
    for count in (1, 2, 3):
        torch.set_num_threads(count)
        found.append([*first_back(x, out, gradient, []), matmul_back(x, x[:6], x, None)])
    torch.set_num_threads(before)
    for others in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], others, strict=True))


def _batch() -> GraphBatch:
    draw = np.random.default_rng(3)
    graph = Graph.from_edges(draw.integers(0, ROWS, 900), draw.integers(0, ROWS, 900), ROWS)
    return GraphBatch.from_graph(graph, draw.standard_normal((ROWS, 6)).astype(np.float32))


@pytest.mark.parametrize("layers", [2, 3, 4])
@pytest.mark.parametrize("jumping", ["none", "cat"])
def test_a_training_hands_on_the_gradients_that_autograd_finds(threads, layers, jumping):
    """Layers in a row hand factors to each other; what also goes elsewhere adds to them."""
    batch = _batch()
    torch.manual_seed(0)
    options = {"layers": layers, "width": 7, "dropout": 0.0, "jumping": jumping}
    encoder = GCN(GCN.parse(options), 6)
    head = encoder.make_head(3)
    weights = [*encoder.parameters(), *head.parameters()]
    apart = torch.autograd.grad(head(encoder(batch), batch).square().sum(), weights)
    with reused_buffers():
        for _ in range(2):
            head.zero_grad()
            encoder.zero_grad()
            head(encoder(batch), batch).square().sum().backward()
    for weight, expected in zip(weights, apart, strict=True):
        torch.testing.assert_close(weight.grad, expected, rtol=1e-4, atol=1e-4)


def test_a_table_that_two_layers_read_gets_both_gradients(threads):
    operator = _batch().propagation()
    x, first, left, right = (table.requires_grad_() for table in _tables((ROWS, 6), (6, 5), (5, 4), (5, 2)))

    def loss():
        h = convolve(operator, x, first, positive=True)
        return convolve(operator, h, left).square().sum() + convolve(operator, h, right).cos().sum() + h.pow(3).mean()

    apart = torch.autograd.grad(loss(), [x, first, left, right])
    with reused_buffers():
        loss().backward()
    for table, expected in zip((x, first, left, right), apart, strict=True):
        torch.testing.assert_close(table.grad, expected, **CLOSE)
