"""The normalised adjacency, against hand calculation and torch_geometric."""

import numpy as np
import pytest
import torch

from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.graph.operators import Operator


def _table(operator: Operator, num_nodes: int) -> torch.Tensor:
    """The operator as a dense table: what it makes of the unit vectors."""
    return operator.forward.product(torch.eye(num_nodes, dtype=torch.float64))


def _batch(graph: Graph) -> GraphBatch:
    return GraphBatch.from_graph(graph, np.zeros((graph.num_nodes, 1), np.float32))


def test_a_path_of_three_is_normalised_as_by_hand():
    # Degrees with loops 2, 3, 2: entries 1/2, 1/sqrt 6, 1/3.
    root = 1 / np.sqrt(6)
    expected = torch.tensor([[1 / 2, root, 0], [root, 1 / 3, root], [0, root, 1 / 2]], dtype=torch.float64)
    got = _table(_batch(Graph.from_edges([0, 1], [1, 2], 3)).propagation(), 3)
    torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-7)


def test_an_isolated_node_keeps_its_own_features():
    batch = _batch(Graph.from_edges([0], [1], 3))
    x = torch.tensor([[1.0], [2.0], [7.0]])
    assert batch.propagation().forward.product(x)[2].item() == 7.0
    assert batch.propagation("symmetric").forward.product(x)[2].item() == 0.0


def test_the_bare_operator_has_no_loops():
    got = _table(_batch(Graph.from_edges([0, 1], [1, 2], 3)).propagation("symmetric"), 3)
    root = 1 / np.sqrt(2)
    expected = torch.tensor([[0, root, 0], [root, 0, root], [0, root, 0]], dtype=torch.float64)
    torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-7)


def _oracle(graph: Graph, num_nodes: int) -> torch.Tensor:
    norm = pytest.importorskip("torch_geometric.nn.conv.gcn_conv").gcn_norm
    weight = None if graph.weight is None else torch.from_numpy(graph.weight).double()
    index, values = norm(torch.from_numpy(graph.edge_index()), weight, num_nodes, dtype=torch.float64)
    table = torch.zeros(num_nodes, num_nodes, dtype=torch.float64)
    table.index_put_((index[1], index[0]), values, accumulate=True)
    return table


def _random(weighted: bool, directed: bool) -> Graph:
    draw = np.random.default_rng(3)
    weight = draw.random(60) + 0.1 if weighted else None
    return Graph.from_edges(draw.integers(0, 20, 60), draw.integers(0, 20, 60), 23, weight=weight, directed=directed)


def _with_loops(weighted: bool, directed: bool) -> Graph:
    """The same with loops on two nodes, one of them without other edges, as data may hold them."""
    plain = _random(weighted, directed)
    source, target = plain.edge_index()
    weight = np.ones(plain.num_edges, np.float32) if plain.weight is None else plain.weight
    order = np.lexsort((np.append(source, [4, 21]), np.append(target, [4, 21])))
    source, target = np.append(source, [4, 21])[order], np.append(target, [4, 21])[order]
    values = np.append(weight, np.float32([0.5, 2.5] if weighted else [1, 1]))[order]
    indptr = np.zeros(24, np.int64)
    np.cumsum(np.bincount(target, minlength=23), out=indptr[1:])
    graph = Graph(indptr, source.astype(np.int32), values.astype(np.float32) if weighted else None, directed)
    return graph.validate()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("make", [_random, _with_loops])
def test_operator_and_transpose_equal_torch_geometric(make, weighted, directed):
    graph = make(weighted, directed)
    operator = _batch(graph).propagation()
    expected = _oracle(graph, 23)
    torch.testing.assert_close(_table(operator, 23), expected, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(_table(operator.transposed, 23), expected.t(), rtol=1e-5, atol=1e-7)
    assert (operator.forward is operator.backward) is not directed


def test_negative_weights_are_normalised_by_their_size():
    # |-3| + 1 for the loop: degree 4 on both ends.
    got = _table(_batch(Graph.from_edges([0], [1], 2, weight=[-3.0])).propagation(), 2)
    assert got.tolist() == [[0.25, -0.75], [-0.75, 0.25]]


def test_nothing_is_stored_for_each_entry_where_nothing_is_weighted():
    operator = _batch(_random(False, False)).propagation()
    assert operator.forward.values is None
    assert operator.forward.scale.shape == (23,)
