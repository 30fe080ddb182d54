"""Homophily by hand and as published."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from engine.analysis.assortativity import assortativity
from engine.analysis.homophily import homophily
from engine.graph.graph import Graph
from tests.support.data import data_folder


def test_two_joined_pairs_by_hand() -> None:
    # Path a-a-b-b: two of three edges join equals; degrees 1, 2, 2, 1 give each class half: (2/3 - 1/2) / (1/2).
    found = homophily(Graph.from_edges([0, 1, 2], [1, 2, 3], 4), np.array([0, 0, 1, 1]))
    assert found.edge == pytest.approx(2 / 3)
    assert found.adjusted == pytest.approx(1 / 3)


def test_perfectly_mixed_edges_are_below_chance() -> None:
    found = homophily(Graph.from_edges([0, 0], [1, 2], 3), np.array([0, 1, 1]))
    assert found.edge == 0
    assert found.adjusted == pytest.approx(-1)


def test_edges_with_an_unknown_end_do_not_count() -> None:
    found = homophily(Graph.from_edges([0, 1, 2], [1, 2, 3], 4), np.array([0, 0, -1, 1]))
    assert (found.edges, found.edge) == (2, 1)


def test_one_class_has_no_chance_to_compare_with() -> None:
    found = homophily(Graph.from_edges([0], [1], 2), np.array([0, 0]))
    assert found.edge == 1
    assert found.adjusted is None


def test_no_known_edge_gives_nothing() -> None:
    assert homophily(Graph.from_edges([0], [1], 2), np.array([-1, 0])).edge is None


@pytest.mark.parametrize(
    ("name", "edge", "adjusted"),
    # Platonov et al. (2023), table 1: cora .81 and .77, lastfm-asia .87 and .86.
    [("cora", 0.81, 0.77), ("lastfm_asia", 0.87, 0.86)],
)
def test_published_figures_come_out(name: str, edge: float, adjusted: float) -> None:
    folder = data_folder(name)
    nodes, edges = (pd.read_csv(folder / file, dtype=str) for file in ("nodes.csv", "edges.csv"))
    place = pd.Index(nodes["id"])
    graph = Graph.from_edges(place.get_indexer(edges["source"]), place.get_indexer(edges["target"]), len(nodes))
    found = homophily(graph, pd.factorize(nodes["label"])[0].astype(np.int64))
    assert found.edge == pytest.approx(edge, abs=0.005)
    assert found.adjusted == pytest.approx(adjusted, abs=0.005)


def test_assortativity_of_large_numbers_with_small_differences_is_the_correlation_over_both_directions() -> None:
    network = nx.gnp_random_graph(80, 0.1, seed=2)
    rng = np.random.default_rng(0)
    values = 1e9 + rng.normal(size=80)
    ends = np.array(network.edges)
    graph = Graph.from_edges(ends[:, 0], ends[:, 1], 80)
    both = np.concatenate([ends, ends[:, ::-1]])
    expected = np.corrcoef(values[both[:, 0]], values[both[:, 1]])[0, 1]
    assert assortativity(graph, values) == pytest.approx(expected, abs=1e-6)
    assert assortativity(graph, np.full(80, 1e9)) is None


def test_correlation_and_homophily_of_a_directed_graph_count_each_entry_once() -> None:
    rng = np.random.default_rng(3)
    source, target = rng.integers(0, 50, 200), rng.integers(0, 50, 200)
    graph = Graph.from_edges(source, target, 50, directed=True)
    values = rng.normal(size=50)
    values[7] = np.nan
    tail, head = graph.edge_index()
    known = (tail != 7) & (head != 7)
    expected = np.corrcoef(values[tail[known]], values[head[known]])[0, 1]
    assert assortativity(graph, values) == pytest.approx(expected, abs=1e-6)
    codes = rng.integers(-1, 3, 50)
    known = (codes[tail] >= 0) & (codes[head] >= 0)
    ends = np.concatenate([codes[tail[known]], codes[head[known]]])
    chance = ((np.bincount(ends) / len(ends)) ** 2).sum()
    edge = (codes[tail[known]] == codes[head[known]]).mean()
    assert homophily(graph, codes).adjusted == pytest.approx((edge - chance) / (1 - chance))


def test_numbers_that_never_vary_at_the_sources_have_no_correlation() -> None:
    graph = Graph.from_edges([0, 0, 0], [1, 2, 3], 4, directed=True)
    assert assortativity(graph, np.array([1.0, 2.0, 3.0, 5.0])) is None
