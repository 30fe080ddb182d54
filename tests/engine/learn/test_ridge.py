"""The closed form: equal to scikit-learn's ridge on the table laid out, dense or sparse."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.graph.batch import GraphBatch
from engine.learn.ridge import CHANNELS, _LaidOut, _solved, _Table, ridge
from tests.engine.learn.planted import planted


def _written_out(batch: GraphBatch, x: np.ndarray, channels: tuple[str, ...], factors: dict[str, float]) -> np.ndarray:
    nodes = batch.num_nodes
    matrix = np.zeros((nodes, nodes))
    for node in range(nodes):
        matrix[node, batch.indices[batch.indptr[node] : batch.indptr[node + 1]].numpy()] = 1.0
    np.fill_diagonal(matrix, 1.0)
    root = matrix.sum(axis=1) ** -0.5
    near = root[:, None] * matrix * root
    parts = {"own": x, "near": near @ x, "far": near @ near @ x, "difference": x - near @ x}
    return np.concatenate([parts[name] * factors[name] ** 0.5 for name in channels] + [np.ones((nodes, 1))], axis=1)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("channels", [CHANNELS, ("own",)])
def test_the_solution_is_that_of_scikit_learn_on_the_table_laid_out(sparse, channels):
    from sklearn.linear_model import Ridge

    data = planted(40)
    batch = GraphBatch.from_graph(data.graph, sp.csr_matrix(data.x) if sparse else data.x)
    labels = data.labels()
    rows = torch.from_numpy(labels.rows("train"))
    table = _Table(batch, rows, channels, 0)
    laid_out = _written_out(batch, data.x.astype(np.float64), channels, table._factors)
    wanted = np.eye(2)[labels.target[rows.numpy()]] - 0.5
    a = torch.eye(len(rows))
    kernel = laid_out @ laid_out[rows.numpy()].T
    np.testing.assert_allclose(table.product(a).numpy(), kernel, rtol=1e-3, atol=1e-3)
    target = torch.from_numpy(wanted).float()
    solution = _solved(
        lambda a: table.product(a)[rows] + 0.5 * a, target, torch.zeros_like(target), cancel=_never_cancelled()
    )
    expected = Ridge(alpha=0.5, fit_intercept=False).fit(laid_out[rows.numpy()], wanted).predict(laid_out)
    np.testing.assert_allclose(table.product(solution).numpy(), expected, rtol=2e-2, atol=2e-2)


def _never_cancelled():
    from engine.core.cancel import CancelToken

    return CancelToken()


def test_edges_that_join_equals_help_and_the_strength_is_chosen_on_valid():
    data = planted(200, signal=0.5)
    labels = data.labels()
    both, own = ridge(data.batch, labels), ridge(data.batch, labels, channels=("own",))
    assert both.valid["accuracy"] > own.valid["accuracy"] + 0.1
    assert both.logits.shape == (200, 2)


def test_test_targets_are_not_looked_at():
    data = planted(60)
    labels = data.labels()
    spoiled = data.values.copy()
    spoiled[data.split.test] = "group 0"
    assert np.array_equal(ridge(data.batch, labels).logits, ridge(data.batch, data.labels(spoiled)).logits)


def test_numbers_are_solved_for_in_their_own_unit():
    data = planted(90)
    values = np.asarray([f"{100 + 20 * (k % 2)}.0" for k in range(90)], dtype=object)
    found = ridge(data.batch, data.labels(values, "node_value"))
    assert found.valid["rmse"] < 8


@pytest.mark.parametrize("channels", [CHANNELS, ("own", "far")])
def test_a_table_that_is_laid_out_gives_the_same_products(channels: tuple[str, ...]) -> None:
    data = planted(80, classes=3)
    rows = torch.arange(0, 80, 3)
    laid = _LaidOut(data.batch, data.batch.x, rows, channels)
    table = _Table(data.batch, rows, channels, 0)
    # The one measures the channels, the other estimates their size.
    table._factors = {name: float(laid._factors.get(name, 0.0)) for name in CHANNELS}
    a = torch.randn(len(rows), 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(laid.product(a), table.product(a), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(laid.of_train(a), table.of_train(a), rtol=1e-4, atol=1e-4)
