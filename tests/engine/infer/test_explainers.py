"""Explanations: gates and missing edges mean what they should, and what was planted is found."""

import numpy as np
import pytest
import torch

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import MismatchError
from engine.data.splits import Split
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.infer import surroundings
from engine.infer.explainers import EXPLAINERS
from engine.infer.explainers._base import Explanation
from engine.infer.fidelity import column_fidelity, edge_fidelity
from engine.infer.surroundings import Surroundings
from engine.learn.tasks import TASKS
from engine.learn.tasks._base import FittedTask
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model

COUNT, WIDTH = 30, 5


def class_task(classes: int) -> FittedTask:
    cells = np.array([f"c{k % classes}" for k in range(COUNT)], dtype=object)
    every, none = np.ones(COUNT, bool), np.zeros(COUNT, bool)
    task = TASKS.get("node_class")
    return task(task.parse({"target": "y"})).fit(cells, Split("s", every, none, none))


def graph_batch(*, directed: bool = False, weighted: bool = False) -> GraphBatch:
    rng = np.random.default_rng(0)
    ends = rng.integers(0, COUNT, (2, 60))
    weight = rng.random(60) + 0.5 if weighted else None
    graph = Graph.from_edges(ends[0], ends[1], COUNT, weight=weight, directed=directed)
    return GraphBatch.from_graph(graph, rng.normal(size=(COUNT, WIDTH)).astype(np.float32))


def a_model(key: str, task: FittedTask, **options: object) -> Model:
    torch.manual_seed(1)
    encoder = ENCODERS.get(key)
    return Model(encoder(encoder.parse(options), WIDTH), task.width).eval()


def scores(key: str, around: Surroundings, **options: object) -> Explanation:
    explainer = EXPLAINERS.get(key)
    return explainer(explainer.parse(options)).explain(around)


@pytest.mark.parametrize("key", ENCODERS.keys())
@pytest.mark.parametrize("kind", ["plain", "directed", "weighted"])
def test_answers_within_reach_are_those_of_the_whole_graph_with_all_edges_and_open_gates(key: str, kind: str) -> None:
    task, batch = class_task(3), graph_batch(directed=kind == "directed", weighted=kind == "weighted")
    model = a_model(key, task)
    with torch.no_grad():
        expected = model(batch)[4]
    around = Surroundings.of(model, task, batch, 4)
    every = torch.ones(around.num_edges)
    with torch.no_grad():
        torch.testing.assert_close(around.logits(), expected, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(around.logits(kept=every.bool()), expected, rtol=1e-4, atol=1e-5)
        if around.has_gates():
            torch.testing.assert_close(around.logits(gate=every), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("key", ["gcn", "sgc", "appnp", "dagnn", "gcnii"])
def test_a_shut_gate_is_a_missing_edge_and_the_gradient_is_the_slope(key: str) -> None:
    task, batch = class_task(3), graph_batch()
    around = Surroundings.of(a_model(key, task), task, batch, 4)
    assert around.has_gates()
    edge = int(np.flatnonzero((around.ends == 4).any(axis=1))[0])
    gate = torch.ones(around.num_edges)
    gate[edge] = 0
    with torch.no_grad():
        torch.testing.assert_close(around.logits(gate=gate), around.logits(kept=gate.bool()), rtol=1e-4, atol=1e-5)
        answer, step = around.answer(), 1e-2
        sides = []
        for moved in (1 + step, 1 - step):
            gate[edge] = moved
            sides.append(float(around.margin(around.logits(gate=gate), answer)))
    slope = abs(sides[0] - sides[1]) / (2 * step)
    assert scores("gradient", around, outputs="answer").edges[edge] == pytest.approx(slope, rel=0.02, abs=1e-4)


def test_gradient_times_input_of_a_linear_model_is_weight_times_feature() -> None:
    task, batch = class_task(2), graph_batch()
    model = a_model("linear", task)
    around = Surroundings.of(model, task, batch, 7)
    found = scores("gradient", around, outputs="answer")
    assert around.nodes.tolist() == [7]
    x = around.x.clone().requires_grad_(True)
    logits = model(batch.with_x(torch.cat([batch.x[:7], x, batch.x[8:]])))[7]
    around.margin(logits, around.answer()).backward()
    np.testing.assert_allclose(found.columns, (x.detach() * x.grad).sum(0).abs().numpy(), rtol=1e-5)
    assert len(found.edges) == 0


def _copying(task: FittedTask) -> Model:
    """A graph convolution whose logits are the averaged features 0 and 1, sharpened."""
    model = a_model("gcn", task, layers=1, head="linear", dropout=0.0, width=2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        convolution = next(part for part in model.modules() if type(part).__name__ == "GraphConvolution")
        convolution.weight[0, 0] = convolution.weight[1, 1] = 1
        weight = model.head.linear.weight
        weight.copy_(8 * torch.eye(2) if weight.shape[0] == 2 else torch.tensor([[-8.0, 8.0]]).reshape(weight.shape))
    return model


@pytest.mark.parametrize("key", ["gradient", "edge_mask"])
def test_the_one_neighbour_and_column_that_decide_are_found(key: str) -> None:
    # Node 0 has eight neighbours; only node 5 has anything in column 1, which is what speaks for class 1.
    task = class_task(2)
    x = np.zeros((COUNT, WIDTH), np.float32)
    x[5, 1] = 9.0
    x[1:9, 2:] = np.random.default_rng(0).normal(size=(8, WIDTH - 2))
    batch = GraphBatch.from_graph(Graph.from_edges([0] * 8, range(1, 9), COUNT), x)
    around = Surroundings.of(_copying(task), task, batch, 0)
    assert around.answer() == 1
    found = scores(key, around)
    assert around.ends[found.edges.argmax()].tolist() == [0, 5]
    assert found.columns.argmax() == 1
    judged = edge_fidelity(around, found)
    assert judged.size == 2
    assert judged.removed > judged.removed_random + 0.1
    assert judged.kept < judged.kept_random
    columns = column_fidelity(around, found)
    assert columns.removed > columns.removed_random
    np.testing.assert_array_equal(scores(key, around).edges, found.edges)


@pytest.mark.parametrize("key", ["gradient", "edge_mask"])
def test_encoders_without_edge_weights_have_their_edges_taken_away_one_by_one(key: str) -> None:
    task, batch = class_task(3), graph_batch()
    model = a_model("sage", task)
    around = Surroundings.of(model, task, batch, 4)
    assert not around.has_gates()
    found = scores(key, around, **({"epochs": 3} if key == "edge_mask" else {}))
    edge = int(found.edges.argmax())
    low, high = around.ends[edge]
    row = torch.repeat_interleave(torch.arange(COUNT), torch.diff(batch.indptr)).numpy()
    column = batch.indices.numpy()
    other = ~(((row == low) & (column == high)) | ((row == high) & (column == low)))
    source, target = column[other], row[other]
    without = GraphBatch.from_graph(Graph.from_edges(source, target, COUNT), batch.x.numpy())
    with torch.no_grad():
        answer = around.answer()
        changed = [float(torch.softmax(model(graph)[4], 0)[answer]) for graph in (batch, without)]
    assert found.edges[edge] == pytest.approx(abs(changed[0] - changed[1]), abs=1e-5)
    assert found.edges[edge] > 0


def test_a_node_without_edges_is_explained_by_its_columns_alone() -> None:
    task = class_task(3)
    batch = GraphBatch.from_graph(Graph.from_edges([0], [1], COUNT), np.ones((COUNT, WIDTH), np.float32))
    around = Surroundings.of(a_model("gcn", task), task, batch, 9)
    for key in EXPLAINERS.keys():  # noqa: SIM118 - a registry is no mapping
        found = scores(key, around)
        assert (found.edges.shape, found.columns.shape) == ((0,), (WIDTH,))
        assert edge_fidelity(around, found) is None


def test_learning_a_mask_ends_when_it_is_cancelled() -> None:
    task, cancel = class_task(3), CancelToken()
    cancel.cancel()
    around = Surroundings.of(a_model("gcn", task), task, graph_batch(), 4)
    explainer = EXPLAINERS.get("edge_mask")
    with pytest.raises(Cancelled):
        explainer(explainer.parse({})).explain(around, cancel=cancel)


def test_a_node_with_more_edges_than_can_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "MOST_EDGES", 3)
    task = class_task(3)
    with pytest.raises(MismatchError, match="More than 3 edges"):
        Surroundings.of(a_model("gcn", task), task, graph_batch(), 4)


@pytest.mark.parametrize("key", ENCODERS.keys())
def test_every_encoder_can_be_explained_by_every_explainer(key: str) -> None:
    task, batch = class_task(3), graph_batch()
    model = a_model(key, task)
    around = Surroundings.of(model, task, batch, 4)
    for one in EXPLAINERS.keys():  # noqa: SIM118 - a registry is no mapping
        found = scores(one, around, **({"epochs": 3} if one == "edge_mask" else {}))
        assert found.edges.shape == (around.num_edges,)
        assert found.columns.shape == (WIDTH,)
        assert np.isfinite(found.edges).all()
        assert np.isfinite(found.columns).all()
        assert found.columns.max() > 0
        assert not len(found.edges) or found.edges.max() > 0
    assert all(parameter.requires_grad for parameter in model.parameters())
