"""Explanations of whole graphs: additive models fall apart into their nodes, and what is taken away is really gone."""

import numpy as np
import pytest
import torch

from engine.data.splits import Split
from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection
from engine.infer.explainers import EXPLAINERS
from engine.infer.explainers._base import Explanation
from engine.infer.fidelity import edge_fidelity, node_fidelity
from engine.infer.surroundings import Surroundings
from engine.learn.tasks import TASKS
from engine.learn.tasks._base import FittedTask
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from engine.nn.readouts import READOUTS

WIDTH = 4
# A ring of five with a tail, and two nodes joined.
POINTERS, EDGES = np.array([0, 7, 9]), np.array([[0, 1], [1, 2], [2, 3], [3, 4], [4, 0], [4, 5], [5, 6], [7, 8]])


def _batch(edges: np.ndarray = EDGES, kept: np.ndarray | None = None) -> GraphBatch:
    draw = np.random.default_rng(0)
    x, edge_attr = draw.random((9, WIDTH)).astype(np.float32), draw.random((8, 3)).astype(np.float32)
    kept = np.ones(8, bool) if kept is None else kept
    made = Collection.from_edges(POINTERS, edges[kept, 0], edges[kept, 1], x, edge_attr=edge_attr[kept])
    return GraphBatch.from_collection(made)


def _task(kind: str = "class") -> FittedTask:
    every, none = np.ones(6, bool), np.zeros(6, bool)
    cells = np.array(["1", "2", "1", "2", "1", "2"], dtype=object)
    task = TASKS.get(f"node_{kind}")
    return task(task.parse({"target": "y"})).fit(cells, Split("s", every, none, none))


def _model(key: str, task: FittedTask, readout: str = "sum") -> Model:
    torch.manual_seed(1)
    kind, read = ENCODERS.get(key), READOUTS.get(readout)
    encoder = kind.build(kind.Config(), WIDTH, edge_width=3, for_graphs=True)
    return Model(encoder, task.width, read(read.parse({"after": 0}), encoder.out_width)).eval()


def _found(key: str, around: Surroundings) -> Explanation:
    explainer = EXPLAINERS.get(key)
    return explainer(explainer.parse({"epochs": 3} if key == "edge_mask" else {})).explain(around)


@pytest.mark.parametrize("kind", ["class", "value"])
@pytest.mark.parametrize("key", ["gradient", "masking"])
def test_the_scores_of_an_additive_model_are_what_each_node_adds(key: str, kind: str) -> None:
    task, batch = _task(kind), _batch()
    model = _model("linear", task)
    around = Surroundings.of_graph(model, task, batch, 0)
    found, answer = _found(key, around), around.answer()
    assert found.nodes is not None
    encoder, last = model.encoder.linear, model.head.inner.last.linear
    slope = (encoder.weight @ last.weight).detach().numpy()
    direction = slope[:, 0] if kind == "value" else slope[:, answer] - slope[:, 1 - answer]
    np.testing.assert_allclose(found.nodes, batch.x[:7].numpy() @ direction, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.edges, 0, atol=1e-5)


def _several(key: str, cells: list[list[str]]) -> FittedTask:
    every, none = np.ones(len(cells), bool), np.zeros(len(cells), bool)
    task = TASKS.get(key)
    return task(task.parse({"targets": ("a", "b")})).fit(np.array(cells, dtype=object), Split("s", every, none, none))


@pytest.mark.parametrize("explainer", ["gradient", "masking"])
@pytest.mark.parametrize(
    ("key", "cells"), [("graph_values", [["1", "10"], ["3", "30"]]), ("graph_labels", [["0", "1"], ["1", "0"]])]
)
def test_of_several_targets_each_has_the_scores_of_its_own_output(key: str, cells: list, explainer: str) -> None:
    task, batch = _several(key, cells), _batch()
    model = _model("linear", task)
    whole = Surroundings.of_graph(model, task, batch, 0)
    slope = (model.encoder.linear.weight @ model.head.inner.last.linear.weight).detach().numpy()
    for place, column in enumerate("ab"):
        around = whole.for_target(column)
        found, answer = _found(explainer, around), around.answer()
        assert around.logits().tolist() == whole.logits()[[place]].tolist()
        sign = 1 if key == "graph_values" or answer == 1 else -1
        np.testing.assert_allclose(found.nodes, sign * batch.x[:7].numpy() @ slope[:, place], rtol=1e-4, atol=1e-5)


def test_the_answer_of_a_yes_or_no_column_is_its_own_probability() -> None:
    task = _several("graph_labels", [["0", "no"], ["1", "yes"]])
    around = Surroundings.of_graph(_model("linear", task), task, _batch(), 0)
    for place, column in enumerate("ab"):
        own = around.for_target(column)
        share = around.logits()[place].sigmoid().item()
        assert own.strength(own.answer()) == pytest.approx(max(share, 1 - share), rel=1e-5)
        assert own.answer() == (share > 0.5)


@pytest.mark.parametrize("key", ["gcn", "gin", "gine", "dmpnn", "transformer"])
def test_an_edge_taken_away_is_a_graph_without_it(key: str) -> None:
    task = _task()
    model = _model(key, task)
    around = Surroundings.of_graph(model, task, _batch(), 0)
    found, answer = _found("masking", around), around.answer()
    with torch.no_grad():
        whole = float(around.margin(model(_batch().graphs([0]))[0], answer))
        for place, ends in enumerate(around.ends):
            other = np.array([set(edge) != set(ends) for edge in EDGES])
            left = float(around.margin(model(_batch(kept=other).graphs([0]))[0], answer))
            assert found.edges[place] == pytest.approx(whole - left, abs=1e-4)
    assert len(found.edges) == 7


@pytest.mark.parametrize("key", ["gcn", "gine", "dmpnn"])
def test_a_node_taken_away_has_no_features(key: str) -> None:
    task, batch = _task(), _batch()
    model = _model(key, task)
    around = Surroundings.of_graph(model, task, batch, 0)
    found, answer = _found("masking", around), around.answer()
    x = batch.x.clone()
    x[3] = 0
    with torch.no_grad():
        whole, left = (float(around.margin(model(one.graphs([0]))[0], answer)) for one in (batch, batch.with_x(x)))
    assert found.nodes[3] == pytest.approx(whole - left, abs=1e-4)


@pytest.mark.parametrize("key", ["gine", "dmpnn", "transformer"])
def test_gradient_scores_of_edges_are_the_slope_along_what_they_carry(key: str) -> None:
    task, batch = _task(), _batch()
    model = _model(key, task).double()
    around = Surroundings.of_graph(model, task, batch, 0)
    around = Surroundings.of(model, task, _doubled(around.batch), 0)
    object.__setattr__(around, "x", around.x.double())
    found, answer, step = _found("gradient", around), around.answer(), 1e-6
    entries = (around.edge_of[0] == 2).nonzero().squeeze(1)
    sides = []
    for scale in (1 + step, 1 - step):
        carried = around.batch.edge_attr.clone()
        carried[entries] *= scale
        with torch.no_grad():
            sides.append(float(around.margin(around.logits(edge_attr=carried), answer)))
    assert found.edges[2] == pytest.approx((sides[0] - sides[1]) / (2 * step), rel=1e-3, abs=1e-6)


def _doubled(batch: GraphBatch) -> GraphBatch:
    from dataclasses import replace

    return replace(batch, x=batch.x.double(), edge_attr=batch.edge_attr.double())


@pytest.mark.parametrize("key", EXPLAINERS.keys())
def test_every_explainer_scores_nodes_and_edges_of_one_graph_alone(key: str) -> None:
    task, batch = _task(), _batch()
    around = Surroundings.of_graph(_model("gine", task), task, batch, 1)
    found = _found(key, around)
    assert around.is_graph
    assert around.ends.tolist() == [[0, 1]]
    assert (found.nodes.shape, found.edges.shape, found.columns.shape) == ((2,), (1,), (WIDTH,))
    assert np.isfinite(np.concatenate([found.nodes, found.edges, found.columns])).all()


@pytest.mark.parametrize("key", ["gradient", "masking"])
def test_the_nodes_that_decide_matter_more_than_as_many_at_random(key: str) -> None:
    # Of twelve nodes in a ring the features of three speak for the second class, the rest says nothing.
    task, x = _task(), np.full((12, WIDTH), 0.01, np.float32)
    x[[2, 3, 7], 1] = 5.0
    ring = np.arange(12)
    batch = GraphBatch.from_collection(Collection.from_edges(np.array([0, 12]), ring, (ring + 1) % 12, x))
    model = _model("linear", task)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
        model.encoder.linear.weight[1, 0] = 1
        model.head.inner.last.linear.weight[0] = torch.tensor([-0.2, 0.2])
        model.head.inner.last.linear.bias[0] = 4.0
    around = Surroundings.of_graph(model, task, batch, 0)
    found = _found(key, around)
    assert set(np.argsort(-found.nodes)[:3]) == {2, 3, 7}
    judged = node_fidelity(around, found)
    assert judged.size == 3
    assert judged.removed > judged.removed_random + 0.1
    assert judged.kept < judged.kept_random
    assert edge_fidelity(around, found).removed == 0
