"""GAT, GATv2, GraphSAGE and GIN: equal to torch_geometric with the same weights, whole or cut into blocks."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from engine.graph.blocks import restrict
from engine.nn.encoders import ENCODERS
from engine.nn.model import Model
from tests.engine.nn.graphs import small_batch, small_features, small_graph

OPTIONS = {
    "gat": {"layers": 3, "heads": 3, "width": 5},
    "gat, mean of heads": {"layers": 2, "heads": 2, "width": 4, "output_heads": 3},
    "gat, linear head": {"layers": 2, "heads": 2, "width": 4, "head": "linear", "skip": True, "norm": "layer"},
    "gatv2": {"layers": 3, "heads": 3, "width": 5},
    "gatv2, shared": {"layers": 2, "heads": 1, "width": 7, "shared": True, "output_heads": 2},
    "sage": {"layers": 3, "width": 5},
    "sage, max": {"layers": 2, "width": 12, "aggregation": "max", "unit": True},
    "sage, sum": {"layers": 2, "width": 12, "aggregation": "sum", "root": False},
    "gin": {"layers": 3, "width": 6},
    "gin, wide": {"layers": 2, "width": 16, "norm": "none"},
}
WITH_TWIN = [name for name in OPTIONS if name != "gat, linear head"]


def _model(name: str, **more) -> Model:
    kind = ENCODERS.get(name.partition(",")[0])
    torch.manual_seed(0)
    model = Model(kind(kind.parse({**OPTIONS[name], **more}), 10), 3)
    for parameter in model.parameters():
        parameter.data += 0.05  # biases begin at zero, which would hide a wrong one
    return model


class _Twin(torch.nn.Module):
    """The same network of torch_geometric's layers, with copies of the weights.

    `weights` holds each of ours, the twin's, and whether that one stands the other way round.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.key = model.encoder.key
        parts = list(model.encoder.layers)
        self.layers = torch.nn.ModuleList()
        self.weights: list[tuple[torch.nn.Parameter, torch.nn.Parameter, bool]] = []
        for layer in parts:
            self._add(layer.attention if hasattr(layer, "attention") else getattr(layer, "convolution", layer))
        if self.key == "gin":
            linear = model.head.linear
            self.head = torch.nn.Linear(*linear.weight.shape)
            self._map(linear, self.head)
            self.norms = torch.nn.ModuleList(part.norm for part in parts)
        else:
            self._add(model.head.layer)

    def forward(self, x, edges):
        last = len(self.layers) - 1
        for number, layer in enumerate(self.layers):
            x = layer(x, edges)
            if self.key == "gin":
                x = self.norms[number](x).relu()
            elif number < last:
                x = F.elu(x) if self.key.startswith("gat") else x.relu()
        return self.head(x) if self.key == "gin" else x

    def _add(self, ours) -> None:
        self.layers.append(getattr(self, f"_{self.key}")(ours))

    def _pair(self, ours, theirs, *, turned: bool = False) -> None:
        value = ours.detach().t() if turned else ours.detach()
        theirs.data = value.reshape(theirs.shape).clone()
        self.weights.append((ours, theirs, turned))

    def _map(self, ours, theirs) -> None:
        """Pair two linear maps: torch's weights stand the other way round."""
        self._pair(ours.weight, theirs.weight, turned=True)
        if ours.bias is not None:
            self._pair(ours.bias, theirs.bias)

    def _gat(self, ours):
        from torch_geometric.nn import GATConv

        heads, width = ours.source.shape
        theirs = GATConv(ours.weight.shape[0], width, heads=heads, concat=not ours.average)
        self._pair(ours.weight, theirs.lin.weight, turned=True)
        self._pair(ours.source, theirs.att_src)
        self._pair(ours.target, theirs.att_dst)
        self._pair(ours.bias, theirs.bias)
        return theirs

    def _gatv2(self, ours):
        from torch_geometric.nn import GATv2Conv

        heads, width = ours.vector.shape
        shared = ours.right is None
        theirs = GATv2Conv(ours.left.weight.shape[0], width, heads=heads, concat=not ours.average, share_weights=shared)
        for mine, other in [(ours.left, theirs.lin_l), (ours.right, theirs.lin_r)]:
            if mine is not None:
                self._map(mine, other)
        self._pair(ours.vector, theirs.att)
        self._pair(ours.bias, theirs.bias)
        return theirs

    def _sage(self, ours):
        from torch_geometric.nn import SAGEConv

        rooted = ours.own is not None
        theirs = SAGEConv(*ours.neighbours.weight.shape, aggr=ours.how, normalize=ours.unit, root_weight=rooted)
        self._map(ours.neighbours, theirs.lin_l)
        if rooted:
            self._map(ours.own, theirs.lin_r)
        return theirs

    def _gin(self, ours):
        from torch_geometric.nn import GINConv

        maps = [torch.nn.Linear(*part.weight.shape) for part in (ours.first, ours.second)]
        # The layer draws new weights for what it is given: they are copied afterwards.
        theirs = GINConv(torch.nn.Sequential(maps[0], torch.nn.Identity(), torch.nn.ReLU(), maps[1]), train_eps=True)
        theirs.nn[1] = ours.inner_norm
        for mine, other in zip((ours.first, ours.second), maps, strict=True):
            self._map(mine, other)
        self._pair(ours.eps, theirs.eps)
        return theirs


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("name", WITH_TWIN)
def test_encoders_equal_torch_geometric_in_values_and_gradients(name, directed, sparse):
    pytest.importorskip("torch_geometric")
    model, batch = _model(name).eval(), small_batch(sparse=sparse, directed=directed)
    twin = _Twin(model).eval()
    edges = torch.from_numpy(small_graph(directed=directed).edge_index())
    expected = twin(torch.from_numpy(small_features()), edges)
    logits = model(batch)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)
    mine = torch.autograd.grad(logits.square().sum(), [pair[0] for pair in twin.weights])
    other = torch.autograd.grad(expected.square().sum(), [pair[1] for pair in twin.weights])
    for (_, theirs, turned), a, b in zip(twin.weights, mine, other, strict=True):
        torch.testing.assert_close(a.t() if turned else a.reshape(theirs.shape), b, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", list(OPTIONS))
def test_some_nodes_alone_get_the_answers_and_gradients_of_the_whole_graph(name):
    model, batch = _model(name, dropout=0.0).eval(), small_batch(sparse=True, directed=True)
    rows = torch.tensor([7, 2, 11])
    whole, part = model(batch)[rows], model(restrict(batch, rows, model.hops))
    torch.testing.assert_close(part, whole)
    weights = list(model.parameters())
    for a, b in zip(*(torch.autograd.grad(out.square().sum(), weights) for out in (part, whole)), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", list(OPTIONS))
def test_the_stages_one_by_one_give_the_answers_of_forward(name):
    model, batch = _model(name).eval(), small_batch()
    h = batch.x
    for number, stage in enumerate(model.encoder.stages()):
        h = stage(h, batch.block(number))
    assert model.encoder.hops == len(model.encoder.stages())
    torch.testing.assert_close(h, model.encoder(batch))


@pytest.mark.parametrize("name", [name for name in OPTIONS if name.startswith("gat")])
def test_attention_dropout_stops_in_evaluation_and_follows_torchs_generator(name):
    model, batch = _model(name, dropout=0.0, attention_dropout=0.5), small_batch()
    torch.manual_seed(3)
    first, second = model(batch), model(batch)
    torch.manual_seed(3)
    assert torch.equal(model(batch), first)
    assert not torch.equal(first, second)
    model.eval()
    assert torch.equal(model(batch), model(batch))


def test_the_defaults_of_gat_are_the_papers_model_for_cora():
    # Section 3.3: 8 heads of 8 numbers, ELU, one output head, dropout of 0.6 on inputs and coefficients.
    kind = ENCODERS.get("gat")
    model = Model(kind(kind.Config(), 1433), 7)
    assert [tuple(p.shape) for p in model.parameters()] == [
        (1433, 64), (8, 8), (8, 8), (64,), (64, 7), (1, 7), (1, 7), (7,),
    ]  # fmt: skip
    assert model.encoder.layers[0].rate == model.encoder.layers[0].attention.rate == 0.6
    assert model.head.rate == model.head.layer.rate == 0.6
