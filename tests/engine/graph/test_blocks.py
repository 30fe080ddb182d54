"""Blocks: what is cut out of a graph for some nodes answers as the whole graph does, gradients included."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.blocks import neighbourhood, restrict, restrict_within
from engine.graph.graph import Graph
from engine.nn.encoders.gcn import GCN
from engine.nn.encoders.mlp import MLP
from engine.nn.model import Model

NODES = 60


def _graph(*, weighted: bool = False, directed: bool = False, loops: bool = False) -> Graph:
    """A hub that 40 nodes know, random edges, and the last five nodes isolated; loops on nodes 0, 3 and 58."""
    draw = np.random.default_rng(5)
    source = np.concatenate([draw.integers(0, 55, 90), np.arange(1, 41)])
    target = np.concatenate([draw.integers(0, 55, 90), np.zeros(40, np.int64)])
    weight = draw.random(130) + 0.1 if weighted else None
    plain = Graph.from_edges(source, target, NODES, weight=weight, directed=directed)
    if not loops:
        return plain
    table = sp.csr_matrix(
        (np.ones(plain.num_edges) if plain.weight is None else plain.weight, plain.indices, plain.indptr),
        shape=(NODES, NODES),
    ).tolil()
    table[[0, 3, 58], [0, 3, 58]] = 2.5 if weighted else 1.0
    table = table.tocsr().sorted_indices()
    values = table.data.astype(np.float32) if weighted else None
    return Graph(table.indptr.astype(np.int64), table.indices.astype(np.int32), values, directed).validate()


def _batch(graph: Graph, *, sparse: bool = False) -> GraphBatch:
    draw = np.random.default_rng(6)
    x = (draw.standard_normal((NODES, 9)) * (draw.random((NODES, 9)) < 0.5)).astype(np.float32)
    batch = GraphBatch.from_graph(graph, sp.csr_matrix(x) if sparse else x)
    return batch.with_x(batch.x.to(dtype=torch.float64))


ROWS = torch.tensor([7, 0, 59, 31, 12, 58])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("kind", ["gcn", "symmetric"])
def test_a_neighbourhood_holds_the_rows_of_the_whole_operator(weighted, directed, loops, kind):
    batch = _batch(_graph(weighted=weighted, directed=directed, loops=loops))
    whole = batch.propagation(kind).forward.product(torch.eye(NODES, dtype=torch.float64))
    block = neighbourhood(batch, ROWS)
    assert block.nodes[: block.num_targets].equal(ROWS)
    operator = block.propagation(kind)
    part = operator.forward.product(torch.eye(block.num_sources, dtype=torch.float64))
    torch.testing.assert_close(part, whole[ROWS][:, block.nodes], rtol=1e-12, atol=0)
    # Nothing that the targets hear lies outside.
    torch.testing.assert_close(part.sum(1), whole[ROWS].sum(1))
    turned = operator.transposed.forward.product(torch.eye(block.num_targets, dtype=torch.float64))
    torch.testing.assert_close(turned, part.t(), rtol=1e-12, atol=0)


MODELS = {
    "gcn": (GCN, {"layers": 3, "width": 5}),
    "gcn that widens": (GCN, {"layers": 2, "width": 12, "skip": True, "norm": "layer"}),
    "gcn, linear head": (GCN, {"layers": 2, "head": "linear", "activation": "prelu", "skip": True}),
    "gcn, one layer": (GCN, {"layers": 1}),
    "mlp": (MLP, {"layers": 2, "skip": True}),
}


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("directed", [False, True])
def test_values_and_gradients_on_some_nodes_are_those_of_the_whole_graph(name, sparse, weighted, directed):
    kind, options = MODELS[name]
    batch = _batch(_graph(weighted=weighted, directed=directed, loops=True), sparse=sparse)
    torch.manual_seed(0)
    model = Model(kind(kind.Config(**options, dropout=0.0), 9), 3).double()
    target = torch.tensor([0, 1, 2, 0, 1, 2])
    expected = model(batch)[ROWS]
    loss = torch.nn.functional.cross_entropy(expected, target)
    gradients = torch.autograd.grad(loss, list(model.parameters()))

    cut = restrict(batch, ROWS, model.hops)
    got = model(cut)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-14)
    loss = torch.nn.functional.cross_entropy(got, target)
    for again, gradient in zip(torch.autograd.grad(loss, list(model.parameters())), gradients, strict=True):
        torch.testing.assert_close(again, gradient, rtol=1e-10, atol=1e-13)


def test_only_what_can_be_heard_is_cut_out():
    # A path 0 - 1 - 2 - 3 - 4: two steps from node 0 reach node 2.
    batch = GraphBatch.from_graph(Graph.from_edges([0, 1, 2, 3], [1, 2, 3, 4], 5), np.eye(5, dtype=np.float32))
    cut = restrict(batch, torch.tensor([0]), 2)
    assert [block.nodes.tolist() for block in cut.blocks] == [[0, 1, 2], [0, 1]]
    assert [block.num_edges for block in cut.blocks] == [3, 1]
    assert cut.x.tolist() == [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0]]
    assert (cut.num_nodes, cut.in_width, cut.rows.tolist()) == (1, 5, [0])


def test_other_features_are_those_of_the_outermost_sources():
    batch = GraphBatch.from_graph(Graph.from_edges([0, 1], [1, 2], 3), np.eye(3, dtype=np.float32))
    cut = restrict(batch, torch.tensor([0]), 1)
    assert cut.with_x(torch.ones(2, 4)).x.shape == (2, 4)
    with pytest.raises(MismatchError, match="2 are read"):
        cut.with_x(torch.ones(3, 4))


def test_the_whole_graph_is_its_own_block():
    batch = _batch(_graph())
    h = torch.ones(NODES, 2)
    assert batch.block(0) is batch.block(-1) is batch
    assert (batch.num_sources, batch.num_targets) == (NODES, NODES)
    assert batch.own(h) is h


def test_what_is_too_much_is_not_cut_out():
    # A path of six: two steps from node 0 follow 1 + 3 entries and map 1 + 2 + 3 rows.
    batch = GraphBatch.from_graph(Graph.from_edges(range(5), range(1, 6), 6), np.eye(6, dtype=np.float32))
    assert restrict_within(batch, torch.tensor([0]), 2, 9) is None
    assert restrict_within(batch, torch.tensor([0]), 2, 10).sources.tolist() == [0, 1, 2]
