"""Degrees, components and the data card."""

import json

import networkx as nx
import numpy as np
import pytest

from engine.analysis.card import _percent, data_card
from engine.analysis.components import components
from engine.analysis.degree import degree_summary
from engine.data.roles import ColumnKind, Role
from engine.graph.graph import Graph
from tests.support.relational import relational


def test_components_are_numbered_by_size() -> None:
    graph = Graph.from_edges([0, 3, 4], [1, 4, 5], 7)
    assert components(graph).tolist() == [1, 1, 2, 0, 0, 0, 3]


def test_components_equal_those_of_networkx_whatever_the_direction() -> None:
    network = nx.gnp_random_graph(200, 0.008, seed=3, directed=True)
    ends = np.array(network.edges)
    labels = components(Graph.from_edges(ends[:, 0], ends[:, 1], 200, directed=True))
    sizes = sorted((len(part) for part in nx.weakly_connected_components(network)), reverse=True)
    assert np.bincount(labels).tolist() == sizes


def test_degree_histogram_counts_every_node_once() -> None:
    # A star of five leaves and one lone node.
    summary = degree_summary(Graph.from_edges([0] * 5, [1, 2, 3, 4, 5], 7))
    assert summary["histogram"] == [
        {"from": 0, "to": 0, "nodes": 1},
        {"from": 1, "to": 1, "nodes": 5},
        {"from": 2, "to": 2, "nodes": 0},
        {"from": 3, "to": 4, "nodes": 0},
        {"from": 5, "to": 8, "nodes": 1},
    ]
    assert (summary["largest"], summary["isolated"], summary["median"]) == (5, 1, 1)


def test_directed_degree_counts_both_directions() -> None:
    assert degree_summary(Graph.from_edges([0, 1], [1, 2], 3, directed=True))["largest"] == 2


def test_graph_without_nodes_has_a_card() -> None:
    empty = np.empty(0, np.int64)
    graph = Graph.from_edges(empty, empty, 0)
    assert degree_summary(graph)["histogram"] == []
    assert components(graph).tolist() == []


def test_column_of_one_value_and_column_of_names_are_told_apart_from_classes() -> None:
    data = relational(
        {
            "one": (ColumnKind.CATEGORY, ["a"] * 120),
            "name": (ColumnKind.CATEGORY, [f"n{k}" for k in range(120)]),
            "rare": (ColumnKind.CATEGORY, ["x"] * 110 + ["y"] * 10),
        },
        edges=[(k, k + 1) for k in range(119)],
    )
    sentences = {column["name"]: column["sentence"] for column in data_card(data)["columns"]}
    assert sentences["one"] == '"one" holds one value only.'
    assert sentences["name"] == '"name" holds 120 different values.'
    assert "one of them holds 92%, so accuracy alone says little" in sentences["rare"]


def test_empty_graph_has_a_card() -> None:
    card = data_card(relational(num_nodes=3, edges=[]))
    assert (card["edges"], card["density"], card["components"]["count"]) == (0, 0, 3)
    json.dumps(card)


def test_card_puts_the_target_first_and_leaves_numbers_and_splits_out() -> None:
    data = relational(
        {
            "city": (ColumnKind.CATEGORY, ["x", "x", "y", "y"]),
            "age": (ColumnKind.NUMBER, ["1", "2", "3", "4"]),
            "part": (ColumnKind.CATEGORY, ["train", "val", "test", "test"]),
            "team": (ColumnKind.CATEGORY, ["a", "a", None, "b"]),
        },
        edges=[(0, 1), (1, 2), (2, 3)],
        role={"part": Role.SPLIT, "team": Role.TARGET},
    )
    card = data_card(data)
    assert [column["name"] for column in card["columns"]] == ["team", "city"]
    team = card["columns"][0]
    assert (team["known"], team["coverage"], team["classes"]) == (3, 0.75, 2)
    assert team["counts"] == [{"value": "a", "nodes": 2}, {"value": "b", "nodes": 1}]
    assert team["edge_homophily"] == 1


def test_numbers_at_both_ends_correlate_as_networkx_says() -> None:
    network = nx.karate_club_graph()
    values = np.random.default_rng(0).integers(0, 4, 34)
    nx.set_node_attributes(network, dict(enumerate(values.tolist())), "size")
    expected = nx.numeric_assortativity_coefficient(network, "size")
    data = relational(
        {"size": (ColumnKind.NUMBER, [str(value) for value in values])},
        edges=list(network.edges),
        role={"size": Role.TARGET},
    )
    (column,) = data_card(data)["numbers"]
    assert column["assortativity"] == pytest.approx(expected)
    assert data_card(data)["sentences"][-1] == column["sentence"]


def test_number_that_is_unknown_everywhere_is_called_empty() -> None:
    (column,) = data_card(relational({"size": (ColumnKind.NUMBER, [None, "x"])}))["numbers"]
    assert column["sentence"] == '"size" is empty.'


def test_words_follow_the_numbers() -> None:
    cells = ["a"] * 4 + ["b"] * 4
    ring = [(k, (k + 1) % 4) for k in range(4)] + [(4 + k, 4 + (k + 1) % 4) for k in range(4)]
    alike = data_card(relational({"team": (ColumnKind.CATEGORY, cells)}, edges=ring))
    assert alike["sentences"][1] == "The graph falls into 2 pieces; the largest holds 50.0% of the nodes."
    assert "The graph should help a lot" in alike["sentences"][-1]
    across = data_card(relational({"team": (ColumnKind.CATEGORY, cells)}, edges=[(k, 4 + k) for k in range(4)]))
    assert "neighbour averaging will hurt" in across["sentences"][-1]


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "100%"), (0.5, "50%"), (4988 / 5011, "99.5%"), (0.9999, "99.9%"), (0.004, "0%")]
)
def test_only_all_is_a_hundred_percent(share: float, said: str) -> None:
    assert _percent(share) == said
