"""Features of the graph itself, against dense linear algebra and by hand."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import MismatchError
from engine.core.events import Event, Notice
from engine.data.features.spectral import align, regularised_eigenvectors
from engine.data.features.structural import StructuralCoder
from engine.data.features.walks import degrees_met, return_probabilities
from engine.graph.graph import Graph


def _graph(network: nx.Graph, num_nodes: int | None = None) -> Graph:
    ends = np.array(list(network.edges), dtype=np.int64).reshape(-1, 2)
    return Graph.from_edges(ends[:, 0], ends[:, 1], num_nodes or network.number_of_nodes())


def _ids(count: int) -> np.ndarray:
    return np.array([f"n{k}" for k in range(count)], dtype=object)


def test_return_probabilities_equal_powers_of_the_transition_matrix() -> None:
    network = nx.karate_club_graph()
    adjacency = nx.to_numpy_array(network, weight=None)
    walk = adjacency / adjacency.sum(axis=1, keepdims=True)
    expected = [np.diag(np.linalg.matrix_power(walk, steps)) for steps in (2, 3, 4)]
    np.testing.assert_allclose(return_probabilities(_graph(network)), np.stack(expected, axis=1), rtol=1e-10)


def test_walk_without_edges_never_comes_back_and_meets_nobody() -> None:
    graph = Graph.from_edges([0], [1], 3)
    assert return_probabilities(graph).tolist() == [[1, 0, 1], [1, 0, 1], [0, 0, 0]]
    assert degrees_met(graph, 2)[2].tolist() == [0, 0]


def test_degrees_met_on_a_path_are_those_of_the_neighbours() -> None:
    # Path of three: the ends meet the middle (degree 2), the middle meets the ends (degree 1).
    met = degrees_met(Graph.from_edges([0, 1], [1, 2], 3), 2)
    np.testing.assert_allclose(met[:, 0], np.log1p([2, 1, 2]))
    np.testing.assert_allclose(met[:, 1], np.log1p([1, 2, 1]))


@pytest.mark.parametrize("size", [34, 1500])
def test_spectral_coordinates_are_eigenvectors_times_their_eigenvalue(size: int) -> None:
    network = nx.karate_club_graph() if size == 34 else nx.watts_strogatz_graph(size, 6, 0.1, seed=0)
    graph = _graph(network)
    adjacency = nx.to_numpy_array(network, weight=None)
    degree = adjacency.sum(axis=1)
    scale = 1 / np.sqrt(degree + degree.mean())
    matrix = adjacency * scale[:, None] * scale[None]
    columns = regularised_eigenvectors(graph, 5)
    values = np.linalg.eigvalsh(matrix)[::-1][:5]
    np.testing.assert_allclose(matrix @ columns, columns * values, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(columns, axis=0), values * np.sqrt(size), rtol=1e-3)


def test_eigenvectors_that_do_not_settle_are_zeros_and_the_others_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.sparse.linalg import ArpackNoConvergence

    from engine.data.features import spectral

    def gives_up(matrix: object, **options: object) -> None:
        raise ArpackNoConvergence("gave up", np.array([0.5]), np.full((700, 1), 0.1))

    monkeypatch.setattr(spectral, "eigsh", gives_up)
    columns = regularised_eigenvectors(_graph(nx.path_graph(700)), 3)
    assert (np.abs(columns).max(axis=0) > 0).tolist() == [True, False, False]


def test_graph_without_edges_has_no_coordinates() -> None:
    empty = np.empty(0, np.int64)
    assert not regularised_eigenvectors(Graph.from_edges(empty, empty, 5), 2).any()


def test_stray_pairs_do_not_take_the_leading_coordinates() -> None:
    # Two cliques of ten joined by an edge, and thirty pairs: unregularised, all leading eigenvalues belong to pairs.
    network = nx.barbell_graph(10, 0)
    network.add_edges_from((20 + 2 * k, 21 + 2 * k) for k in range(30))
    second = regularised_eigenvectors(_graph(network), 2)[:, 1]
    assert (np.sign(second[:9]) == -np.sign(second[11:20])).all()
    assert np.abs(second[20:]).max() < 1e-8


def test_known_turn_is_found_and_undone() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 3))
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    found = align(points @ turn, np.arange(10), points[:10])
    np.testing.assert_allclose(found.points, points, atol=1e-9)
    assert found.residual < 1e-9


def test_same_graph_gives_the_very_same_coordinates() -> None:
    graph = _graph(nx.karate_club_graph())
    coder = StructuralCoder.fit(graph, _ids(34), kind="laplacian", width=8)
    again = StructuralCoder.from_plain(coder.to_plain())
    one = coder.transform(graph, _ids(34), lambda event: None)
    assert (one == again.transform(graph, _ids(34), lambda event: None)).all()


def test_new_node_in_a_known_graph_lands_beside_its_neighbours() -> None:
    network = nx.planted_partition_graph(3, 40, 0.4, 0.01, seed=1)
    coder = StructuralCoder.fit(_graph(network), _ids(120), kind="laplacian", width=3)
    before = coder.transform(_graph(network), _ids(120), lambda event: None)
    network.add_edges_from((120, k) for k in range(8))
    events: list[Event] = []
    after = coder.transform(_graph(network), _ids(121), events.append)
    centres = np.stack([before[40 * k : 40 * k + 40, 1:].mean(axis=0) for k in range(3)])
    assert np.linalg.norm(centres - after[120, 1:], axis=1).argmin() == 0
    # The others hardly move: the turn undoes what the new node did.
    assert np.linalg.norm(after[:120, 1:] - before[:, 1:]) < 0.1 * np.linalg.norm(before[:, 1:])
    assert [event.code for event in events if isinstance(event, Notice)] == ["feature.turned"]


def test_spectral_coordinates_refuse_a_graph_of_strangers() -> None:
    graph = _graph(nx.karate_club_graph())
    coder = StructuralCoder.fit(graph, _ids(34), kind="laplacian", width=4)
    other = _graph(nx.path_graph(34))
    strangers = np.array([f"m{k}" for k in range(34)], dtype=object)
    with pytest.raises(MismatchError, match='"structural" set to "random_walk"'):
        coder.transform(other, strangers, lambda event: None)


def test_random_walk_features_score_any_graph() -> None:
    coder = StructuralCoder.fit(_graph(nx.karate_club_graph()), _ids(34), kind="random_walk", width=10)
    other = coder.transform(_graph(nx.star_graph(5)), _ids(6), lambda event: None)
    assert other.shape == (6, len(coder.names))
    # The five leaves of a star cannot be told apart.
    assert np.ptp(other[1:], axis=0).max() < 1e-6


def test_directed_degrees_are_told_apart() -> None:
    graph = Graph.from_edges([0, 0, 0], [1, 2, 3], 4, directed=True)
    coder = StructuralCoder.fit(graph, _ids(4), kind="degree", width=1)
    assert coder.names == ["log in-degree", "log out-degree"]
    undirected = Graph.from_edges([0, 0, 0], [1, 2, 3], 4)
    with pytest.raises(MismatchError, match="learnt on a directed graph, but this one is undirected"):
        coder.transform(undirected, _ids(4), lambda event: None)


@given(st.permutations(list(range(12))))
def test_renumbering_nodes_renumbers_their_walk_features(order: list[int]) -> None:
    network = nx.lollipop_graph(6, 6)
    moved = nx.relabel_nodes(network, dict(enumerate(order)))
    coder = StructuralCoder.fit(_graph(network), _ids(12), kind="random_walk", width=6)
    x = coder.transform(_graph(network), _ids(12), lambda event: None)
    y = coder.transform(_graph(moved, 12), _ids(12), lambda event: None)
    np.testing.assert_allclose(y[order], x, atol=1e-5)
