"""Attention: the compiled kernels against plain torch, and both against torch_geometric."""

import numpy as np
import pytest
import torch

from engine.graph.blocks import restrict
from engine.graph.dropping import NOTHING_DROPPED, Dropping, kept_entries
from engine.graph.features import Pattern
from engine.graph.graph import Graph
from engine.nn import attention
from engine.nn.attention import (
    attend,
    attend_by_torch,
    attend_jointly,
    attend_jointly_by_torch,
    attention_kernels,
    draw_dropping,
)
from tests.engine.nn.graphs import small_batch

DROPPED = Dropping(1234567890123456789, 0.4)
CLOSE = {torch.float32: {"rtol": 1e-4, "atol": 1e-4}, torch.float64: {"rtol": 1e-10, "atol": 1e-10}}


def _pattern(sources: int = 40, targets: int = 40, entries: int = 150, seed: int = 0) -> Pattern:
    """Random entries in no order, a hub that hears everybody, a loop, and three targets that hear nobody."""
    draw = np.random.default_rng(seed)
    row, column = draw.integers(1, targets - 3, entries), draw.integers(0, sources, entries)
    row, column = np.append(row, [2] + [0] * (sources - 1)), np.append(column, [2, *range(1, sources)])
    pairs = np.unique(np.stack([row, column], 1), axis=0)
    pairs = pairs[np.lexsort((draw.random(len(pairs)), pairs[:, 0]))]
    indptr = np.zeros(targets + 1, np.int64)
    np.cumsum(np.bincount(pairs[:, 0], minlength=targets), out=indptr[1:])
    return Pattern(torch.from_numpy(indptr), torch.from_numpy(pairs[:, 1].astype(np.int32)), sources)


def _numbers(*shape: int, dtype: torch.dtype = torch.float64, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed)).requires_grad_()


def _single(pattern: Pattern, heads: int, width: int, dtype: torch.dtype) -> list[torch.Tensor]:
    sizes = [(pattern.width, heads, width), (pattern.width, heads), (pattern.num_rows, heads)]
    return [_numbers(*size, dtype=dtype, seed=number) for number, size in enumerate(sizes)]


def _joint(pattern: Pattern, heads: int, width: int, dtype: torch.dtype) -> list[torch.Tensor]:
    sizes = [(pattern.width, heads, width), (pattern.num_rows, heads, width), (heads, width)]
    return [_numbers(*size, dtype=dtype, seed=number) for number, size in enumerate(sizes)]


KINDS = {"gat": (attend, attend_by_torch, _single), "gatv2": (attend_jointly, attend_jointly_by_torch, _joint)}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("heads", "width"), [(1, 1), (1, 7), (2, 33), (4, 32), (3, 8)])
@pytest.mark.parametrize("targets", [40, 25])
@pytest.mark.parametrize("dropping", [NOTHING_DROPPED, DROPPED], ids=["all", "dropped"])
def test_compiled_attention_equals_plain_torch_in_values_and_gradients(kind, dtype, heads, width, targets, dropping):
    fused, plain, make = KINDS[kind]
    assert attention_kernels() is not None
    pattern = _pattern(targets=targets)
    inputs = make(pattern, heads, width, dtype)
    along = _numbers(targets, heads, width, dtype=dtype, seed=9).detach()
    ours, theirs = (work(*inputs, pattern, slope=0.2, dropping=dropping) for work in (fused, plain))
    torch.testing.assert_close(ours, theirs, **CLOSE[dtype])
    for mine, other in zip(*(torch.autograd.grad(out, inputs, along) for out in (ours, theirs)), strict=True):
        torch.testing.assert_close(mine, other, **CLOSE[dtype])


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_gradient_is_that_of_numerical_differentiation(kind):
    fused, _, make = KINDS[kind]
    pattern = _pattern(9, 7, 12)
    inputs = make(pattern, 2, 3, torch.float64)
    assert torch.autograd.gradcheck(lambda *given: fused(*given, pattern, slope=0.2, dropping=DROPPED), inputs)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_bias_is_added_and_learned(kind):
    fused, plain, make = KINDS[kind]
    pattern = _pattern(9, 7, 12)
    inputs, bias = make(pattern, 2, 3, torch.float64), _numbers(2, 3, seed=7)
    with_bias = fused(*inputs, pattern, slope=0.2, dropping=DROPPED, bias=bias)
    torch.testing.assert_close(with_bias, plain(*inputs, pattern, slope=0.2, dropping=DROPPED) + bias)

    def work(bias, *given):
        return fused(*given, pattern, slope=0.2, dropping=DROPPED, bias=bias)

    assert torch.autograd.gradcheck(work, (bias, *inputs))


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_node_that_hears_nobody_hears_itself(kind):
    fused, _, make = KINDS[kind]
    pattern = _pattern()
    heard, *others = make(pattern, 2, 5, torch.float64)
    out = fused(heard, *others, pattern, slope=0.2)
    torch.testing.assert_close(out[-3:], heard[-3:])


def test_attention_by_hand():
    # One target hears one other node; scores 1 and -1, of which the second is bent to -0.2.
    pattern = Pattern(torch.tensor([0, 1, 1]), torch.tensor([1], dtype=torch.int32), 2)
    z = torch.tensor([[[3.0]], [[5.0]]])
    out = attend(z, torch.tensor([[1.0], [-1.0]]), torch.zeros(2, 1), pattern, slope=0.2)
    parts = np.exp([1.0, -0.2])
    assert float(out[0]) == pytest.approx(float(parts @ [3, 5] / parts.sum()))
    assert float(out[1]) == 5


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_changes_no_bit(kind, threads, monkeypatch):
    fused, _, make = KINDS[kind]
    pattern = _pattern(3000, 3000, 30_000)
    inputs = make(pattern, 2, 24, torch.float32)
    along = _numbers(3000, 2, 24, dtype=torch.float32, seed=9).detach()

    def run(count):
        monkeypatch.setattr(torch, "get_num_threads", lambda: count)
        out = fused(*inputs, pattern, slope=0.2, dropping=DROPPED)
        return [out.detach(), *torch.autograd.grad(out, inputs, along)]

    assert all(torch.equal(one, again) for one, again in zip(run(1), run(threads), strict=True))


@pytest.mark.parametrize("kind", list(KINDS))
def test_large_scores_do_not_overflow(kind):
    fused, _, make = KINDS[kind]
    pattern = _pattern()
    inputs = [1e3 * given.detach() for given in make(pattern, 2, 5, torch.float32)]
    assert bool(torch.isfinite(fused(*inputs, pattern, slope=0.2)).all())


def test_dropping_leaves_out_its_share_and_keeps_the_mean():
    row, column = torch.arange(300).repeat_interleave(100), torch.arange(100).repeat(300)
    kept = kept_entries(DROPPED, row, column, 4, 100).double()
    # Four standard deviations of a share of 0.6 over 120,000 draws are 0.0057.
    assert float(kept.mean()) == pytest.approx(0.6, abs=0.0057)
    # Neighbouring heads and entries know nothing of each other: correlations of 30,000 pairs stay within 4 / sqrt(n).
    assert abs(float(torch.corrcoef(kept.t())[0, 1])) < 0.023
    assert abs(float(torch.corrcoef(torch.stack([kept[:-1, 0], kept[1:, 0]]))[0, 1])) < 0.023
    other = kept_entries(Dropping(DROPPED.seed + 1, 0.4), row, column, 4, 100).double()
    assert abs(float(torch.corrcoef(torch.stack([kept[:, 0], other[:, 0]]))[0, 1])) < 0.023


def test_what_is_dropped_follows_torchs_generator():
    torch.manual_seed(5)
    first, second = draw_dropping(0.5, True), draw_dropping(0.5, True)
    torch.manual_seed(5)
    assert draw_dropping(0.5, True) == first != second
    assert draw_dropping(0.5, False) is NOTHING_DROPPED


def test_without_compiled_kernels_torch_takes_over(monkeypatch, caplog):
    def refuse():
        raise RuntimeError("unknown processor")

    monkeypatch.setattr("engine.graph.attention.try_out", refuse)
    assert attention.attention_kernels.__wrapped__() is None
    assert "take over" in caplog.text


@pytest.mark.parametrize("kind", list(KINDS))
def test_some_targets_alone_hear_the_same_as_among_all(kind):
    fused, _, _ = KINDS[kind]
    batch = small_batch(directed=True)
    rows = torch.tensor([5, 0, 11])
    block = restrict(batch, rows, 1).block(0)
    first, second = _numbers(12, 2, 3), _numbers(12, 2, 3, seed=1)
    own = rows
    if kind == "gat":
        whole = fused(first, second[..., 0], second[..., 1], batch.pattern(), slope=0.2)
        part = fused(first[block.nodes], second[block.nodes, :, 0], second[own, :, 1], block.pattern(), slope=0.2)
    else:
        whole = fused(first, second, second[0], batch.pattern(), slope=0.2)
        part = fused(first[block.nodes], second[own], second[0], block.pattern(), slope=0.2)
    torch.testing.assert_close(part, whole[rows])


def test_an_undirected_graph_shares_its_rows_with_its_transpose():
    pattern = small_batch().pattern()
    assert pattern.turned().pattern is pattern
    row, column = pattern.row_of_entry(), pattern.indices.long()
    order = pattern.turned().order
    assert torch.equal(row[order], column)
    assert torch.equal(column[order], row)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("path", ["compiled", "torch"])
def test_attention_equals_torch_geometric(kind, directed, path):
    layers = pytest.importorskip("torch_geometric.nn")
    batch = small_batch(directed=directed)
    graph = Graph(batch.indptr.numpy(), batch.indices.numpy(), None, directed)
    edges = torch.from_numpy(graph.edge_index())
    work = KINDS[kind][0 if path == "compiled" else 1]
    heads, width = 3, 5
    if kind == "gat":
        theirs = layers.GATConv(10, width, heads=heads, bias=False)
        z = (batch.x @ theirs.lin.weight.t()).view(-1, heads, width)
        source, target = ((z * vector).sum(-1) for vector in (theirs.att_src, theirs.att_dst))
        ours = work(z, source, target, batch.pattern(), slope=0.2)
        weights = [theirs.lin.weight, theirs.att_src, theirs.att_dst]
    else:
        theirs = layers.GATv2Conv(10, width, heads=heads, bias=False)
        theirs.lin_l.bias = theirs.lin_r.bias = None
        left, right = ((batch.x @ part.weight.t()).view(-1, heads, width) for part in (theirs.lin_l, theirs.lin_r))
        ours = work(left, right, theirs.att[0], batch.pattern(), slope=0.2)
        weights = [theirs.lin_l.weight, theirs.lin_r.weight, theirs.att]
    expected = theirs(batch.x, edges)
    torch.testing.assert_close(ours.flatten(1), expected)
    mine = torch.autograd.grad(ours.square().sum(), weights)
    other = torch.autograd.grad(expected.square().sum(), weights)
    torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("kind", list(KINDS))
def test_cuda_agrees_with_the_cpu(kind):
    fused, _, make = KINDS[kind]
    pattern = _pattern()
    there = Pattern(pattern.indptr.cuda(), pattern.indices.cuda(), pattern.width)
    inputs = make(pattern, 2, 5, torch.float32)
    on_gpu = fused(*(given.cuda() for given in inputs), there, slope=0.2, dropping=DROPPED)
    torch.testing.assert_close(on_gpu.cpu(), fused(*inputs, pattern, slope=0.2, dropping=DROPPED))
