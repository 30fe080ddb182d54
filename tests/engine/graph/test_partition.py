"""Parts are even, and few edges lead from one to another."""

import numpy as np
import pytest

from engine.graph.graph import Graph, build_graph
from engine.graph.partition import members, partition


def _communities(count: int, size: int, seed: int = 0) -> Graph:
    """Each node has eight neighbours among its own and one anywhere; numbers say nothing."""
    rng = np.random.default_rng(seed)
    nodes = count * size
    name = rng.permutation(nodes)
    source = np.repeat(np.arange(nodes), 9)
    own = source // size * size + rng.integers(0, size, len(source))
    target = np.where(np.arange(len(source)) % 9 == 8, rng.integers(0, nodes, len(source)), own)
    return build_graph(name[source], name[target], nodes).graph


def _cut(graph: Graph, parts: np.ndarray) -> float:
    source, target = graph.edge_index()
    return float((parts[source] != parts[target]).mean())


def test_communities_end_up_in_parts_of_their_own() -> None:
    graph = _communities(20, 100)
    parts = partition(graph.indptr, graph.indices, 20)
    assert parts.min() == 0
    assert parts.max() == 19
    assert np.bincount(parts, minlength=20).max() <= 110
    # A ninth of the edges leads anywhere; by chance nineteen of twenty would.
    assert _cut(graph, parts) < 0.3


@pytest.mark.parametrize("count", [1, 7, 300])
def test_every_node_is_in_one_part_and_the_same_at_every_call(count: int) -> None:
    graph = _communities(3, 100)
    parts = partition(graph.indptr, graph.indices, count)
    np.testing.assert_array_equal(parts, partition(graph.indptr, graph.indices, count))
    groups = members(parts, count)
    assert len(groups) == count
    np.testing.assert_array_equal(np.sort(np.concatenate(groups)), np.arange(300))
    assert all((np.diff(nodes) > 0).all() for nodes in groups)


def test_nodes_without_edges_have_a_part_too() -> None:
    graph = build_graph([0, 1], [1, 2], 9).graph
    parts = partition(graph.indptr, graph.indices, 3)
    assert len(parts) == 9
    assert parts[0] == parts[1] == parts[2]
    empty = build_graph([], [], 4).graph
    np.testing.assert_array_equal(partition(empty.indptr, empty.indices, 2), [0, 0, 1, 1])
