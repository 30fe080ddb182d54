"""Edges left out, against small graphs worked out by hand."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.graph.thinning import EdgeDropper, keep_edges, unlike_edges


def _batch(x: object, edges: list[tuple[int, int]], nodes: int, *, directed: bool = False) -> GraphBatch:
    ends = np.array(edges)
    return GraphBatch.from_graph(Graph.from_edges(ends[:, 0], ends[:, 1], nodes, directed=directed), x)


def _pairs(batch: GraphBatch, kept: torch.Tensor | None = None) -> set[tuple[int, int]]:
    targets = torch.repeat_interleave(torch.arange(batch.num_nodes), torch.diff(batch.indptr))
    pairs = torch.stack([batch.indices.long(), targets], dim=1)
    return {(int(u), int(v)) for u, v in (pairs if kept is None else pairs[kept])}


def _ring(nodes: int) -> list[tuple[int, int]]:
    return [(k, (k + 1) % nodes) for k in range(nodes)]


@pytest.mark.parametrize("sparse", [False, True])
def test_jaccard_is_the_share_of_common_columns(sparse: bool) -> None:
    rows = np.array([[1, 1, 0, 0], [0, 2, 3, 0], [0, 0, 0, 5]], dtype=np.float32)
    batch = _batch(sp.csr_matrix(rows) if sparse else rows, [(0, 1), (1, 2), (0, 2)], 3)
    # 0-1 share one of three columns; 1-2 and 0-2 share none.
    assert _pairs(batch, unlike_edges(batch, "jaccard", 0.0)) == {(1, 2), (2, 1), (0, 2), (2, 0)}
    assert len(_pairs(batch, unlike_edges(batch, "jaccard", 0.33))) == 4
    assert len(_pairs(batch, unlike_edges(batch, "jaccard", 0.34))) == 6


def test_the_cosine_is_that_of_the_angle_between_the_rows() -> None:
    rows = np.array([[1, 0], [1, 1], [-2, 0]], dtype=np.float32)
    batch = _batch(rows, [(0, 1), (0, 2), (1, 2)], 3)
    # 45, 180 and 135 degrees: .7071, -1 and -.7071.
    assert _pairs(batch, unlike_edges(batch, "cosine", -0.5)) == {(0, 2), (2, 0), (1, 2), (2, 1)}
    assert len(_pairs(batch, unlike_edges(batch, "cosine", 0.70))) == 4
    assert len(_pairs(batch, unlike_edges(batch, "cosine", 0.71))) == 6


def test_an_edge_to_a_node_without_features_is_kept() -> None:
    rows = np.array([[1, 0], [0, 0], [0, 1]], dtype=np.float32)
    batch = _batch(rows, [(0, 1), (1, 2), (0, 2)], 3)
    assert _pairs(batch, unlike_edges(batch, "jaccard", 0.0)) == {(0, 2), (2, 0)}


def test_what_is_kept_is_a_graph_of_the_same_nodes_with_degrees_of_its_own() -> None:
    batch = _batch(np.eye(4, dtype=np.float32), [(0, 1), (1, 2), (2, 3)], 4)
    batch.propagation("symmetric")
    kept = torch.tensor([pair in {(0, 1), (1, 0)} for pair in [(1, 0), (0, 1), (2, 1), (1, 2), (3, 2), (2, 3)]])
    thin = keep_edges(batch, kept)
    assert _pairs(thin) == {(0, 1), (1, 0)}
    assert thin.indptr.tolist() == [0, 1, 2, 2, 2]
    # Both ends have degree 1 now: the operator's only entries are 1.
    swapped = thin.propagation("symmetric").forward
    assert swapped is not batch.propagation("symmetric").forward


def test_both_directions_of_an_edge_are_dropped_together_and_about_as_many_as_asked() -> None:
    batch = _batch(np.ones((2000, 1), dtype=np.float32), _ring(2000), 2000)
    thin = EdgeDropper(batch, 0.3).drop(torch.Generator().manual_seed(1))
    pairs = _pairs(thin)
    assert pairs == {(v, u) for u, v in pairs}
    # 2000 edges, each kept with 0.7: five standard deviations are 5 · sqrt(2000 · 0.21).
    assert len(pairs) / 2 == pytest.approx(1400, abs=103)


def test_each_step_drops_others_and_a_restored_generator_the_same() -> None:
    batch = _batch(np.ones((50, 1), dtype=np.float32), _ring(50), 50, directed=True)
    dropper, generator = EdgeDropper(batch, 0.5), torch.Generator().manual_seed(3)
    state = generator.get_state()
    first, second = _pairs(dropper.drop(generator)), _pairs(dropper.drop(generator))
    generator.set_state(state)
    assert _pairs(dropper.drop(generator)) == first
    assert first != second
    assert first < _pairs(batch)
