"""Every statistic against networkx, and by hand where a number says more."""

import sys

import networkx as nx
import numpy as np
import pytest

from engine.analysis.statistics import STATISTICS
from engine.analysis.statistics._base import Found, Given
from engine.analysis.structure import in_pieces, neighbours
from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import EngineError, RoleError
from engine.core.events import Progress
from engine.graph.graph import Graph


def found(key: str, graph: Graph, *, classes=None, seed: int = 0, threads: int = 1, **options: object) -> Found:
    statistic = STATISTICS.get(key)
    return statistic(statistic.parse(options)).compute(Given(graph, classes, seed=seed, threads=threads))


def of(network: nx.Graph) -> Graph:
    ends = np.array(network.edges, np.int64).reshape(-1, 2)
    weights = [one.get("weight") for _, _, one in network.edges(data=True)]
    return Graph.from_edges(
        ends[:, 0],
        ends[:, 1],
        len(network),
        weight=weights if weights and weights[0] is not None else None,
        directed=network.is_directed(),
    )


def weighted(network: nx.Graph) -> nx.Graph:
    for number, (a, b) in enumerate(network.edges):
        network[a][b]["weight"] = 0.5 + number % 4
    return network


NETWORKS = {
    "karate": nx.convert_node_labels_to_integers(nx.karate_club_graph()),
    "sparse": nx.gnp_random_graph(120, 0.015, seed=4),
    "dense": nx.gnp_random_graph(40, 0.4, seed=5),
    "hubs": nx.barabasi_albert_graph(150, 3, seed=6),
    "directed": nx.gnp_random_graph(90, 0.03, seed=7, directed=True),
    "star": nx.star_graph(6),
    "no edges": nx.empty_graph(4),
}
for _, _, numbers in NETWORKS["karate"].edges(data=True):
    numbers.clear()
named = pytest.mark.parametrize("name", NETWORKS)


def in_order(numbers: dict[int, float]) -> list[float]:
    return [numbers[node] for node in sorted(numbers)]


@named
def test_degree_and_core_and_triangles_and_clustering_equal_those_of_networkx(name: str) -> None:
    network = NETWORKS[name]
    graph, plain = of(network), nx.Graph(network)
    assert found("degree", graph).values.tolist() == in_order(dict(network.degree()))
    assert found("k_core", graph).values.tolist() == in_order(nx.core_number(plain))
    assert found("triangles", graph, threads=2).values.tolist() == in_order(nx.triangles(plain))
    np.testing.assert_allclose(found("clustering", graph).values, in_order(nx.clustering(plain)))
    if plain.number_of_edges():
        assert found("clustering", graph).summary["transitivity"] == pytest.approx(nx.transitivity(plain))


@named
def test_pagerank_equals_that_of_networkx(name: str) -> None:
    network = NETWORKS[name]
    values = found("pagerank", of(network), tolerance=1e-10, steps=1000).values
    np.testing.assert_allclose(values, in_order(nx.pagerank(network, tol=1e-12, max_iter=1000)), rtol=1e-5)


@pytest.mark.parametrize("directed", [False, True])
def test_pagerank_and_degree_follow_weights(directed: bool) -> None:
    network = weighted(nx.gnp_random_graph(60, 0.08, seed=8, directed=directed))
    graph = of(network)
    expected = in_order(nx.pagerank(network, tol=1e-12, max_iter=1000))
    np.testing.assert_allclose(found("pagerank", graph, tolerance=1e-10).values, expected, rtol=1e-5)
    expected = in_order(nx.pagerank(network, tol=1e-12, max_iter=1000, weight=None))
    np.testing.assert_allclose(found("pagerank", graph, tolerance=1e-10, weighted=False).values, expected, rtol=1e-5)
    expected = in_order(dict(network.degree(weight="weight")))
    np.testing.assert_allclose(found("degree", graph, weighted=True).values, expected)


def test_degree_of_a_directed_graph_tells_in_from_out() -> None:
    network = NETWORKS["directed"]
    assert found("degree", of(network), direction="in").values.tolist() == in_order(dict(network.in_degree()))
    assert found("degree", of(network), direction="out").values.tolist() == in_order(dict(network.out_degree()))


@named
def test_betweenness_from_every_node_equals_that_of_networkx(name: str) -> None:
    network = NETWORKS[name]
    values = found("betweenness", of(network), pivots=10_000, threads=2).values
    np.testing.assert_allclose(values, in_order(nx.betweenness_centrality(network)), atol=1e-12)


def test_sampled_betweenness_is_right_on_average_and_the_same_for_a_seed_and_any_threads() -> None:
    graph = of(NETWORKS["hubs"])
    exact = found("betweenness", graph, pivots=1000).values
    draws = [found("betweenness", graph, pivots=30, seed=seed).values for seed in range(40)]
    assert np.corrcoef(np.mean(draws, axis=0), exact)[0, 1] > 0.99
    assert np.mean(draws, axis=0).sum() == pytest.approx(exact.sum(), rel=0.05)
    assert np.array_equal(draws[3], found("betweenness", graph, pivots=30, seed=3, threads=3).values)
    assert not np.array_equal(draws[3], draws[4])


def test_eigenvector_centrality_equals_that_of_networkx_also_where_the_graph_is_bipartite() -> None:
    for network in (NETWORKS["karate"], nx.star_graph(6), nx.path_graph(9)):
        values = found("eigenvector", of(network), tolerance=1e-12, steps=5000).values
        expected = in_order(nx.eigenvector_centrality_numpy(network))
        np.testing.assert_allclose(values, np.abs(expected), atol=1e-6)


def test_components_are_pieces_by_size() -> None:
    answer = found("components", Graph.from_edges([0, 3, 4], [1, 4, 5], 7))
    assert answer.values.tolist() == [1, 1, 2, 0, 0, 0, 3]
    assert (answer.summary, answer.sentence) == (
        {"count": 4, "largest": 3},
        "4 pieces; the largest holds 42.9% of the nodes.",
    )


def test_homophily_of_a_node_counts_neighbours_whose_class_is_known() -> None:
    # 0 (a) beside a, b and an unknown one; 3 is unknown; 4 (b) stands alone.
    graph = Graph.from_edges([0, 0, 0], [1, 2, 3], 5)
    answer = found("homophily", graph, classes=np.array([0, 0, 1, -1, 1]))
    np.testing.assert_array_equal(answer.values, [0.5, 1.0, 0.0, np.nan, np.nan])
    assert answer.sentence.startswith("50% of a node's neighbours")


def test_homophily_without_a_column_of_classes_says_what_is_missing() -> None:
    with pytest.raises(RoleError, match="column of classes"):
        found("homophily", of(NETWORKS["karate"]))


@pytest.mark.parametrize("method", ["louvain", "leiden"])
def test_communities_of_cliques_on_a_ring_are_the_cliques(method: str) -> None:
    graph = of(nx.ring_of_cliques(8, 6))
    answer = found("communities", graph, method=method)
    assert answer.values.tolist() == [node // 6 for node in range(48)] or answer.summary["count"] == 8
    assert len({tuple(answer.values[6 * k : 6 * k + 6]) for k in range(8)}) == 8
    parts = [set(np.flatnonzero(answer.values == k).tolist()) for k in range(8)]
    assert answer.summary["modularity"] == pytest.approx(nx.community.modularity(nx.ring_of_cliques(8, 6), parts))


def test_communities_are_the_same_for_a_seed() -> None:
    graph = of(nx.gnp_random_graph(300, 0.03, seed=9))
    first = found("communities", graph, method="leiden", seed=1).values
    assert np.array_equal(first, found("communities", graph, method="leiden", seed=1, threads=2).values)


def test_missing_networkit_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkit", None)
    with pytest.raises(EngineError, match="pip install networkit"):
        found("communities", of(NETWORKS["karate"]))


@pytest.mark.parametrize("key", STATISTICS.keys())
def test_every_statistic_has_one_number_a_node_a_sentence_and_moves_with_the_nodes(key: str) -> None:
    network = NETWORKS["hubs"]
    classes = np.arange(150) % 3
    order = np.random.default_rng(0).permutation(150)
    turned = nx.relabel_nodes(network, dict(enumerate(order.tolist())))
    moved = np.empty(150, np.int64)
    moved[order] = classes
    options = {"pivots": 1000} if key == "betweenness" else {}
    first = found(key, of(network), classes=classes, **options)
    second = found(key, of(turned), classes=moved, threads=2, **options)
    assert first.values.shape == (150,)
    assert first.values.dtype in (np.int64, np.float64)
    assert first.sentence.endswith((".", ")."))
    if not STATISTICS.get(key).is_group:
        np.testing.assert_allclose(second.values[order], first.values, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("key", STATISTICS.keys())
@pytest.mark.parametrize("nodes", [0, 1, 5])
def test_graphs_without_edges_and_without_nodes_have_statistics(key: str, nodes: int) -> None:
    empty = np.empty(0, np.int64)
    answer = found(key, Graph.from_edges(empty, empty, nodes), classes=np.zeros(nodes, np.int64))
    assert answer.values.shape == (nodes,)


@pytest.mark.parametrize("key", [key for key in STATISTICS.keys() if key != "degree"])  # noqa: SIM118 - no mapping
def test_long_work_ends_when_it_is_cancelled(key: str) -> None:
    cancel = CancelToken()
    cancel.cancel()
    statistic = STATISTICS.get(key)
    given = Given(of(NETWORKS["karate"]), np.zeros(34, np.int64), cancel=cancel)
    with pytest.raises(Cancelled):
        statistic(statistic.parse({})).compute(given)


def test_neighbours_ignore_direction_and_self_loops() -> None:
    # 0 hears from itself and from 1; 1 from 2; 2 from 1.
    indptr, indices = np.array([0, 2, 3, 4]), np.array([0, 1, 2, 1], np.int32)
    near = neighbours(Graph(indptr, indices, None, directed=True).validate())
    assert near.indptr.tolist() == [0, 1, 3, 4]
    assert near.indices.tolist() == [1, 0, 2, 1]


def test_pieces_cover_every_row_once_and_tell_of_progress() -> None:
    indptr = np.array([0, 0, 50, 50, 51, 99, 99])
    seen: list[int] = []
    told: list[Progress] = []
    in_pieces(indptr, lambda _, first, last: seen.extend(range(first, last)), threads=2, sink=told.append)
    assert sorted(seen) == list(range(6))
    assert max(one.done for one in told) == told[0].total
