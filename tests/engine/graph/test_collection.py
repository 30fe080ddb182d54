"""Collections of small graphs: what is damaged stays outside, and chosen graphs come out as they went in."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.core.errors import BuildError
from engine.graph.batch import GraphBatch
from engine.graph.collating import Flat, select_by_torch
from engine.graph.collection import Collection
from engine.graph.graph import Graph
from engine.graph.store import open_graph, save_graph

# A triangle, a graph of no node, one node alone, and a path of two: the attribute of an edge is the sum of its ends.
POINTERS = np.array([0, 3, 3, 4, 6])
EDGES = np.array([[0, 1], [1, 2], [2, 0], [5, 4]])


def _collection(**changes) -> Collection:
    given = {
        "x": np.arange(12, dtype=np.uint8).reshape(6, 2),
        "edge_attr": EDGES.sum(1, keepdims=True).astype(np.uint8),
    }
    given.update(changes)
    return Collection.from_edges(POINTERS, EDGES[:, 0], EDGES[:, 1], given.pop("x"), **given)


def _random(seed: int = 0, count: int = 30) -> GraphBatch:
    draw = np.random.default_rng(seed)
    sizes = draw.integers(0, 9, count)
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    pairs = [
        first + draw.integers(0, size, (2 * size, 2)) for first, size in zip(pointers, sizes, strict=False) if size
    ]
    edges = np.concatenate(pairs)
    x = draw.integers(0, 255, (pointers[-1], 5)).astype(np.uint8)
    edge_attr = draw.integers(0, 255, (len(edges), 3)).astype(np.uint8)
    return GraphBatch.from_collection(Collection.from_edges(pointers, edges[:, 0], edges[:, 1], x, edge_attr=edge_attr))


def test_edges_become_rows_with_their_attributes_in_both_directions():
    graph = _collection().graph
    assert graph.indptr.tolist() == [0, 2, 4, 6, 6, 7, 8]
    assert graph.indices.tolist() == [1, 2, 0, 2, 0, 1, 5, 4]
    assert graph.edge_attr[:, 0].tolist() == [1, 2, 1, 3, 2, 3, 9, 9]


def test_of_equal_edges_the_first_stays_and_loops_go():
    ends = np.array([0, 1, 1, 0]), np.array([1, 0, 1, 1])
    attributes = np.array([[4], [5], [6], [7]], np.uint8)
    made = Collection.from_edges(np.array([0, 2]), *ends, np.ones((2, 1), np.uint8), edge_attr=attributes)
    assert made.graph.indices.tolist() == [1, 0]
    assert made.graph.edge_attr.tolist() == [[4], [4]]


def test_directed_edges_stay_one_way():
    made = _collection(directed=True)
    assert made.graph.edge_index().T.tolist() == [[2, 0], [0, 1], [1, 2], [5, 4]]


def test_chosen_graphs_come_in_the_order_asked_for():
    batch = GraphBatch.from_collection(_collection()).graphs(np.array([3, 1, 0, 3]))
    assert batch.graph_ptr.tolist() == [0, 2, 2, 5, 7]
    assert batch.indices.tolist() == [1, 0, 3, 4, 2, 4, 2, 3, 6, 5]
    assert batch.x[:, 0].tolist() == [8, 10, 0, 2, 4, 8, 10]
    assert batch.edge_attr[:, 0].tolist() == [9, 9, 1, 2, 1, 3, 2, 3, 9, 9]
    assert batch.x.dtype == batch.edge_attr.dtype == torch.float32
    assert (batch.num_graphs, batch.edge_width) == (4, 1)
    assert batch.graph_of_node().tolist() == [0, 0, 2, 2, 2, 3, 3]


@pytest.mark.parametrize("floating", [False, True])
def test_the_compiled_pass_equals_torch(floating):
    every = _random()
    if floating:
        weight = torch.rand(every.num_edges)
        every = replace(every, x=every.x.double() / 7, edge_attr=every.edge_attr.float() / 3, weight=weight)
    ids = torch.tensor([4, 29, 4, 0, 17, 3])
    found = every.graphs(ids)
    flat = Flat(every.graph_ptr, every.indptr, every.indices, every.x, every.weight, every.edge_attr)
    expected = select_by_torch(flat, ids)
    for name in Flat._fields:
        mine, other = getattr(found, name), getattr(expected, name)
        assert (mine is other is None) or (torch.equal(mine, other) and mine.dtype == other.dtype)


def test_batches_of_all_graphs_hold_what_the_collection_holds():
    every = _random()
    whole = every.graphs(np.arange(every.num_graphs))
    assert torch.equal(whole.indices, every.indices)
    assert torch.equal(whole.x, every.x.float())
    GraphBatch.from_graph(Graph(whole.indptr.numpy(), whole.indices.numpy()), whole.x.numpy())


def test_no_graph_at_all_is_an_empty_batch():
    none = _random().graphs(np.array([], np.int64))
    assert (none.num_graphs, none.num_nodes, none.num_edges, none.x.shape) == (0, 0, 0, (0, 5))


@pytest.mark.parametrize("wrong", [-1, 30])
def test_a_graph_that_is_not_there_is_refused(wrong):
    with pytest.raises(IndexError, match="0 to 29"):
        _random().graphs([wrong])


def test_features_that_are_sparse_follow_their_graphs():
    from scipy.sparse import csr_matrix

    from engine.graph.features import SparseFeatures

    every = _random()
    sparse = replace(every, x=SparseFeatures.from_csr(csr_matrix(every.x.numpy())))
    assert torch.equal(sparse.graphs([5, 2]).x.to_dense(), every.graphs([5, 2]).x)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"graph_ptr": np.array([0, 2, 6])}, "from one graph into another"),
        ({"graph_ptr": np.array([0, 7])}, "do not run from 0 to 6"),
        ({"graph_ptr": np.array([0.0, 6.0])}, "64-bit"),
        ({"x": np.ones((5, 2), np.uint8)}, "each node"),
        ({"x": np.full((6, 1), np.nan, np.float32)}, "finite"),
    ],
)
def test_a_damaged_collection_is_refused(changes, words):
    with pytest.raises(BuildError, match=words):
        replace(_collection(), **changes).validate()


def test_edges_that_lead_elsewhere_are_refused():
    x = np.ones((3, 1), np.uint8)
    with pytest.raises(BuildError, match="outside the 3 nodes"):
        Collection.from_edges(np.array([0, 3]), np.array([0]), np.array([3]), x)
    with pytest.raises(BuildError, match="into another"):
        Collection.from_edges(np.array([0, 1, 3]), np.array([0]), np.array([2]), x)
    with pytest.raises(BuildError, match="differ in number"):
        Collection.from_edges(np.array([0, 3]), np.array([0]), np.array([1]), x, edge_attr=x)


@pytest.mark.parametrize("compiled", [False, True])
def test_attributes_that_differ_between_the_directions_are_found(compiled, monkeypatch):
    if compiled:
        monkeypatch.setattr("engine.graph.graph._WORTH_COMPILING", 0)
    graph = _collection().graph
    assert graph.validate() is graph
    other = graph.edge_attr.copy()
    other[0] += 1
    with pytest.raises(BuildError, match="attributes differ"):
        replace(graph, edge_attr=other).validate()


def test_attributes_of_another_kind_are_refused():
    graph = _collection().graph
    for wrong in (graph.edge_attr[:3], graph.edge_attr.astype(np.float64), graph.edge_attr[:, 0]):
        with pytest.raises(BuildError, match="edge attributes"):
            replace(graph, edge_attr=wrong).validate()
    with pytest.raises(BuildError, match="not a finite"):
        replace(graph, edge_attr=np.full((8, 1), np.inf, np.float32)).validate()


def test_attributes_are_kept_on_disk_and_come_with_the_batch(tmp_path):
    graph = _collection().graph
    save_graph(graph, tmp_path)
    again = open_graph(tmp_path, directed=False)
    assert again.edge_attr.tolist() == graph.edge_attr.tolist()
    batch = GraphBatch.from_graph(again, np.ones((6, 1), np.float32))
    assert batch.edge_attr.tolist() == graph.edge_attr.tolist()
    assert batch.with_x(torch.ones(6, 2)).edge_attr is batch.edge_attr


def test_attributes_follow_their_edges_into_parts_of_a_graph():
    from engine.graph.blocks import restrict
    from engine.graph.sampler import EVERYONE, Sampler, blocks
    from engine.graph.subgraph import induced_batch
    from engine.graph.thinning import keep_edges

    batch = GraphBatch.from_graph(_collection().graph, np.ones((6, 1), np.float32))

    def ends(indptr, indices, targets, sources) -> list[int]:
        rows = np.repeat(targets, np.diff(indptr))
        return [int(a + b) for a, b in zip(rows, sources[indices], strict=True)]

    nodes = np.arange(6)
    kept = torch.tensor([False, True] * 4)
    thin = keep_edges(batch, kept)
    assert thin.edge_attr[:, 0].tolist() == ends(thin.indptr, thin.indices, nodes, nodes)
    part = induced_batch(batch, np.array([2, 1, 5]))
    assert part.edge_attr[:, 0].tolist() == [3, 3]
    rows = np.array([1, 4])
    sampled = blocks(
        batch, Sampler(batch.indptr.numpy(), batch.indices.numpy(), (EVERYONE,), seed=0).sample(rows, 0), rows
    )
    for cut in (restrict(batch, torch.from_numpy(rows), 1), sampled):
        block = cut.block(0)
        assert block.edge_attr[:, 0].tolist() == ends(block.indptr, block.indices, rows, block.nodes.numpy())
