"""Encoders that read what edges carry: equal to torch_geometric, and to a small reference of directed messages."""

import numpy as np
import pytest
import torch
from torch import nn

from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection
from engine.graph.thinning import keep_edges
from engine.nn.encoders import ENCODERS
from engine.nn.encoders._base import Encoder
from engine.nn.encoders.dmpnn import DMPNN
from engine.nn.encoders.gin import GIN
from engine.nn.encoders.gine import GINE

KEYS = ENCODERS.keys()
AWARE = [key for key in KEYS if ENCODERS.get(key).uses_edge_attr]
EDGES = np.array([[0, 1], [1, 2], [2, 0], [2, 3], [5, 6], [6, 7], [7, 8]])


def _batch(order: np.ndarray | None = None) -> GraphBatch:
    """Return a triangle with a tail, a node alone, and a path of four; `order[i]` renames node i."""
    draw = np.random.default_rng(3)
    x, edge_attr = draw.random((9, 5)).astype(np.float32), draw.random((7, 3)).astype(np.float32)
    edges = EDGES if order is None else order[EDGES]
    moved = np.empty_like(x)
    moved[np.arange(9) if order is None else order] = x
    made = Collection.from_edges(np.array([0, 4, 5, 9]), edges[:, 0], edges[:, 1], moved, edge_attr=edge_attr)
    return GraphBatch.from_collection(made).graphs([0, 1, 2])


def _encoder(kind: type[Encoder], **options) -> Encoder:
    torch.manual_seed(0)
    return kind.build(kind.parse({"layers": 3, "width": 8, "dropout": 0.0, **options}), 5, edge_width=3)


def _gradients(out: torch.Tensor, weights: list[torch.Tensor]) -> list[torch.Tensor]:
    along = torch.randn(out.shape, generator=torch.Generator().manual_seed(1))
    return list(torch.autograd.grad(out, weights, along))


@pytest.mark.parametrize("key", AWARE)
def test_what_edges_carry_is_read(key):
    encoder, batch = _encoder(ENCODERS.get(key)).eval(), _batch()
    first = encoder(batch)
    batch.edge_attr[:2] += 1
    assert not torch.allclose(encoder(batch)[:4], first[:4])
    torch.testing.assert_close(encoder(batch)[4:], first[4:])


@pytest.mark.parametrize("key", AWARE)
def test_renaming_nodes_renames_vectors(key):
    order = np.array([2, 0, 3, 1, 4, 8, 5, 7, 6])
    encoder = _encoder(ENCODERS.get(key)).eval()
    torch.testing.assert_close(encoder(_batch(order))[torch.from_numpy(order)], encoder(_batch()))


@pytest.mark.parametrize("key", AWARE)
def test_gradients_reach_every_weight(key):
    encoder = _encoder(ENCODERS.get(key))
    encoder(_batch()).square().sum().backward()
    assert all(p.grad is not None and bool(torch.isfinite(p.grad).all()) for p in encoder.parameters())


def _linear(ours) -> nn.Linear:
    made = nn.Linear(*ours.weight.shape, bias=ours.bias is not None)
    made.weight.data = ours.weight.data.t().clone()
    if ours.bias is not None:
        made.bias.data = ours.bias.data.clone()
    return made


@pytest.mark.parametrize("training", [False, True])
def test_gine_equals_torch_geometric(training):
    conv = pytest.importorskip("torch_geometric.nn").GINEConv
    ours, batch = _encoder(GINE).train(training), _batch()
    for layer in ours.layers:
        layer.sum.eps.data.fill_(0.3)
    edges = torch.stack([batch.indices.long(), batch.pattern().row_of_entry()])
    h, theirs = batch.x @ ours.start.weight + ours.start.bias, []
    for layer in ours.layers:
        norms = [nn.BatchNorm1d(8).train(training) for _ in range(2)]
        made = conv(nn.Sequential(nn.Linear(8, 8)), eps=0.3, train_eps=True, edge_dim=3)
        made.nn = nn.Sequential(_linear(layer.sum.first), norms[0], nn.ReLU(), _linear(layer.sum.second))
        made.lin = _linear(layer.sum.edges)
        theirs.append(made)
        h = norms[1](made(h, edges, batch.edge_attr)).relu()
    out = ours(batch)
    torch.testing.assert_close(out, h)
    mine = _gradients(out, [layer.sum.edges.weight for layer in ours.layers])
    other = _gradients(h, [made.lin.weight for made in theirs])
    for one, two in zip(mine, other, strict=True):
        torch.testing.assert_close(one, two.t(), rtol=1e-4, atol=1e-5)


class _Chemprop(nn.Module):
    """Directed messages as the paper writes them, edge by edge in plain Python."""

    def __init__(self, ours: DMPNN) -> None:
        super().__init__()
        start = torch.cat([ours.start.nodes.weight, ours.start.edges.weight]).detach()
        end = torch.cat([ours.end.own.weight, ours.end.heard.weight]).detach()
        self.w_i, self.w_h, self.w_a = (nn.Parameter(w) for w in (start, ours.passing.linear.weight.detach(), end))
        self.bias = nn.Parameter(ours.end.own.bias.detach())
        self.steps = ours.config.layers

    def forward(self, batch: GraphBatch) -> torch.Tensor:
        rows = batch.pattern().row_of_entry().tolist()
        ends = list(zip(batch.indices.tolist(), rows, strict=True))
        first = {(v, w): torch.cat([batch.x[v], batch.edge_attr[p]]) @ self.w_i for p, (v, w) in enumerate(ends)}
        h = {edge: value.relu() for edge, value in first.items()}
        for _ in range(self.steps - 1):
            said = {
                (v, w): sum((h[k, u] for k, u in ends if u == v and k != w), torch.zeros(8)) @ self.w_h for v, w in ends
            }
            h = {edge: (first[edge] + said[edge]).relu() for edge in ends}
        heard = [sum((h[k, u] for k, u in ends if u == v), torch.zeros(8)) for v in range(batch.num_nodes)]
        return (torch.cat([batch.x, torch.stack(heard)], dim=1) @ self.w_a + self.bias).relu()


def test_directed_messages_equal_a_reference_written_edge_by_edge():
    ours, batch = _encoder(DMPNN), _batch()
    theirs = _Chemprop(ours)
    out, other = ours(batch), theirs(batch)
    torch.testing.assert_close(out, other)
    mine = _gradients(out, [ours.start.nodes.weight, ours.start.edges.weight, ours.passing.linear.weight])
    expected = _gradients(other, [theirs.w_i, theirs.w_h])
    torch.testing.assert_close(torch.cat(mine[:2]), expected[0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(mine[2], expected[1], rtol=1e-4, atol=1e-5)


def test_a_message_does_not_turn_straight_back():
    # Two nodes alone: each edge begins at once and hears nothing after, however often.
    made = Collection.from_edges(np.array([0, 2]), np.array([0]), np.array([1]), np.eye(2, 5, dtype=np.float32))
    batch = GraphBatch.from_collection(made)
    once, often = (_encoder(DMPNN, layers=layers) for layers in (1, 6))
    often.load_state_dict(once.state_dict())
    torch.testing.assert_close(once(batch), often(batch))


def test_without_attributes_gine_hears_the_neighbours_alone():
    torch.manual_seed(0)
    gine = GINE.build(GINE.parse({"width": 8}), 5).eval()
    batch = _batch()
    silent = keep_edges(batch, torch.zeros(batch.num_edges, dtype=torch.bool))
    assert not torch.allclose(gine(batch), gine(silent))


@pytest.mark.parametrize("jumping", ["none", "cat", "max"])
@pytest.mark.parametrize("kind", [GIN, GINE])
def test_jumping_knowledge_reads_all_layers(kind, jumping):
    encoder = _encoder(kind, jumping=jumping).eval()
    batch = _batch()
    kept = [encoder.start(batch.x) if encoder.start is not None else batch.x]
    for layer in encoder.layers:
        kept.append(layer(kept[-1], batch))
    expected = {"none": kept[-1], "cat": torch.cat(kept[1:], 1), "max": torch.stack(kept[1:]).amax(0)}[jumping]
    torch.testing.assert_close(encoder(batch), expected)
    assert encoder.out_width == expected.shape[1]


@pytest.mark.parametrize("key", ["gcn", "gin", "gine", "sage", "gat", "gatv2"])
def test_a_virtual_node_joins_a_graph_and_no_other(key):
    kind = ENCODERS.get(key)
    torch.manual_seed(0)
    still = {name: 0.0 for name in kind.Config.model_fields if name.endswith("dropout")}
    config = kind.parse({"layers": 3, "virtual_node": True, **still})
    encoder, batch = kind.build(config, 5, edge_width=3, for_graphs=True).eval(), _batch()
    assert encoder.hops is None
    assert encoder.stages() is None
    first = encoder(batch)
    changed = batch.with_x(batch.x.index_add(0, torch.tensor([5]), torch.ones(1, 5)))
    moved = (encoder(changed) != first).any(dim=1)
    # The end of the path, three steps away from its beginning, hears of it after two layers.
    assert moved.tolist() == [False] * 5 + [True] * 4
