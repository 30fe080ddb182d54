"""What every encoder promises, checked for each one that the registry finds."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch.nn import functional as F  # noqa: N812

from engine.core.errors import OptionError
from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection
from engine.graph.features import SparseFeatures
from engine.graph.graph import Graph
from engine.graph.thinning import keep_edges
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from engine.nn.readouts import READOUTS

KEYS = ENCODERS.keys()
WIDTH = 6


def _batch(*, sparse: bool) -> GraphBatch:
    draw = np.random.default_rng(0)
    x = (draw.random((9, WIDTH)) * (draw.random((9, WIDTH)) < 0.6)).astype(np.float32)
    graph = Graph.from_edges(draw.integers(0, 8, 12), draw.integers(0, 8, 12), 9)
    return GraphBatch.from_graph(graph, sp.csr_matrix(x) if sparse else x)


def _model(key: str) -> Model:
    kind = ENCODERS.get(key)
    torch.manual_seed(0)
    return Model(kind(kind.Config(), WIDTH), 3)


def test_no_encoder_is_broken():
    assert KEYS
    assert ENCODERS.broken == {}


@pytest.mark.parametrize("key", KEYS)
def test_key_label_docstring_and_options_are_complete(key):
    kind = ENCODERS.get(key)
    assert kind.key == key == kind.__module__.rpartition(".")[2]
    assert kind.label
    assert "Source:" in (kind.__doc__ or "")
    schema = kind.describe()["schema"]
    assert all(field.get("description") for field in schema.get("properties", {}).values())
    with pytest.raises(OptionError):
        kind.parse({"no_such_option": 1}, "encoder")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("sparse", [False, True])
def test_one_step_of_training_changes_every_weight_it_should(key, sparse):
    model, batch = _model(key), _batch(sparse=sparse)
    before = {name: value.clone() for name, value in model.named_parameters()}
    optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
    logits = model(batch)
    assert logits.shape == (9, 3)
    F.cross_entropy(logits, torch.arange(9) % 3).backward()
    optimiser.step()
    assert any(not torch.equal(value, before[name]) for name, value in model.named_parameters())
    assert all(bool(torch.isfinite(value).all()) for value in model.parameters())


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("sparse", [False, True])
def test_embeddings_are_dense_and_of_the_stated_width(key, sparse):
    model, batch = _model(key).eval(), _batch(sparse=sparse)
    assert model.embed(batch).shape == (9, model.encoder.out_width)


@pytest.mark.parametrize("key", KEYS)
def test_blocks_hold_every_weight_once_and_the_head_comes_last(key):
    model = _model(key)
    held = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(held) == sorted(id(p) for p in model.parameters())
    assert model.blocks()[-1] is model.head
    assert model.encoder.blocks() == model.blocks()[:-1]


@pytest.mark.parametrize("key", KEYS)
def test_the_same_seed_gives_the_same_numbers(key):
    def run() -> torch.Tensor:
        model = _model(key)
        return model(_batch(sparse=True))

    assert torch.equal(run(), run())


@pytest.mark.parametrize("key", KEYS)
def test_weights_saved_and_loaded_give_the_same_numbers(key):
    model, other = _model(key).eval(), _model(key).eval()
    for parameter in other.parameters():
        parameter.data.zero_()
    other.load_state_dict(model.state_dict())
    batch = _batch(sparse=True)
    assert torch.equal(model(batch), other(batch))


@pytest.mark.parametrize("key", KEYS)
def test_a_graph_without_edges_is_encoded(key):
    batch = GraphBatch.from_graph(Graph.from_edges([], [], 4), np.ones((4, WIDTH), np.float32))
    assert bool(torch.isfinite(_model(key)(batch)).all())


@pytest.mark.parametrize("key", KEYS)
def test_an_encoder_for_whole_graphs_keeps_all_its_layers_to_itself(key):
    kind = ENCODERS.get(key)
    torch.manual_seed(0)
    encoder = kind.build(kind.Config(), WIDTH, edge_width=2, for_graphs=True)
    assert encoder.edge_width == (2 if kind.uses_edge_attr else 0)
    readout = READOUTS.get("mean")
    model = Model(encoder, 3, readout(readout.Config(), encoder.out_width))
    batch = _graphs()
    assert model(batch).shape == (batch.num_graphs, 3)
    alone = keep_edges(batch, torch.zeros(batch.num_edges, dtype=torch.bool))
    assert torch.allclose(model.eval()(batch), model(alone)) is not kind.uses_edges


@pytest.mark.parametrize("key", KEYS)
def test_a_batch_of_graphs_equals_the_graphs_one_by_one(key):
    kind = ENCODERS.get(key)
    torch.manual_seed(0)
    encoder = kind.build(kind.Config(), WIDTH, edge_width=2, for_graphs=True).eval()
    batch = _graphs()
    with torch.no_grad():
        together, alone = (_dense(encoder(batch)), [_dense(encoder(batch.graphs([k]))) for k in range(3)])
    torch.testing.assert_close(together, torch.cat(alone))


def _graphs() -> GraphBatch:
    """Return a ring of four, one node alone, and a path of three."""
    draw = np.random.default_rng(1)
    edges = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [5, 6], [6, 7]])
    attributes = draw.integers(0, 2, (6, 2)).astype(np.uint8)
    x = draw.integers(0, 2, (8, WIDTH)).astype(np.uint8)
    ends = np.array([0, 4, 5, 8])
    made = Collection.from_edges(ends, edges[:, 0], edges[:, 1], x, edge_attr=attributes)
    return GraphBatch.from_collection(made).graphs([0, 1, 2])


def _dense(h: torch.Tensor | SparseFeatures) -> torch.Tensor:
    return h if isinstance(h, torch.Tensor) else h.to_dense()
