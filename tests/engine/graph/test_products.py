"""Sparse products: every kernel against dense multiplication, at every width, on any number of threads."""

import sys

import numpy as np
import pytest
import torch

from engine.graph import compiled as compiled_module
from engine.graph import kernels, products
from engine.graph.graph import Graph
from engine.graph.kernels import PLAIN, TILED, Kernels, balanced_cuts, run_rows
from engine.graph.products import SparseMap

WIDTHS = [1, 2, 3, 7, 8, 13, 31, 47, 64, 65, 111, 127, 200]


def _graph(num_nodes: int, num_edges: int, seed: int = 0) -> Graph:
    """Random edges, a hub that everybody knows, and a few nodes that know nobody."""
    draw = np.random.default_rng(seed)
    source = draw.integers(0, num_nodes - 3, num_edges)
    target = draw.integers(0, num_nodes - 3, num_edges)
    others = np.arange(1, num_nodes - 3)
    return Graph.from_edges(np.concatenate([source, others]), np.concatenate([target, 0 * others]), num_nodes)


def _dense(graph: Graph) -> np.ndarray:
    table = np.zeros((graph.num_nodes, graph.num_nodes))
    source, target = graph.edge_index()
    table[target, source] = 1 if graph.weight is None else graph.weight
    return table


@pytest.mark.parametrize("width", range(1, 131))
def test_a_column_has_the_same_digits_whatever_stands_beside_it(width):
    """Tiles may overlap: columns that are computed twice come out alike, and nothing beyond the table is written."""
    graph = _graph(30, 90)
    draw = np.random.default_rng(width)
    x = draw.standard_normal((30, 192)).astype(np.float32)
    scale, bias = draw.random(30).astype(np.float32), draw.standard_normal(192).astype(np.float32)

    def product(columns: int) -> np.ndarray:
        out = np.full((31, columns), 7, np.float32)
        part = np.ascontiguousarray(x[:, :columns])
        rows = graph.indptr, graph.indices, scale, scale, part, out[:30]
        run_rows(TILED.scaled, *rows, threads=1, bias=bias[:columns].copy(), positive=True)
        assert (out[30] == 7).all()
        return out[:30]

    assert np.array_equal(product(width), product(192)[:, :width])


@pytest.mark.parametrize("pair", [TILED, PLAIN], ids=lambda pair: pair.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", WIDTHS)
def test_kernels_equal_dense_multiplication(pair: Kernels, dtype, width):
    graph = _graph(40, 150)
    draw = np.random.default_rng(width)
    x = draw.standard_normal((40, width)).astype(dtype)
    scale, centre = draw.random(40).astype(dtype), draw.random(40).astype(dtype)
    values = draw.standard_normal(graph.num_edges).astype(dtype)
    close = {"rtol": 1e-4, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-12}

    got = run_rows(pair.scaled, graph.indptr, graph.indices, scale, centre, x, np.empty_like(x), threads=1)
    map_ = np.diag(scale) @ (_dense(graph) @ np.diag(scale) + np.diag(centre))
    assert got.dtype == dtype
    np.testing.assert_allclose(got, map_ @ x, **close)

    weighted = np.zeros((40, 40))
    weighted[graph.edge_index()[1], graph.edge_index()[0]] = values
    alone = np.ones(1, dtype)
    got = run_rows(pair.valued, graph.indptr, graph.indices, values, alone, x, np.empty_like(x), threads=1)
    np.testing.assert_allclose(got, weighted @ x, **close)
    got = run_rows(
        pair.valued, graph.indptr, graph.indices, values, np.append(centre, alone), x, np.empty_like(x), threads=1
    )
    np.testing.assert_allclose(got, (weighted + np.diag(centre)) @ x, **close)


@pytest.mark.parametrize("pair", [TILED, PLAIN], ids=lambda pair: pair.name)
def test_the_number_of_threads_changes_no_bit(pair: Kernels):
    graph = _graph(3000, 40_000)
    draw = np.random.default_rng(0)
    x = draw.standard_normal((3000, 37)).astype(np.float32)
    scale = draw.random(3000).astype(np.float32)
    values = draw.random(graph.num_edges).astype(np.float32)
    for kernel, factors, centre in [
        (pair.scaled, scale, scale),
        (pair.valued, values, np.ones(1, np.float32)),
    ]:
        one = run_rows(kernel, graph.indptr, graph.indices, factors, centre, x, np.empty_like(x), threads=1)
        for threads in (2, 3):
            again = run_rows(kernel, graph.indptr, graph.indices, factors, centre, x, np.empty_like(x), threads=threads)
            assert np.array_equal(one, again)


def test_cuts_share_the_entries_out_evenly():
    indptr = np.array([0, 100, 101, 102, 200, 300, 400])
    assert balanced_cuts(indptr, 4) == [0, 1, 4, 5, 6]


def _maps() -> dict[str, SparseMap]:
    graph = _graph(40, 150)
    draw = torch.Generator().manual_seed(0)
    indptr, indices = torch.from_numpy(graph.indptr), torch.from_numpy(graph.indices)
    values, scale = torch.rand(graph.num_edges, generator=draw), torch.rand(40, generator=draw)
    return {
        "values": SparseMap(indptr, indices, 40, values=values),
        "values and centre": SparseMap(indptr, indices, 40, values=values, centre=scale),
        "scale": SparseMap(indptr, indices, 40, scale=scale),
        "scale and centre": SparseMap(indptr, indices, 40, scale=scale, centre=1 - scale),
    }


@pytest.mark.parametrize("name", list(_maps()))
def test_without_compiled_kernels_torch_gives_the_same(name, monkeypatch):
    x = torch.randn(40, 5, generator=torch.Generator().manual_seed(1))
    compiled = _maps()[name].product(x)
    monkeypatch.setattr(products, "_kernels", lambda: None)
    torch.testing.assert_close(_maps()[name].product(x), compiled)


def test_where_the_tiled_kernels_do_not_compile_the_plain_ones_take_over(monkeypatch, caplog):
    def refuse(*arguments):
        raise RuntimeError("unknown processor")

    monkeypatch.setattr(kernels, "TILED", Kernels("tiled", refuse, refuse))
    assert kernels.best_kernels.__wrapped__() is PLAIN
    assert "plain ones take over" in caplog.text


def test_without_numba_torch_takes_over(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "engine.graph.kernels", None)
    assert products._kernels.__wrapped__() is None
    assert "torch's own product takes over" in caplog.text


def test_without_a_folder_to_write_to_functions_are_compiled_at_every_start(monkeypatch):
    njit = compiled_module.numba.njit

    def no_folder(function, **options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(function, **options)

    monkeypatch.setattr(compiled_module.numba, "njit", no_folder)
    assert compiled_module.compiled(lambda x: x + 1)(2) == 3


def test_tables_of_width_zero_and_maps_without_rows_give_empty_tables():
    map_ = _maps()["scale"]
    assert map_.product(torch.zeros(40, 0)).shape == (40, 0)
    nothing = SparseMap(torch.zeros(1, dtype=torch.int64), torch.zeros(0, dtype=torch.int32), 3, values=torch.zeros(0))
    assert nothing.product(torch.ones(3, 4)).shape == (0, 4)


def test_a_table_with_the_wrong_number_of_rows_never_reaches_a_kernel():
    with pytest.raises(ValueError, match="40 rows"):
        _maps()["scale"].product(torch.zeros(39, 2))


def test_views_that_are_not_contiguous_are_read_right():
    map_ = _maps()["values"]
    x = torch.randn(6, 40, generator=torch.Generator().manual_seed(2)).t()
    torch.testing.assert_close(map_.product(x), map_.product(x.contiguous()))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", list(_maps()))
def test_cuda_agrees_with_the_cpu(name):
    map_ = _maps()[name]
    x = torch.randn(40, 33, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(map_.to(torch.device("cuda")).product(x.cuda()).cpu(), map_.product(x))
