"""Labels as columns: what is shown, what is hidden, and what they are good for."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.graph.features import SparseFeatures
from engine.graph.graph import Graph
from engine.learn.evaluation import evaluate_test
from engine.learn.finetuning import Labels, finetune, predict_logits
from engine.learn.options import OptimiserOptions, TrainingOptions
from engine.learn.reuse import HiddenLabels, with_labels, without_labels
from engine.learn.strategies.scratch import Scratch
from engine.learn.trainer import Stage
from tests.engine.learn.planted import Planted, planted

_STAGE = Stage("scratch", TrainingOptions(epochs=60), OptimiserOptions(rate=0.02))


def _dense(batch: GraphBatch) -> np.ndarray:
    x = batch.x.to_dense() if isinstance(batch.x, SparseFeatures) else batch.x
    return np.asarray(x.numpy())


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_train_nodes_show_their_class_in_a_column_of_its_own_and_nobody_else_does(form: str) -> None:
    graph = Graph.from_edges(np.array([0, 1, 2]), np.array([1, 2, 3]), 4)
    x = np.array([[0, 2.0], [0, 0], [3.0, 0], [1.0, 1.0]], np.float32)
    values = np.array(["a", "b", "c", "a"], dtype=object)
    data = Planted(
        graph,
        x,
        values,
        Split("hand", np.array([True, True, True, False]), np.zeros(4, bool), np.array([False, False, False, True])),
        GraphBatch.from_graph(graph, x if form == "dense" else sp.csr_matrix(x)),
    )
    labels = data.labels()
    expected = np.array([[0, 2, 1, 0, 0], [0, 0, 0, 1, 0], [3, 0, 0, 0, 1], [1, 1, 0, 0, 0]], np.float32)
    told = with_labels(data.batch, labels)
    assert isinstance(told.x, SparseFeatures) == (form == "sparse")
    np.testing.assert_array_equal(_dense(told), expected)
    expected[:, 2:] = 0
    np.testing.assert_array_equal(_dense(without_labels(data.batch, 3)), expected)


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_whoever_is_asked_shows_nothing_and_the_others_show_all(form: str) -> None:
    data = planted(60, classes=3)
    labels = data.labels()
    plain = data.batch if form == "dense" else GraphBatch.from_graph(data.graph, sp.csr_matrix(data.x))
    told = with_labels(plain, labels)
    hidden = HiddenLabels(told, labels, 0.25, seed=1)
    train, seen = labels.rows("train"), set()
    for _ in range(20):
        x, asked = hidden.draw()
        columns = _dense(told.with_x(x))[:, -3:]
        nodes = train[asked.numpy()]
        others = np.setdiff1d(train, nodes)
        assert len(others) == round(0.25 * len(train))
        assert not columns[nodes].any()
        np.testing.assert_array_equal(columns[others], np.eye(3)[labels.target[others]])
        seen.update(nodes.tolist())
    assert seen == set(train.tolist())
    assert _dense(told)[:, -3:].sum() == len(train), "the graph that answers is as it was"


def test_a_single_train_node_is_asked_and_not_shown() -> None:
    data = planted(12)
    labels = data.labels()
    alone = np.zeros(12, bool)
    alone[labels.rows("train")[0]] = True
    labels = Labels(labels.task, labels.target, Split("one", alone, data.split.valid, data.split.test))
    _, asked = HiddenLabels(with_labels(data.batch, labels), labels, 0.9, seed=0).draw()
    assert asked.tolist() == [0]


def test_a_model_without_edges_learns_nothing_from_its_own_labels() -> None:
    """Each node sees itself alone: were its label there when it is asked, the loss would fall far below chance."""
    data = planted(300, classes=2, signal=0.0)
    lonely = replace(data, batch=GraphBatch.from_graph(data.graph, np.zeros((300, 1), np.float32)))
    labels = lonely.labels(np.random.default_rng(4).permutation(data.values))
    told = with_labels(lonely.batch, labels)
    model = replace(lonely, batch=told).model(2, encoder="mlp", dropout=0.0)
    done = finetune(model, told, labels, Scratch(Scratch.parse({})), _STAGE, show_labels=0.5)
    losses = [row["train_loss"] for row in done.fit.history]
    assert min(losses[20:]) > 0.6  # a coin's is log 2 = 0.693; half of the nodes are drawn anew each time


def test_gradients_do_not_reach_the_labels_of_those_that_are_asked() -> None:
    """Changing the label columns of whoever is asked is undone by hiding: the loss does not depend on them."""
    data = planted(60, classes=3)
    labels = data.labels()
    told = with_labels(data.batch, labels)
    x, asked = HiddenLabels(told, labels, 0.5, seed=3).draw()
    changed = told.x.clone()  # type: ignore[union-attr]  # dense
    codes = torch.as_tensor(labels.target[labels.rows("train")[asked.numpy()]])
    changed[torch.as_tensor(labels.rows("train"))[asked], 8 + codes] = 77.0
    again, same = HiddenLabels(told.with_x(changed), labels, 0.5, seed=3).draw()
    assert torch.equal(asked, same)
    assert torch.equal(x, again)  # type: ignore[arg-type]  # dense


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_labels_of_neighbours_tell_what_noise_does_not(form: str) -> None:
    """A node has twelve neighbours on average, all of its class, and a third of them are train nodes."""
    rng = np.random.default_rng(5)
    codes = np.arange(240) % 4
    u = rng.integers(0, 240, 240 * 6)
    v = (u + 4 * rng.integers(1, 60, len(u))) % 240
    x = rng.normal(size=(240, 2)).astype(np.float32)
    graph = Graph.from_edges(u, v, 240)
    assert (codes[u] == codes[v]).all()
    plain = GraphBatch.from_graph(graph, x if form == "dense" else sp.csr_matrix(x))
    labels = planted(240, classes=4).labels()
    scores = {}
    for share in (0.0, 0.5):
        batch = with_labels(plain, labels) if share else plain
        model = replace(planted(240, classes=4), batch=batch).model(4, layers=1, head="linear", width=16, dropout=0.0)
        finetune(model, batch, labels, Scratch(Scratch.parse({})), _STAGE, show_labels=share)
        scores[share] = evaluate_test(labels.task, predict_logits(model, batch), labels.target, labels.split)[
            "accuracy"
        ]
    assert scores[0.5] > 0.9
    assert scores[0.5] > scores[0.0] + 0.25
