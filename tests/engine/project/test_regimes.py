"""Regimes: which one fires on graphs made for it, that it says why, and that no test target takes part."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.analysis.homophily import homophily
from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.finetuning import Labels, finetune, predict_logits
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.strategies.scratch import Scratch
from engine.learn.tasks import TASKS
from engine.learn.trainer import Stage
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from engine.project.regimes import pick
from engine.project.signals import Signals, _homophily, measure

NODES = 600


def _graph(kind: str, codes: np.ndarray, seed: int, edges: int) -> Graph:
    """Return so many edges a node: to equals ("alike"), to the next class ("unlike") or to anybody ("random")."""
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, NODES, size=(NODES * 40, 2))
    a, b = codes[ends[:, 0]], codes[ends[:, 1]]
    classes = codes.max() + 1
    wanted = {"alike": a == b, "unlike": (a + 1) % classes == b, "random": np.ones(len(ends), bool)}[kind]
    kept = ends[wanted][: NODES * edges]
    return Graph.from_edges(kept[:, 0], kept[:, 1], NODES)


def _case(
    kind: str, *, train: float = 0.5, signal: float = 1.0, seed: int = 0, edges: int = 3
) -> tuple[Graph, np.ndarray, Labels]:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, NODES)
    x = rng.normal(size=(NODES, 12)).astype(np.float32)
    x[np.arange(NODES), codes] += signal
    x = (x - x.mean(axis=0)) / x.std(axis=0)  # as the schema scales numbers
    draw = rng.random(NODES)
    split = Split("planted", draw < train, (draw >= train) & (draw < train + 0.25), draw >= train + 0.25)
    values = np.asarray([f"class {code}" for code in codes], dtype=object)
    task = TASKS.get("node_class")
    fitted = task(task.parse({"target": "y"})).fit(values, split)
    return _graph(kind, codes, seed, edges), x, Labels(fitted, fitted.encode(values), split)


def _signals(kind: str, **options) -> Signals:
    graph, x, labels = _case(kind, **options)
    return measure(graph, GraphBatch.from_graph(graph, x), labels)


@pytest.mark.parametrize(
    ("kind", "options", "regime"),
    [
        ("alike", {}, "many_labels"),
        ("alike", {"train": 0.1}, "few_labels"),
        ("alike", {"train": 0.1, "edges": 10}, "few_labels_dense"),
        ("unlike", {}, "unlike_neighbours"),
        ("random", {}, "features_only"),
        ("random", {"seed": 1}, "features_only"),
        ("random", {"train": 0.1}, "features_only"),
    ],
)
def test_each_kind_of_graph_gets_the_recipe_made_for_it(kind, options, regime):
    found = pick(_signals(kind, **options))
    assert found.key == regime
    assert found.why
    assert set(found.about) >= {"encoder"}
    assert ENCODERS.get(found.encoder["type"]).parse({k: v for k, v in found.encoder.items() if k != "type"})


def test_homophily_of_pairs_is_that_of_the_data_card():
    graph, _, labels = _case("alike")
    known = labels.split.train
    codes = np.where(known, labels.target, -1)
    source, target = graph.edge_index()
    kept = known[source] & known[target] & (source < target)
    pairs = np.stack([source[kept], target[kept]], axis=1)
    assert _homophily(pairs, labels.target) == pytest.approx(homophily(graph, codes).adjusted)
    assert _signals("alike").alike == pytest.approx(homophily(graph, codes).adjusted)


def test_two_steps_are_asked_where_hardly_two_labels_are_joined():
    # a dozen labels a class among 600 nodes of degree 6: common neighbours tell what edges cannot.
    found = _signals("alike", train=0.06)
    assert found.two_steps
    assert found.alike is not None
    assert found.alike > 0.3


def test_targets_of_test_nodes_change_nothing():
    graph, x, labels = _case("alike")
    spoiled = labels.target.copy()
    spoiled[labels.split.test] = 0
    batch = GraphBatch.from_graph(graph, sp.csr_matrix(x))
    assert measure(graph, batch, labels) == measure(graph, batch, Labels(labels.task, spoiled, labels.split))


def test_reasons_name_the_numbers_that_decided():
    found = pick(Signals(True, 4, 80, alike=0.42, pairs=123, chance=0.02))
    assert "20 a class" in found.why
    assert "0.42 over 123 pairs" in found.why
    mute = pick(Signals(True, 2, 500, alike=0.01, chance=0.02, with_edges=0.71, without_edges=0.72, noise=0.01))
    assert mute.key == "features_only"
    assert "0.710 with them, 0.720 without" in mute.why


def test_a_large_graph_gets_few_layers_whatever_its_labels_say():
    small = Signals(True, 4, 80, alike=0.1, chance=0.01, with_edges=0.8, without_edges=0.6, noise=0.01)
    assert pick(replace(small, train_labels=4000)).encoder["layers"] == 8
    assert pick(replace(small, train_labels=4000, is_large=True)).encoder["layers"] == 2
    assert pick(replace(small, alike=0.8, is_large=True)).beside is None


def test_few_pairs_are_given_the_benefit_of_the_doubt():
    found = Signals(True, 4, 80, alike=0.25, chance=0.1, with_edges=0.7, without_edges=0.6, noise=0.03)
    assert pick(found).key == "few_labels"
    assert pick(replace(found, chance=0.01)).key == "faint_edges"
    unknown = replace(found, alike=None, chance=0.0, with_edges=0.62)
    assert pick(unknown).key == "few_labels"
    assert pick(replace(unknown, with_edges=0.59)).key == "features_only"


def test_features_made_from_the_graph_are_never_taken_for_a_graph_that_says_nothing():
    mute = {"alike": 0.01, "chance": 0.02, "with_edges": 0.7, "without_edges": 0.72, "noise": 0.01}
    assert pick(Signals(True, 2, 500, **mute)).key == "features_only"
    assert pick(Signals(True, 2, 500, own_features=False, **mute)).key != "features_only"


def test_where_edges_say_nothing_the_result_is_no_worse_than_the_features_alone():
    from engine.learn.baselines._base import Evidence
    from engine.learn.baselines.features_only import FeaturesOnly
    from engine.learn.evaluation import evaluate_test

    gaps = []
    for seed in range(3):
        graph, x, labels = _case("random", seed=seed, signal=2.0)
        batch = GraphBatch.from_graph(graph, x)
        regime = pick(measure(graph, batch, labels))
        kind = ENCODERS.get(regime.encoder["type"])
        torch.manual_seed(seed)
        encoder = kind(kind.parse({k: v for k, v in regime.encoder.items() if k != "type"}), 12)
        stage = Stage(
            "scratch",
            TrainingOptions(**regime.finetune["training"]),
            OptimiserOptions(**regime.finetune["optimiser"]),
            seed=seed,
        )
        model = Model(encoder, 3)
        finetune(model, batch, labels, Scratch(Scratch.parse({})), stage)
        ours = evaluate_test(labels.task, predict_logits(model, batch), labels.target, labels.split)["accuracy"]
        floor = FeaturesOnly(FeaturesOnly.parse({})).score(Evidence(graph, x), labels, seed=seed)
        right, items = floor.test["accuracy"], int(labels.split.test.sum())
        gaps.append((ours - right) / (right * (1 - right) / items) ** 0.5)
    # In standard errors of one result, which is what a single run cannot tell apart.
    assert np.mean(gaps) > -1
