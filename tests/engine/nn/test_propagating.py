"""Encoders that propagate: equal to torch_geometric or to matrices written out, whole or cut into blocks."""

import math

import numpy as np
import pytest
import torch

from engine.graph.batch import GraphBatch
from engine.graph.blocks import restrict
from engine.graph.graph import Graph
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from tests.engine.nn.graphs import NUM_NODES, small_batch, small_features, small_graph

OPTIONS = {
    "sgc": {"width": 5, "steps": 3},
    "appnp": {"width": 6, "steps": 4, "layers": 2},
    "dagnn": {"width": 6, "steps": 3, "narrow": 4},
    "gcnii": {"width": 6, "layers": 3},
    "sign": {"width": 5, "steps": 3, "layers": 2},
    "sign, mean": {"width": 5, "steps": 3, "combine": "mean"},
    "ridge": {"width": 5},
    "gcn, jumping": {"width": 5, "layers": 3, "jumping": "cat", "head": "linear"},
    "gcn, dense around": {"width": 5, "layers": 3, "jumping": "max", "before": 1, "after": 2, "norm": "layer"},
}


def _model(name: str, outputs: int = 3, **more) -> Model:
    kind = ENCODERS.get(name.partition(",")[0])
    torch.manual_seed(0)
    model = Model(kind(kind.parse({**OPTIONS[name], **more}), 10), outputs)
    for parameter in model.parameters():
        parameter.data += 0.05  # biases begin at zero, which would hide a wrong one
    return model


def _edges(**options) -> torch.Tensor:
    return torch.from_numpy(small_graph(**options).edge_index())


def _matrix() -> torch.Tensor:
    """Return D^-1/2 (A + I) D^-1/2 as a table, written out."""
    matrix = torch.zeros(NUM_NODES, NUM_NODES)
    source, target = _edges()
    matrix[target, source] = 1.0
    matrix.fill_diagonal_(1.0)
    root = matrix.sum(dim=1).rsqrt()
    return root[:, None] * matrix * root


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("directed", [False, True])
def test_sgc_equals_torch_geometric(sparse, directed):
    theirs = pytest.importorskip("torch_geometric.nn").SGConv(10, 5, K=3)
    encoder = _model("sgc").eval().encoder
    theirs.lin.weight.data, theirs.lin.bias.data = encoder.linear.weight.detach().t(), encoder.linear.bias.detach()
    expected = theirs(torch.from_numpy(small_features()), _edges(directed=directed))
    torch.testing.assert_close(encoder(small_batch(sparse=sparse, directed=directed)), expected)


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("weighted", [False, True])
def test_the_steps_of_appnp_equal_torch_geometric(weighted):
    theirs = pytest.importorskip("torch_geometric.nn").APPNP(K=4, alpha=0.3)
    encoder = _model("appnp", restart=0.3).eval().encoder
    start = torch.from_numpy(small_features())
    for layer in encoder.layers:
        start = layer(start)
    weight = torch.from_numpy(small_graph(weighted=True).weight) if weighted else None
    expected = theirs(start, _edges(weighted=weighted), weight)
    torch.testing.assert_close(encoder(small_batch(weighted=weighted)), expected)


@pytest.mark.usefixtures("either_path")
def test_a_layer_of_gcnii_equals_torch_geometric():
    theirs = pytest.importorskip("torch_geometric.nn").GCN2Conv
    encoder = _model("gcnii", restart=0.2, identity=0.7).eval().encoder
    start = encoder.first(torch.from_numpy(small_features()))
    h = start
    for number, layer in enumerate(encoder.layers):
        conv = theirs(6, alpha=0.2, theta=0.7, layer=number + 1)
        conv.weight1.data = layer.linear.weight.detach()
        h = conv(h, start, _edges()).relu()
        assert layer.strength == pytest.approx(math.log(0.7 / (number + 1) + 1))
    torch.testing.assert_close(encoder(small_batch()), h)


@pytest.mark.usefixtures("either_path")
def test_dagnn_weighs_each_distance_as_written_out():
    encoder = _model("dagnn").eval().encoder
    z = encoder.narrow(encoder.layers[0](torch.from_numpy(small_features())))
    near = torch.stack([torch.linalg.matrix_power(_matrix(), step) @ z for step in range(4)])
    share = torch.sigmoid(near @ encoder.score.weight + encoder.score.bias)
    torch.testing.assert_close(encoder(small_batch()), (share * near).sum(dim=0))


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
def test_sign_reads_each_distance_as_written_out(sparse):
    encoder = _model("sign", layers=1).eval().encoder
    x = torch.from_numpy(small_features())
    powers = [torch.linalg.matrix_power(_matrix(), step) @ x for step in range(4)]
    mapped = [near @ layer.weight + layer.bias for near, layer in zip(powers, encoder.first, strict=True)]
    torch.testing.assert_close(encoder(small_batch(sparse=sparse)), torch.cat(mapped, dim=1).relu())
    assert encoder.out_width == 20


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
def test_the_mean_of_sign_is_that_of_random_propagation(sparse):
    encoder = _model("sign, mean").eval().encoder
    powers = torch.stack([torch.linalg.matrix_power(_matrix(), step) for step in range(4)]).mean(dim=0)
    (layer,) = encoder.first
    expected = (powers @ torch.from_numpy(small_features()) @ layer.weight + layer.bias).relu()
    torch.testing.assert_close(encoder(small_batch(sparse=sparse)), expected)


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
def test_ridge_adds_its_four_channels_as_written_out(sparse):
    encoder, x, near = _model("ridge").eval().encoder, torch.from_numpy(small_features()), _matrix()
    channels = {"own": x, "near": near @ x, "far": near @ near @ x, "difference": x - near @ x}
    expected = sum(table @ encoder.weight(name) for name, table in channels.items()) + encoder.weight("constant")
    torch.testing.assert_close(encoder(small_batch(sparse=sparse)), expected)


def test_sign_makes_its_tables_once_and_anew_for_other_features():
    encoder, batch = _model("sign").encoder, small_batch()
    first = encoder.tables(batch)
    assert all(a is b for a, b in zip(first, encoder.tables(batch), strict=True))
    other = encoder.tables(batch.with_x(batch.x * 2))
    torch.testing.assert_close(other[3], first[3] * 2)
    rows = torch.tensor([4, 1])
    torch.testing.assert_close(encoder.tables(restrict(batch, rows, 3))[2], first[2][rows])
    assert encoder.tables(small_batch(sparse=True)) is None


def test_jumping_knowledge_reads_all_convolutions():
    jump = pytest.importorskip("torch_geometric.nn").JumpingKnowledge
    for mode in ("cat", "max"):
        encoder = _model("gcn, jumping", jumping=mode).eval().encoder
        outputs, h = [], small_batch().x
        for layer in encoder.layers:
            h = layer(h, small_batch())
            outputs.append(h)
        torch.testing.assert_close(encoder(small_batch()), jump(mode)(outputs))
        assert encoder.out_width == encoder(small_batch()).shape[1]


def test_features_may_lose_another_share_than_inner_numbers():
    encoder = _model("gcn, jumping", input_dropout=0.0, dropout=0.9).train().encoder
    first = encoder.layers[0]
    assert torch.equal(first(small_batch().x, small_batch()), first(small_batch().x, small_batch()))
    second = encoder.layers[1]
    h = first(small_batch().x, small_batch())
    assert not torch.equal(second(h, small_batch()), second(h, small_batch()))


@pytest.mark.parametrize("name", list(OPTIONS))
@pytest.mark.parametrize("sparse", [False, True])
def test_a_few_rows_cut_out_have_the_answers_and_gradients_of_the_whole(name, sparse):
    batch, model, again = small_batch(sparse=sparse), _model(name).eval(), _model(name).eval()
    rows = torch.tensor([7, 2, 11])
    whole = model(batch)[rows]
    cut = again(restrict(batch, rows, again.hops))
    torch.testing.assert_close(cut, whole)
    whole.square().sum().backward()
    cut.square().sum().backward()
    for a, b in zip(model.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(b.grad, a.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", list(OPTIONS))
def test_sparse_and_dense_features_give_the_same(name):
    model = _model(name).eval()
    torch.testing.assert_close(model(small_batch(sparse=True)), model(small_batch()))


@pytest.mark.parametrize("name", list(OPTIONS))
def test_renaming_nodes_renames_outputs(name):
    order = np.random.default_rng(1).permutation(NUM_NODES)
    moved = np.empty_like(small_features())
    moved[order] = small_features()
    model = _model(name).eval()
    there = model(GraphBatch.from_graph(small_graph(order=order), moved))
    torch.testing.assert_close(there[torch.from_numpy(order)], model(small_batch()), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", list(OPTIONS))
def test_the_gradient_reaches_every_parameter(name):
    model = _model(name, dropout=0.0)
    model(small_batch(sparse=True)).square().sum().backward()
    assert [name for name, parameter in model.named_parameters() if not parameter.grad.abs().sum() > 0] == []


def test_ten_steps_reach_ten_edges_far():
    # A path of 12 nodes: what node 0 says reaches node 10 in ten steps and node 11 never.
    batch = GraphBatch.from_graph(Graph.from_edges(range(11), range(1, 12), 12), np.eye(12, 10, dtype=np.float32))
    model = _model("appnp", steps=10, layers=1, input_dropout=0.0, dropout=0.0)
    x = torch.eye(12, 10).requires_grad_()
    model.encoder(batch, x)[10].sum().backward()
    assert x.grad[0].abs().sum() > 0
    x.grad = None
    model.encoder(batch, x)[11].sum().backward()
    assert x.grad[0].abs().sum() == 0
