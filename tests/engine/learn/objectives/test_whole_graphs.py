"""Objectives for many graphs: equal to their equations written out, and blind to what they hide."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from engine.core.errors import MismatchError, OptionError
from engine.graph.batch import GraphBatch
from engine.graph.collection import Collection
from engine.graph.subgraph import among, grown
from engine.learn.known_numbers import KnownNumbers
from engine.learn.objectives import context
from engine.learn.objectives.attributes import Attributes
from engine.learn.objectives.context import Context
from engine.learn.objectives.graphcl import GraphCL
from engine.learn.objectives.graphmae import GraphMAE
from engine.learn.objectives.infograph import InfoGraph
from engine.nn.encoders.gine import GINE
from engine.nn.segments import pool

# A path of eight, a ring of five, and two nodes joined.
POINTERS = np.array([0, 8, 13, 15])
EDGES = np.array([[k, k + 1] for k in range(7)] + [[8 + k, 8 + (k + 1) % 5] for k in range(5)] + [[13, 14]])


def _batch() -> GraphBatch:
    draw = np.random.default_rng(0)
    x, edge_attr = (draw.integers(0, 2, (rows, 4)).astype(np.uint8) for rows in (15, 13))
    made = Collection.from_edges(POINTERS, EDGES[:, 0], EDGES[:, 1], x, edge_attr=edge_attr)
    return GraphBatch.from_collection(made).graphs([0, 1, 2])


def _encoder(layers: int = 2) -> GINE:
    torch.manual_seed(0)
    return GINE.build(GINE.parse({"layers": layers, "width": 6, "norm": "none"}), 4, edge_width=4)


def _draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _sum_of_pairs(h: torch.Tensor, v: torch.Tensor, owner: list[int]) -> float:
    """Return InfoGraph's loss pair by pair, of mapped vectors."""
    together, apart = [], []
    for i, graph in enumerate(owner):
        for b in range(len(v)):
            score = (h[i] @ v[b]).item()
            if b == graph:
                together.append(math.log(2) - math.log1p(math.exp(-score)))
            else:
                apart.append(math.log1p(math.exp(-score)) + score - math.log(2))
    return float(np.mean(apart) - np.mean(together))


def test_infograph_is_its_equation_pair_by_pair():
    encoder, batch, objective = _encoder(), _batch(), InfoGraph(InfoGraph.Config())
    heads = objective.prepare(encoder, batch, _draw())
    parts = objective.loss(encoder, heads, batch, _draw())
    h = encoder(batch)
    v = pool(h, batch.graph_ptr, "sum")
    expected = _sum_of_pairs(heads["nodes"](h), heads["graphs"](v), batch.graph_of_node().tolist())
    assert parts["loss"].item() == pytest.approx(expected, rel=1e-4)


def test_graphcl_is_its_equation_and_its_views_are_smaller(monkeypatch):
    encoder, batch, objective = _encoder(), _batch(), GraphCL(GraphCL.parse({"augmentations": ["drop_nodes"]}))
    heads = objective.prepare(encoder, batch, _draw())
    seen: list[GraphBatch] = []
    whole = GraphCL._view
    monkeypatch.setattr(GraphCL, "_view", lambda self, *given: seen.append(whole(self, *given)) or seen[-1])
    parts = objective.loss(encoder, heads, batch, _draw())
    assert all(view.num_graphs == 3 and view.num_nodes < batch.num_nodes for view in seen)
    u, v = (F.normalize(heads(pool(encoder(view), view.graph_ptr, "mean"))) for view in seen)
    scores = (u @ v.t() / 0.1).tolist()
    each = [
        -scores[i][i] + math.log(sum(math.exp(row[j]) for j in range(3) if j != i))
        for i in range(3)
        for row in (scores[i], [other[i] for other in scores])
    ]
    assert parts["loss"].item() == pytest.approx(np.mean(each), rel=1e-4)


def test_graphcl_needs_an_augmentation_and_several_graphs():
    with pytest.raises(OptionError, match="empty"):
        GraphCL(GraphCL.Config(augmentations=()))
    with pytest.raises(MismatchError, match="only one"):
        GraphCL(GraphCL.Config()).prepare(_encoder(), _batch().graphs([0]), _draw())


def test_steps_are_counted_from_the_drawn_node_within_its_graph():
    steps = context._steps_away(_batch(), torch.tensor([0, 10, -1]), 4)
    assert steps.tolist() == [0, 1, 2, 3, 4, 5, 5, 5] + [2, 1, 0, 1, 2] + [5, 5]


def test_a_context_is_what_lies_between_two_distances_and_is_read_where_the_parts_overlap(monkeypatch):
    options = {"inner": 2, "reach": 2, "outer": 3}
    encoder, batch, objective = _encoder(), _batch(), Context(Context.parse(options))
    heads = objective.prepare(encoder, batch, _draw())
    assert not torch.equal(heads.start.weight, encoder.start.weight)
    monkeypatch.setattr(context, "_drawn", lambda *given: torch.tensor([0, 10, 13]))
    parts = objective.loss(encoder, heads, batch, _draw())
    # Of the path stay 2 and 3, of the ring the two opposite nodes, of the pair nobody: it is left out.
    kept = torch.zeros(15, dtype=torch.bool).index_fill_(0, torch.tensor([2, 3, 8, 12]), True)
    around, h = heads(among(batch, kept)), encoder(batch)
    contexts = torch.stack([around[0], (around[2] + around[3]) / 2])
    own = (h[[0, 10]] * contexts).sum(1)
    other = (h[[0, 10]] * contexts.flip(0)).sum(1)
    expected = F.softplus(-own).mean() + F.softplus(other).mean()
    torch.testing.assert_close(parts["loss"], expected)


def test_where_no_graph_reaches_far_enough_a_step_teaches_nothing():
    encoder, batch, objective = _encoder(), _batch(), Context(Context.parse({"inner": 9, "reach": 9, "outer": 9}))
    heads = objective.prepare(encoder, batch, _draw())
    loss = objective.loss(encoder, heads, batch, _draw())["loss"]
    loss.backward()
    assert loss.item() == 0
    assert all(p.grad is None or not bool(p.grad.any()) for p in encoder.parameters())


def test_what_is_hidden_is_not_seen():
    encoder, batch, objective = _encoder(), _batch(), Attributes(Attributes.parse({"masked": 0.99}))
    heads = objective.prepare(encoder, batch, _draw())
    for part in (heads.nodes, heads.edges):
        part.token.data.fill_(1.0)
    seen: list[torch.Tensor] = []
    encoder.register_forward_hook(lambda module, given, h: seen.append(h.detach()))
    other = replace(batch, x=1 - batch.x, edge_attr=1 - batch.edge_attr)
    losses = [objective.loss(encoder, heads, one, _draw())["loss"].item() for one in (batch, other)]
    assert torch.equal(seen[0], seen[1])
    assert losses[0] != losses[1]


def test_the_loss_of_hidden_attributes_by_hand():
    encoder, batch = _encoder(), _batch()
    objective = Attributes(Attributes.parse({"masked": 0.5}))
    heads = objective.prepare(encoder, batch, _draw())
    for part in (heads.nodes.predict, heads.edges.predict):
        part.weight.data.zero_()
        part.bias.data.fill_(math.log(3))
    # With every column predicted at 3/4: a one costs log 4/3, a zero log 4.
    parts = objective.loss(encoder, heads, batch, _draw(4))
    hidden = torch.randperm(15, generator=_draw(4))[:8]
    touched = [k for k, (a, b) in enumerate(EDGES) if a in hidden or b in hidden]
    ones = batch.x[hidden].sum(1)
    assert parts["nodes"].item() == pytest.approx((ones * math.log(4 / 3) + (4 - ones) * math.log(4)).mean().item())
    rows, heard = batch.pattern().row_of_entry(), batch.indices
    carried = {(int(r), int(j)): a for r, j, a in zip(rows, heard, batch.edge_attr, strict=True)}
    ones = torch.stack([carried[tuple(EDGES[k])] for k in touched]).sum(1)
    assert parts["edges"].item() == pytest.approx((ones * math.log(4 / 3) + (4 - ones) * math.log(4)).mean().item())


def test_numbers_are_standardised_and_gaps_and_constants_do_not_count():
    nan = math.nan
    table = torch.tensor([[1.0, 0.0, 7.0], [3.0, 1.0, 7.0], [nan, 1.0, 7.0], [5.0, nan, nan]])
    heads = KnownNumbers(table, 6, _draw())
    assert heads.is_binary.tolist() == [False, True, False]
    assert heads.counts.tolist() == [True, True, False]
    assert heads.mean.tolist() == [3, 0, 7]
    heads.second.weight.data.zero_()
    v = torch.zeros(4, 6, requires_grad=True)
    loss, _ = heads.losses(v, table)
    # Predicted are 0 and a half: squared errors 1.5, 0, 1.5 (standard deviation sqrt(8/3)), and three times log 2.
    assert loss.item() == pytest.approx((3 + 3 * math.log(2)) / 6)
    loss.backward()
    assert bool(torch.isfinite(heads.second.bias.grad).all())
    assert heads.second.bias.grad[2] == 0


def test_numbers_far_out_count_no_more_than_four_deviations():
    table = torch.cat([torch.linspace(-1, 1, 100), torch.tensor([1000.0])]).unsqueeze(1)
    heads = KnownNumbers(table, 2, _draw())
    heads.second.weight.data.zero_()
    assert heads.losses(torch.zeros(1, 2), table[-1:])[0].item() == pytest.approx(16)


def test_nothing_known_is_refused():
    with pytest.raises(MismatchError, match="None of the numbers"):
        KnownNumbers(torch.full((3, 2), math.nan), 4, _draw())


def test_graphmae_hides_and_rebuilds_nodes_of_many_graphs():
    encoder, batch, objective = _encoder(), _batch(), GraphMAE(GraphMAE.parse({"masked": 0.5, "replaced": 0.0}))
    heads = objective.prepare(encoder, batch, _draw())
    parts = objective.loss(encoder, heads, batch, _draw(1))
    hidden = torch.randperm(15, generator=_draw(1))[:8]
    x = batch.x.clone()
    x[hidden] = heads.token
    h = heads.bridge(encoder(batch, x))
    h[hidden] = 0
    rebuilt = heads.convolution(h, batch)[hidden]
    expected = (1 - F.cosine_similarity(rebuilt, batch.x[hidden])).pow(3).mean()
    torch.testing.assert_close(parts["loss"], expected)


def test_nodes_go_and_the_rest_is_numbered_anew():
    batch = _batch()
    kept = torch.ones(15, dtype=torch.bool)
    kept[[1, 13, 14]] = False
    left = among(batch, kept)
    assert left.graph_ptr.tolist() == [0, 7, 12, 12]
    old = torch.nonzero(kept).squeeze(1)
    ends = torch.stack([old[left.indices.long()], old[left.pattern().row_of_entry()]]).t().tolist()
    wanted = [[a, b] for a, b in (*EDGES, *EDGES[:, ::-1]) if kept[a] and kept[b]]
    assert sorted(ends) == sorted([int(a), int(b)] for a, b in wanted)
    assert torch.equal(left.x, batch.x[kept])
    left.graphs([0, 1, 2])


def test_each_graph_grows_to_its_own_size_and_holds_together():
    batch, draw = _batch(), np.random.default_rng(0)
    for _ in range(20):
        rows = batch.indptr.numpy(), batch.indices.numpy(), batch.graph_ptr.numpy()
        kept = grown(*rows, draw.permutation(15), np.array([5, 3, 9]), 1)
        assert [int(part.sum()) for part in np.split(kept, POINTERS[1:-1])] == [5, 3, 2]
        # On a path and on a ring, what holds together has one edge fewer than nodes.
        inside = sum(bool(kept[a] and kept[b]) for a, b in EDGES)
        assert inside == 4 + 2 + 1
