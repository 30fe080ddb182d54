"""Encoders: equal to torch_geometric to rounding, and what every graph model has to obey."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from engine.graph.batch import GraphBatch
from engine.graph.features import SparseFeatures
from engine.nn.encoders.gcn import GCN
from engine.nn.encoders.linear import LinearEncoder
from engine.nn.encoders.mlp import MLP
from engine.nn.layers import make_activation
from engine.nn.model import Model
from tests.engine.nn.graphs import NUM_NODES, small_batch, small_features, small_graph

MODELS = {
    "gcn": (GCN, {}),
    "gcn, linear head": (GCN, {"layers": 2, "head": "linear", "activation": "prelu"}),
    "gcn, one layer": (GCN, {"layers": 1}),
    "gcn, deep with all options": (GCN, {"layers": 5, "norm": "layer", "skip": True, "activation": "gelu"}),
    "gcn, batch norm": (GCN, {"layers": 3, "norm": "batch", "skip": True}),
    "mlp": (MLP, {"layers": 2, "width": 16}),
    "mlp, all options": (MLP, {"layers": 3, "width": 16, "norm": "batch", "skip": True, "activation": "prelu"}),
    "linear": (LinearEncoder, {"width": 16}),
}


def _model(name: str, in_width: int = 10, outputs: int = 3, **more) -> Model:
    kind, options = MODELS[name]
    torch.manual_seed(0)
    return Model(kind(kind.Config(**{**options, **more}), in_width), outputs)


def _oracle_gcn(model: Model, batch: GraphBatch, graph) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The same network of torch_geometric's layers with the same weights: output, and the weights' own copies."""
    conv = pytest.importorskip("torch_geometric.nn").GCNConv
    x = batch.x if isinstance(batch.x, torch.Tensor) else batch.x.to_dense()
    ours = [layer.convolution for layer in model.encoder.layers] + [model.head.convolution]
    theirs = []
    for layer in ours:
        copy = conv(*layer.weight.shape)
        copy.lin.weight.data = layer.weight.detach().t().clone()
        copy.bias.data = layer.bias.detach().clone()
        theirs.append(copy)
    weight = None if graph.weight is None else torch.from_numpy(graph.weight)
    edges = torch.from_numpy(graph.edge_index())
    for k, layer in enumerate(theirs):
        x = layer(x, edges, weight)
        x = F.relu(x) if k + 1 < len(theirs) else x
    return x, [parameter for layer in theirs for parameter in (layer.lin.weight, layer.bias)]


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("width", [1, 7, 16])
def test_gcn_equals_torch_geometric_in_values_and_gradients(sparse, weighted, directed, width):
    batch = small_batch(sparse=sparse, weighted=weighted, directed=directed)
    model = _model("gcn", layers=3, width=width)
    model.eval()
    for parameter in model.parameters():
        parameter.data += 0.05  # biases begin at zero, which would hide a wrong one
    logits = model(batch)
    expected, theirs = _oracle_gcn(model, batch, small_graph(weighted=weighted, directed=directed))
    torch.testing.assert_close(logits, expected)
    logits.square().sum().backward()
    expected.square().sum().backward()
    ours = [layer.convolution for layer in model.encoder.layers] + [model.head.convolution]
    for layer, (weight, bias) in zip(ours, zip(theirs[::2], theirs[1::2], strict=True), strict=True):
        torch.testing.assert_close(layer.weight.grad, weight.grad.t(), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(layer.bias.grad, bias.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
def test_mlp_equals_torch_geometric(sparse):
    mlp = pytest.importorskip("torch_geometric.nn").MLP
    batch, model = small_batch(sparse=sparse), _model("mlp")
    model.eval()
    ours = [*(layer.linear for layer in model.encoder.layers), model.head.linear]
    theirs = mlp([10, 16, 16, 3], norm=None, act="relu")
    for layer, copy in zip(ours, theirs.lins, strict=True):
        copy.weight.data, copy.bias.data = layer.weight.detach().t().clone(), layer.bias.detach().clone()
    x = torch.from_numpy(small_features())
    torch.testing.assert_close(model(batch), theirs(x))
    model(batch).square().sum().backward()
    theirs(x).square().sum().backward()
    for layer, copy in zip(ours, theirs.lins, strict=True):
        torch.testing.assert_close(layer.weight.grad, copy.weight.grad.t(), rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
def test_linear_equals_torch_geometric(sparse):
    linear = pytest.importorskip("torch_geometric.nn").Linear
    model, copy = _model("linear"), linear(10, 16)
    copy.weight.data = model.encoder.linear.weight.detach().t().clone()
    copy.bias.data = model.encoder.linear.bias.detach().clone()
    batch = small_batch(sparse=sparse)
    torch.testing.assert_close(model.embed(batch), copy(torch.from_numpy(small_features())))


@pytest.mark.parametrize("name", list(MODELS))
def test_sparse_and_dense_features_give_the_same(name):
    model = _model(name)
    model.eval()
    torch.testing.assert_close(model(small_batch(sparse=True)), model(small_batch()))
    torch.testing.assert_close(model.embed(small_batch(sparse=True)), model.embed(small_batch()))


@pytest.mark.parametrize("name", list(MODELS))
def test_renaming_nodes_renames_outputs(name):
    order = np.random.default_rng(1).permutation(NUM_NODES)
    moved = np.empty_like(small_features())
    moved[order] = small_features()
    model = _model(name)
    model.eval()
    there = model(GraphBatch.from_graph(small_graph(order=order), moved))
    torch.testing.assert_close(there[torch.from_numpy(order)], model(small_batch()), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("sparse", [False, True])
def test_the_gradient_reaches_every_parameter(name, sparse):
    model = _model(name, dropout=0.0)
    for parameter in model.parameters():
        parameter.data += 0.01
    model(small_batch(sparse=sparse)).square().sum().backward()
    dead = [name for name, parameter in model.named_parameters() if not parameter.grad.abs().sum() > 0]
    # Batch norm takes away whatever constant the layer before it adds.
    assert [name for name in dead if name not in _before_batch_norm(model)] == []


def _before_batch_norm(model: Model) -> list[str]:
    normed = any(isinstance(part, torch.nn.BatchNorm1d) for part in model.modules())
    return [
        name for name, _ in model.named_parameters() if normed and name.endswith(("convolution.bias", "linear.bias"))
    ]


@pytest.mark.parametrize("name", list(MODELS))
def test_ten_nodes_are_learned_by_heart(name):
    batch = small_batch(sparse=True)
    target = torch.from_numpy(np.random.default_rng(0).integers(0, 2, NUM_NODES))
    if name.startswith("gcn"):
        # Each node its own mark, so that no two of them look alike to a convolution.
        batch = batch.with_x(torch.eye(NUM_NODES) * 4)
        model = _model(name, in_width=NUM_NODES, outputs=2, dropout=0.0)
    else:
        model = _model(name, outputs=2, dropout=0.0)
    nodes = torch.tensor([0, 1, 2, 4, 5, 6, 7, 8, 9, 10])
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(400):
        optimiser.zero_grad()
        F.cross_entropy(model(batch)[nodes], target[nodes]).backward()
        optimiser.step()
    assert model(batch)[nodes].argmax(1).tolist() == target[nodes].tolist()


def test_the_last_convolution_is_the_output_layer():
    model = _model("gcn", layers=3, width=5)
    assert len(model.encoder.blocks()) == 2
    assert model.encoder.out_width == 5
    assert model.blocks()[-1] is model.head
    assert [tuple(p.shape) for p in model.parameters()] == [(10, 5), (5,), (5, 5), (5,), (5, 3), (3,)]


def test_one_convolution_alone_embeds_the_features_themselves():
    model = _model("gcn, one layer")
    assert model.encoder.blocks() == []
    assert model.encoder.out_width == 10
    assert torch.equal(model.embed(small_batch(sparse=True)), small_batch().x)
    assert isinstance(model.encoder(small_batch(sparse=True)), SparseFeatures)


def test_dropout_draws_from_torchs_generator_and_stops_in_evaluation():
    batch, model = small_batch(sparse=True), _model("gcn")
    torch.manual_seed(3)
    first = model(batch)
    second = model(batch)
    torch.manual_seed(3)
    assert torch.equal(model(batch), first)
    assert not torch.equal(first, second)
    model.eval()
    assert torch.equal(model(batch), model(batch))


def test_features_given_beside_the_batch_replace_its_own():
    batch, model = small_batch(), _model("gcn")
    model.eval()
    x = torch.randn(NUM_NODES, 10, generator=torch.Generator().manual_seed(0))
    assert torch.equal(model.encoder(batch, x), model.encoder(batch.with_x(x)))


def test_prelu_equals_torchs_in_values_and_gradients():
    ours, theirs = make_activation("prelu"), torch.nn.PReLU()
    x = torch.tensor([-2.0, -0.5, 0.0, 0.5, 3.0], requires_grad=True)
    again = x.detach().clone().requires_grad_()
    ours(x).square().sum().backward()
    theirs(again).square().sum().backward()
    torch.testing.assert_close(ours(x), theirs(again))
    torch.testing.assert_close(x.grad, again.grad)
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad)


def test_skip_lets_a_node_tell_itself_from_its_neighbours():
    # Two joined nodes: without a skip a convolution makes them equal, whatever their features.
    from engine.graph.graph import Graph

    batch = GraphBatch.from_graph(Graph.from_edges([0], [1], 2), np.array([[1.0, 0.0], [0.0, 1.0]]))
    same, told = (_model("gcn", 2, 2, skip=skip).eval()(batch) for skip in (False, True))
    torch.testing.assert_close(same[0], same[1])
    assert not torch.allclose(told[0], told[1])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", list(MODELS))
def test_cuda_agrees_with_the_cpu(name):
    import scipy.sparse as sp

    model, batch = _model(name).eval(), small_batch(sparse=True)
    here = model(batch)
    there = model.cuda()(GraphBatch.from_graph(small_graph(), sp.csr_matrix(small_features()), "cuda"))
    torch.testing.assert_close(there.cpu(), here, rtol=1e-4, atol=1e-5)
