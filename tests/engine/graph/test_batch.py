"""Batches and sparse features: what goes in comes out, and what is damaged stays outside."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.core.errors import BuildError, DataError, MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.features import RowShift, SparseFeatures, turn_by_sorting
from engine.graph.graph import Graph

TABLE = np.array([[0, 2, 0, 1], [0, 0, 0, 0], [3, 0, 0, 4]], np.float32)


def _sparse() -> SparseFeatures:
    return SparseFeatures.from_csr(sp.csr_matrix(TABLE))


def test_sparse_features_hold_what_the_table_holds():
    assert _sparse().to_dense().tolist() == TABLE.tolist()
    assert _sparse().shape == (3, 4)
    assert _sparse().to(dtype=torch.float64).dtype == torch.float64


def test_unsorted_and_repeated_entries_are_put_in_order():
    matrix = sp.csr_matrix((np.ones(3), np.array([2, 0, 2]), np.array([0, 3])), shape=(1, 3))
    assert SparseFeatures.from_csr(matrix).to_dense().tolist() == [[1, 0, 2]]


def test_damaged_sparse_features_are_refused():
    matrix = sp.csr_matrix(TABLE)
    matrix.indices[0] = 9
    with pytest.raises(DataError, match="damaged"):
        SparseFeatures.from_csr(matrix)


def test_taken_rows_come_in_the_order_asked_for():
    rows = torch.tensor([2, 0, 2, 1])
    assert _sparse().take_rows(rows).to_dense().tolist() == TABLE[rows].tolist()
    assert _sparse().take_rows(torch.tensor([], dtype=torch.int64)).shape == (0, 4)


def test_kept_rows_stay_and_the_others_are_zero():
    kept = torch.tensor([False, True, True])
    assert _sparse().keep_rows(kept).to_dense().tolist() == (TABLE * kept.numpy()[:, None]).tolist()


def test_a_shift_adds_its_vector_to_its_rows_and_follows_them():
    shift = RowShift(torch.tensor([0.0, 1.0, 0.0]), torch.tensor([1.0, 2.0, 3.0, 4.0]))
    shifted = SparseFeatures(_sparse().pattern, _sparse().values, shift)
    assert shifted.to_dense()[1].tolist() == [1, 2, 3, 4]
    assert shifted.take_rows(torch.tensor([1, 0])).to_dense().tolist() == [[1, 2, 3, 4], [0, 2, 0, 1]]


def test_both_ways_to_transpose_give_the_same():
    pattern = _sparse().pattern
    quick, anywhere = pattern.turned(), turn_by_sorting(pattern)
    assert quick.order.tolist() == anywhere.order.tolist() == [2, 0, 1, 3]
    assert quick.pattern.indptr.tolist() == anywhere.pattern.indptr.tolist() == [0, 1, 2, 2, 4]
    assert quick.pattern.indices.tolist() == anywhere.pattern.indices.tolist() == [2, 0, 0, 2]


def test_features_move_to_a_device_with_pattern_and_shift():
    shift = RowShift(torch.ones(3), torch.ones(4))
    moved = SparseFeatures(_sparse().pattern, _sparse().values, shift).to("meta")
    parts = (moved.values, moved.pattern.indptr, moved.pattern.indices, moved.shift.rows, moved.shift.vector)
    assert {part.device.type for part in parts} == {"meta"}


def test_a_batch_takes_dense_and_sparse_features():
    graph = Graph.from_edges([0], [1], 3)
    dense, sparse = GraphBatch.from_graph(graph, TABLE), GraphBatch.from_graph(graph, sp.csr_matrix(TABLE))
    assert isinstance(dense.x, torch.Tensor)
    assert isinstance(sparse.x, SparseFeatures)
    assert torch.equal(dense.x, sparse.x.to_dense())
    assert (dense.num_nodes, dense.num_edges, dense.num_graphs, dense.in_width) == (3, 2, 1, 4)
    assert dense.graph_ptr.tolist() == [0, 3]


def test_a_batch_owns_its_features():
    table = TABLE.copy()
    batch = GraphBatch.from_graph(Graph.from_edges([0], [1], 3), table)
    table[:] = 0
    assert batch.x.tolist() == TABLE.tolist()


def test_a_batch_reads_arrays_that_cannot_be_written():
    graph = Graph.from_edges([0], [1], 3, weight=[2.0])
    for array in (graph.indptr, graph.indices, graph.weight):
        array.flags.writeable = False
    assert GraphBatch.from_graph(graph, TABLE).weight.tolist() == [2.0, 2.0]


def test_a_damaged_graph_never_becomes_a_batch():
    graph = Graph(np.array([0, 1, 1, 1]), np.array([7], np.int32), directed=True)
    with pytest.raises(BuildError, match="outside"):
        GraphBatch.from_graph(graph, TABLE)


def test_features_of_another_number_of_nodes_are_refused():
    with pytest.raises(MismatchError, match="3 nodes, but the graph has 4"):
        GraphBatch.from_graph(Graph.from_edges([0], [1], 4), TABLE)


def test_operators_are_made_once_and_shared():
    batch = GraphBatch.from_graph(Graph.from_edges([0], [1], 3), TABLE)
    assert batch.with_x(torch.zeros(3, 2)).propagation() is batch.propagation()
    assert batch.propagation("symmetric") is not batch.propagation("gcn")
