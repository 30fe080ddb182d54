"""What every floor promises, and that each computes what its source says."""

import json
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from engine.core.cancel import Cancelled, CancelToken
from engine.core.events import Event, Notice
from engine.data.splits._base import Split
from engine.graph.graph import Graph
from engine.learn.baselines import BASELINES
from engine.learn.baselines._base import Answer, Baseline, Evidence
from engine.learn.finetuning import Labels
from engine.learn.tasks import TASKS
from tests.engine.learn.planted import Planted, planted

DATA = planted(150, classes=3)
NUMBERS = np.array([f"{i % 3 * 10 + 100}" for i in range(150)], dtype=object)


def _floor(key: str) -> Baseline:
    kind = BASELINES.get(key)
    return kind(kind.parse({}))


def _answer(key: str, evidence: Evidence, labels: Labels) -> Answer:
    return _floor(key).answer(evidence, labels, seed=0, sink=lambda event: None, cancel=CancelToken())


def _labels(type: str, data: Planted = DATA) -> Labels:
    return data.labels(NUMBERS if type.endswith("value") else None, type=type)


def _hand(values: list[str | None], train: list[int], type: str = "node_class") -> Labels:
    cells = np.array(values, dtype=object)
    rows = np.isin(np.arange(len(cells)), train)
    split = Split("hand", rows, ~rows, rows & False)
    kind = TASKS.get(type)
    task = kind(kind.parse({"target": "y"})).fit(cells, split)
    return Labels(task, task.encode(cells), split)


# Floors for nodes; what is for molecules, or for writing, has tests of its own.
GENERAL = [floor.key for floor in BASELINES if floor.suits(Evidence(DATA.graph, DATA.x), _labels("node_class").task)]
DECIDING = [task.key for task in TASKS if {"target", "metric"} <= set(task.Config.model_fields)]


@pytest.fixture(params=GENERAL)
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_floor_is_broken() -> None:
    assert {"majority", "features_only", "label_spreading", "ridge"} <= set(GENERAL)
    assert not BASELINES.broken


@pytest.mark.parametrize("type", DECIDING)
@pytest.mark.parametrize("form", ["dense", "sparse", "none"])
def test_a_floor_scores_valid_and_test_with_the_tasks_metrics(key: str, type: str, form: str) -> None:
    x = {"dense": DATA.x, "sparse": sp.csr_matrix(DATA.x), "none": None}[form]
    labels = _labels(type)
    result = _floor(key).score(Evidence(DATA.graph, x), labels, seed=0)
    assert labels.task.main_metric in result.valid
    assert labels.task.main_metric in result.test
    json.dumps(result.to_plain(), allow_nan=False)


def test_the_same_seed_gives_the_same_scores(key: str) -> None:
    labels = _labels("node_class")
    evidence = Evidence(DATA.graph, DATA.x)
    assert _floor(key).score(evidence, labels, seed=3) == _floor(key).score(evidence, labels, seed=3)


def test_a_floor_never_looks_at_test_targets(key: str) -> None:
    labels = _labels("node_class")
    target = labels.target.copy()
    target[labels.split.test] = (target[labels.split.test] + 1) % 3
    evidence = Evidence(DATA.graph, DATA.x)
    one, two = _answer(key, evidence, labels), _answer(key, evidence, replace(labels, target=target))
    assert (one.logits == two.logits).all()


@pytest.mark.parametrize("type", DECIDING)
def test_a_split_without_valid_nodes_still_has_floors(key: str, type: str) -> None:
    labels = _labels(type)
    none = labels.split.valid & False
    split = Split("no valid", labels.split.train, none, labels.split.test)
    result = _floor(key).score(Evidence(DATA.graph, DATA.x), replace(labels, split=split), seed=0)
    assert not result.valid
    assert labels.task.main_metric in result.test


@pytest.mark.parametrize("long", ["features_only", "label_spreading", "ridge"])
def test_a_long_floor_can_be_cancelled(long: str) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        _floor(long).score(Evidence(DATA.graph, DATA.x), _labels("node_class"), seed=0, cancel=cancel)


def test_shuffled_labels_score_chance() -> None:
    """With targets drawn by lot no floor may know more than the class shares: 3 classes, 200 test nodes."""
    data = planted(600, classes=3)
    values = np.random.default_rng(5).permutation(data.values)
    labels = data.labels(values)
    items = int(labels.split.test.sum())
    chance, noise = 1 / 3, (2 / 9 / items) ** 0.5
    for floor in GENERAL:
        scores = _floor(floor).score(Evidence(data.graph, data.x), labels, seed=0).test
        assert abs(scores["accuracy"] - chance) < 4 * noise, floor


def test_majority_answers_the_most_frequent_train_class_with_its_share() -> None:
    labels = _hand(["a", "b", "b", "a", "a", "a"], train=[0, 1, 2])
    graph = Graph.from_edges([0], [1], 6)
    answer = _answer("majority", Evidence(graph, None), labels)
    table = labels.task.decode(answer.logits)
    assert table["predicted"].tolist() == ["b"] * 6
    assert table["confidence"].tolist() == pytest.approx([2 / 3] * 6)


def test_majority_answers_the_mean_of_numbers() -> None:
    labels = _hand(["1", "2", "6", "100"], train=[0, 1, 2], type="node_value")
    answer = _answer("majority", Evidence(Graph.from_edges([0], [1], 4), None), labels)
    assert labels.task.decode(answer.logits)["predicted"].tolist() == pytest.approx([3.0] * 4, rel=1e-6)


def test_label_spreading_equals_its_closed_form() -> None:
    """Zhou et al. (2004): the iteration ends at (1 - α)(I - α S)^-1 Y."""
    labels = _labels("node_class")
    answer = _answer("label_spreading", Evidence(DATA.graph, None), labels)
    a = np.zeros((150, 150))
    a[DATA.graph.edge_index()[1], DATA.graph.edge_index()[0]] = 1
    root = np.diag(a.sum(1) ** -0.5)
    start = np.zeros((150, 3))
    train = labels.rows("train")
    start[train, labels.target[train]] = 1
    alpha = answer.chosen["alpha"]
    exact = (1 - alpha) * np.linalg.solve(np.eye(150) - alpha * root @ a @ root, start)
    exact /= exact.sum(1, keepdims=True)
    np.testing.assert_allclose(np.exp(answer.logits), exact, atol=2e-3)


def test_label_spreading_gives_unreached_nodes_the_class_shares() -> None:
    # Nodes 0, 1, 2 are a chain; 3 and 4 have no way to a train label.
    labels = _hand(["a", "b", "b", "a", "a", "b"], train=[0, 1, 5])
    graph = Graph.from_edges([0, 1, 3], [1, 2, 4], 6)
    table = labels.task.decode(_answer("label_spreading", Evidence(graph, None), labels).logits)
    assert table["p_b"][[3, 4]].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert table["predicted"][2] == "b"


def test_spread_numbers_stay_between_the_train_numbers_and_isolated_nodes_get_the_mean() -> None:
    labels = _hand(["0", "10", "5", "4", "2", "8"], train=[0, 1, 5], type="node_value")
    graph = Graph.from_edges([0, 1], [2, 2], 6)
    found = labels.task.decode(_answer("label_spreading", Evidence(graph, None), labels).logits)["predicted"]
    assert found[2] == pytest.approx(5.0, abs=1e-3)  # as far from 0 as from 10
    assert found[:3].between(0, 10).all()
    assert found[4] == pytest.approx(6.0, rel=1e-6)


def test_label_spreading_goes_along_a_directed_edge_both_ways() -> None:
    labels = _hand(["a", "b", "a", "b"], train=[0, 1])
    graph = Graph.from_edges([0, 3], [2, 1], 4, directed=True)
    table = labels.task.decode(_answer("label_spreading", Evidence(graph, None), labels).logits)
    assert table["predicted"].tolist() == ["a", "b", "a", "b"]


def test_features_only_finds_what_the_features_say_and_nothing_of_the_edges() -> None:
    data = planted(300, classes=3, signal=4.0)
    empty = Graph.from_edges([], [], 300)
    with_edges = _answer("features_only", Evidence(data.graph, data.x), data.labels())
    without = _answer("features_only", Evidence(empty, data.x), data.labels())
    assert (with_edges.logits == without.logits).all()
    score = _floor("features_only").score(Evidence(data.graph, data.x), data.labels(), seed=0)
    assert score.test["accuracy"] > 0.9


def test_a_curved_rule_is_found_by_the_perceptron() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 2)).astype(np.float32)
    values = np.where(np.hypot(x[:, 0], x[:, 1]) > 1.2, "far", "near").astype(object)
    rows = np.arange(600)
    split = Split("x", rows < 300, (rows >= 300) & (rows < 450), rows >= 450)
    kind = TASKS.get("node_class")
    task = kind(kind.parse({"target": "y"})).fit(values, split)
    result = _floor("features_only").score(
        Evidence(Graph.from_edges([], [], 600), x), Labels(task, task.encode(values), split), seed=0
    )
    # No straight line tells a disc from what surrounds it: a linear model stays near one half.
    assert result.chosen["model"] == "mlp"
    assert result.test["accuracy"] > 0.8


def test_without_own_features_the_features_floor_is_the_majority_and_says_so() -> None:
    events: list[Event] = []
    labels = _labels("node_class")
    evidence = Evidence(DATA.graph, None)
    result = _floor("features_only").score(evidence, labels, seed=0, sink=events.append)
    assert [e.code for e in events if isinstance(e, Notice)] == ["baseline.no_features"]
    assert result.test == _floor("majority").score(evidence, labels, seed=0).test
