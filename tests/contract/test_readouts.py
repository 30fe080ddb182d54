"""What every readout promises, checked for each one that the registry finds."""

import numpy as np
import pytest
import torch

from engine.core.errors import MismatchError, OptionError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import restrict
from engine.graph.collection import Collection
from engine.graph.graph import Graph
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from engine.nn.readouts import READOUTS

KEYS = READOUTS.keys()
WIDTH = 4
# A graph without nodes stands between the others.
SIZES = [3, 0, 5, 1]


def _graphs() -> GraphBatch:
    draw = np.random.default_rng(0)
    pointers = np.concatenate([[0], np.cumsum(SIZES)])
    source, target = np.array([0, 1, 3, 4, 5, 6]), np.array([1, 2, 4, 5, 6, 7])
    x = draw.random((9, WIDTH)).astype(np.float32)
    return GraphBatch.from_collection(Collection.from_edges(pointers, source, target, x))


def _model(key: str, width: int = 3) -> Model:
    torch.manual_seed(0)
    kind, encoder = READOUTS.get(key), ENCODERS.get("gin")
    inner = encoder(encoder.parse({"width": 8, "dropout": 0.0, "norm": "layer"}), WIDTH)
    return Model(inner, width, kind(kind.Config(), inner.out_width))


def test_no_readout_is_broken():
    assert KEYS
    assert READOUTS.broken == {}


@pytest.mark.parametrize("key", KEYS)
def test_key_label_docstring_and_options_are_complete(key):
    kind = READOUTS.get(key)
    assert kind.key == key == kind.__module__.rpartition(".")[2]
    assert kind.label
    assert "Source:" in (kind.__doc__ or "")
    assert all(field.get("description") for field in kind.describe()["schema"]["properties"].values())
    with pytest.raises(OptionError):
        kind.parse({"no_such_option": 1}, "readout")


@pytest.mark.parametrize("key", KEYS)
def test_a_batch_equals_its_graphs_one_by_one(key):
    model, every = _model(key).eval(), _graphs()
    together = model(every)
    assert together.shape == (4, 3)
    alone = torch.cat([model(every.graphs([k])) for k in range(4)])
    torch.testing.assert_close(together, alone)
    assert model.embed(every).shape == (4, model.head.readout.out_width)


@pytest.mark.parametrize("key", KEYS)
def test_the_order_of_the_nodes_does_not_matter(key):
    draw, edges = np.random.default_rng(0), np.array([[0, 1], [1, 2], [2, 3], [1, 4]])
    x, order = draw.random((5, WIDTH)).astype(np.float32), np.array([3, 0, 4, 2, 1])
    model, ends = _model(key).eval(), np.array([0, 5])

    def answer(edges: np.ndarray, x: np.ndarray) -> torch.Tensor:
        return model(GraphBatch.from_collection(Collection.from_edges(ends, edges[:, 0], edges[:, 1], x)))

    moved = np.empty_like(x)
    moved[order] = x
    torch.testing.assert_close(answer(edges, x), answer(order[edges], moved))


@pytest.mark.parametrize("key", KEYS)
def test_a_graph_without_nodes_is_read_as_zeros(key):
    model, every = _model(key), _graphs()
    assert model.embed(every)[1].tolist() == [0] * model.head.readout.out_width


@pytest.mark.parametrize("key", KEYS)
def test_gradients_reach_every_weight_and_are_numbers(key):
    model, every = _model(key), _graphs()
    model(every).square().sum().backward()
    assert all(p.grad is not None and bool(torch.isfinite(p.grad).all()) for p in model.parameters())


@pytest.mark.parametrize("key", KEYS)
def test_the_gradient_is_that_of_numerical_differentiation(key):
    kind, every = READOUTS.get(key), _graphs()
    torch.manual_seed(0)
    readout = kind(kind.Config(), WIDTH).double()
    h = torch.rand(9, WIDTH, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda h: readout(h, every), h)


@pytest.mark.parametrize("key", KEYS)
def test_blocks_hold_every_weight_once_and_the_head_comes_last(key):
    model = _model(key)
    held = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(held) == sorted(id(p) for p in model.parameters())
    assert model.blocks()[-1] is model.head


def test_parts_of_a_graph_cannot_be_read():
    model = _model("mean").eval()
    batch = GraphBatch.from_graph(Graph.from_edges([0, 1], [1, 2], 3), np.ones((3, WIDTH), np.float32))
    assert model.hops is None
    with pytest.raises(MismatchError, match="whole"):
        model(restrict(batch, torch.tensor([0]), 2))
