"""Edges as a picture draws them."""

import numpy as np
import pytest

from app.session import edges
from app.session.edges import edges_of
from engine.graph.graph import Graph


def test_an_undirected_edge_is_drawn_once_and_a_self_loop_not_at_all() -> None:
    # 0-1 and 1-2 in both directions, a loop at 2; weights follow.
    indptr, indices = np.array([0, 1, 3, 5]), np.array([1, 0, 2, 1, 2], np.int32)
    found = edges_of(indptr, indices, np.array([0.5, 0.5, 2.0, 2.0, 9.0], np.float32))
    assert found.ends.tolist() == [[0, 1], [1, 2]]
    assert found.weight is not None
    assert found.weight.tolist() == [0.5, 2.0]
    assert not found.directed


def test_a_directed_edge_leads_from_its_source_and_both_directions_are_two_edges() -> None:
    # The rows hold the sources: 1 -> 0, 0 -> 1, 2 -> 1, and a loop at 2.
    found = edges_of(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 2], np.int32), directed=True)
    assert found.ends.tolist() == [[1, 0], [0, 1], [2, 1]]
    assert found.weight is None
    assert found.directed


def test_a_graph_without_edges_has_none() -> None:
    assert edges_of(np.zeros(4, np.int64), np.zeros(0, np.int32)).ends.shape == (0, 2)


@pytest.mark.parametrize("piece", [1, 3, 100])
def test_edges_are_the_same_however_many_rows_are_taken_at_once(monkeypatch, piece) -> None:
    monkeypatch.setattr(edges, "PIECE", piece)
    pairs = np.random.default_rng(0).integers(0, 11, (25, 2))
    weights = np.arange(25, dtype=np.float32)
    graph = Graph.from_edges(pairs[:, 0], pairs[:, 1], 11, weight=weights)
    found = edges_of(graph.indptr, graph.indices, graph.weight)
    assert [tuple(pair) for pair in found.ends.tolist()] == sorted(
        {(min(a, b), max(a, b)) for a, b in pairs.tolist() if a != b}
    )
    assert found.weight is not None
    for (a, b), weight in zip(found.ends.tolist(), found.weight.tolist(), strict=True):
        row = slice(graph.indptr[a], graph.indptr[a + 1])
        assert weight == graph.weight[row][graph.indices[row] == b][0]


def test_a_graph_without_nodes_has_no_edges() -> None:
    assert edges_of(np.zeros(1, np.int64), np.zeros(0, np.int32)).ends.shape == (0, 2)
