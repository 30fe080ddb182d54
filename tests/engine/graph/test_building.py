from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import BuildError
from engine.graph import building, csr, graph
from engine.graph.building import Pairs, count_into_rows
from engine.graph.csr import OnDisk, first_repeat
from engine.graph.graph import Graph, build_graph
from engine.graph.store import ArrayWriter, open_array, open_graph, save_graph


def draw(nodes: int, edges: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    # A few nodes are met often, so that there are long rows, repeats and self-loops.
    ends = (rng.random((2, edges)) ** 3 * nodes).astype(np.int32)
    return ends[0], ends[1], rng.integers(1, 9, edges).astype(np.float32)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_counting_gives_the_graph_that_sorting_gives(
    directed: bool, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target, weight = draw(200, 5000)
    given_weight = weight if weighted else None
    by_sorting = build_graph(source, target, 210, weight=given_weight, directed=directed)
    monkeypatch.setattr(graph, "COMPILED_FROM", 0)
    monkeypatch.setattr(building, "_PAIRS", 700)
    by_counting = build_graph(source, target, 210, weight=given_weight, directed=directed)
    assert by_counting.counts == by_sorting.counts
    np.testing.assert_array_equal(by_counting.graph.indptr, by_sorting.graph.indptr)
    np.testing.assert_array_equal(by_counting.graph.indices, by_sorting.graph.indices)
    if weighted:
        np.testing.assert_allclose(by_counting.graph.weight, by_sorting.graph.weight, rtol=1e-6)
    assert by_counting.graph.validate() is by_counting.graph


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("threads", "pairs"), [(1, 1 << 22), (3, 500), (8, 1 << 22)])
def test_many_small_buckets_give_the_rows_of_one_bucket(
    directed: bool, weighted: bool, threads: int, pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a bucket is empty, a row is longer than several buckets, and threads are more than buckets."""
    source, target, weight = draw(1000, 6000)
    source[:900] = 7
    given = Pairs(source, target, weight / 3 if weighted else None, directed)
    one = count_into_rows(given, 2000)
    monkeypatch.setattr(building, "_LEAST", 32)
    monkeypatch.setattr(building, "_THREADS", threads)
    monkeypatch.setattr(building, "_PAIRS", pairs)
    many = count_into_rows(given, 2000)
    np.testing.assert_array_equal(many.rows.indptr, one.rows.indptr)
    np.testing.assert_array_equal(many.rows.indices, one.rows.indices)
    assert (many.self_loops, many.turned) == (one.self_loops, one.turned)
    if weighted:
        # To the last bit: sums are taken in the order in which the edges were given.
        np.testing.assert_array_equal(many.rows.weight, one.rows.weight)


def test_an_edge_weighs_the_same_in_both_directions_to_the_last_bit() -> None:
    """Sums in another order would differ: 2**60 swallows a third, and a half of it, when they come one by one."""
    weights = np.array([1 / 3, 2.0**60, -(2.0**60), 1 / 3], np.float32)
    source, target = np.array([0, 0, 1, 1], np.int32), np.array([1, 1, 0, 0], np.int32)
    rows = count_into_rows(Pairs(source, target, weights, False), 2).rows
    assert rows.weight[0] == rows.weight[1] == np.float32(1 / 3)


@settings(max_examples=60, deadline=None)
@given(
    edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=40),
    directed=st.booleans(),
)
def test_any_list_of_edges_gives_the_same_counts_both_ways(edges: list[tuple[int, int]], directed: bool) -> None:
    source, target = (np.array(end, np.int32) for end in zip(*edges, strict=True))
    expected = build_graph(source, target, 9, directed=directed)
    made = count_into_rows(Pairs(source, target, None, directed), 9)
    np.testing.assert_array_equal(made.rows.indptr, expected.graph.indptr)
    np.testing.assert_array_equal(made.rows.indices, expected.graph.indices)
    assert made.self_loops == expected.counts.self_loops
    assert directed or made.turned == expected.counts.reversed


@pytest.mark.parametrize("weighted", [False, True])
def test_rows_that_do_not_fit_into_the_memory_are_built_stretch_by_stretch(weighted: bool, tmp_path: Path) -> None:
    source, target, weight = draw(50_000, 900_000)
    pairs = Pairs(source, target, weight if weighted else None, False)
    whole = count_into_rows(pairs, 50_000)
    parts = count_into_rows(pairs, 50_000, on_disk=OnDisk(tmp_path, 2 << 20))
    assert isinstance(parts.rows.indices, np.memmap)
    np.testing.assert_array_equal(parts.rows.indptr, whole.rows.indptr)
    np.testing.assert_array_equal(parts.rows.indices, whole.rows.indices)
    assert (parts.self_loops, parts.turned) == (whole.self_loops, whole.turned)
    if weighted:
        np.testing.assert_array_equal(parts.rows.weight, whole.rows.weight)


def test_a_graph_is_opened_without_being_read_and_written_once(tmp_path: Path) -> None:
    source, target, weight = draw(300, 4000)
    built = Graph.from_edges(source, target, 300, weight=weight)
    save_graph(built, tmp_path)
    opened = open_graph(tmp_path, directed=False)
    assert isinstance(opened.indices, np.memmap)
    np.testing.assert_array_equal(opened.indices, built.indices)
    np.testing.assert_array_equal(opened.weight, built.weight)
    before = (tmp_path / "indices.npy").stat().st_mtime_ns
    save_graph(opened, tmp_path)
    assert (tmp_path / "indices.npy").stat().st_mtime_ns == before


def test_a_file_that_was_left_half_way_is_not_opened(tmp_path: Path) -> None:
    def stop_half_way() -> None:
        with ArrayWriter(tmp_path / "a.npy", np.dtype(np.int32)) as writer:
            writer.add(np.arange(100))
            raise Cancelled

    with pytest.raises(Cancelled):
        stop_half_way()
    with pytest.raises(ValueError, match=r".+"):
        open_array(tmp_path / "a.npy")


def test_building_ends_when_it_is_cancelled() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        count_into_rows(Pairs(*draw(10, 10)[:2], None, False), 10, cancel=token)


def test_the_first_repeat_is_found_by_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = np.array([0, 3, 1, 0, 3, 1]), np.array([1, 3, 2, 2, 3, 0])
    built = build_graph(source, target, 4).graph
    # 1 to 0 repeats 0 to 1; the self-loop of 3 comes twice as well and does not count.
    assert first_repeat(source, target, built) == (0, 5)
    monkeypatch.setattr(csr, "COMPILED_FROM", 0)
    assert first_repeat(source, target, built) == (0, 5)


@pytest.mark.parametrize(
    ("indices", "words"),
    [([1, 0, 3, 2], ""), ([1, 0, 4, 2], "outside"), ([1, 0, 2, 1], "two directions"), ([1, 0, 3, -1], "outside")],
)
def test_large_graphs_are_checked_as_small_ones_are(
    indices: list[int], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = Graph(np.array([0, 1, 2, 3, 4]), np.array(indices, np.int32))
    for least in (csr.COMPILED_FROM, 0):
        monkeypatch.setattr(csr, "COMPILED_FROM", least)
        monkeypatch.setattr(graph, "COMPILED_FROM", least)
        if words:
            with pytest.raises(BuildError, match=words):
                pairs.validate()
        else:
            assert pairs.validate() is pairs


def test_a_row_that_is_not_ascending_is_found_by_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csr, "COMPILED_FROM", 0)
    twice = Graph(np.array([0, 2, 2]), np.array([1, 1], np.int32), directed=True)
    with pytest.raises(BuildError, match="ascending"):
        twice.validate()
