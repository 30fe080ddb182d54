"""Products with gradients: against torch's numerical differentiation and dense tables."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.graph.batch import GraphBatch
from engine.graph.features import RowShift, SparseFeatures
from engine.graph.graph import Graph
from engine.nn.ops import dropout, matmul, propagate


def _batch(weighted: bool, directed: bool) -> GraphBatch:
    draw = np.random.default_rng(5)
    weight = draw.random(20) + 0.1 if weighted else None
    graph = Graph.from_edges(draw.integers(0, 7, 20), draw.integers(0, 7, 20), 9, weight=weight, directed=directed)
    return GraphBatch.from_graph(graph, np.zeros((9, 1), np.float32))


def _features(dtype: torch.dtype = torch.float64) -> SparseFeatures:
    matrix = sp.random(6, 8, density=0.3, format="csr", rng=np.random.default_rng(0))
    return SparseFeatures.from_csr(matrix, dtype=dtype)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("kind", ["gcn", "symmetric"])
def test_the_gradient_of_propagation_is_right_to_second_order(weighted, directed, kind):
    operator = _batch(weighted, directed).propagation(kind)
    x = torch.randn(9, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    # The operator's own numbers are 32-bit, alike in both directions: the product stays linear to the last bit.
    assert torch.autograd.gradcheck(lambda x: propagate(operator, x), x)
    assert torch.autograd.gradgradcheck(lambda x: propagate(operator, x), x)


def test_sparse_features_times_weights_equal_dense_ones():
    x, weight = _features(), torch.randn(8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(matmul(x, weight), x.to_dense() @ weight)


def test_the_gradient_reaches_weights_and_the_shift():
    x = _features()
    weight = torch.randn(8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    vector = torch.randn(8, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
    rows = torch.tensor([1.0, 0, 0, 1.0, 0, 1.0], dtype=torch.float64)

    def product(weight, vector):
        return matmul(SparseFeatures(x.pattern, x.values, RowShift(rows, vector)), weight)

    assert torch.autograd.gradcheck(product, (weight, vector))


def test_dropout_of_sparse_features_keeps_zeros_and_scales_the_rest():
    torch.manual_seed(0)
    x = _features()
    dropped = dropout(x, 0.5, training=True)
    assert dropped.pattern is x.pattern
    kept = dropped.values != 0
    assert 0 < int(kept.sum()) < len(kept)
    torch.testing.assert_close(dropped.values[kept], x.values[kept] * 2)


def test_dropout_drops_its_share_and_keeps_the_mean():
    torch.manual_seed(0)
    dropped = dropout(torch.ones(100_000), 0.3, training=True)
    # Four standard deviations of a share of 0.3 over 100,000 draws are 0.006.
    assert float((dropped == 0).float().mean()) == pytest.approx(0.3, abs=0.006)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.01)


def test_dropout_does_nothing_in_evaluation_or_at_rate_zero():
    x = _features()
    assert dropout(x, 0.5, training=False) is x
    assert dropout(x, 0.0, training=True) is x
