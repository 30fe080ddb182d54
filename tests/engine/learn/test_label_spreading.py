import numpy as np
import pytest

from engine.core.cancel import CancelToken
from engine.graph.graph import Graph
from engine.learn.baselines import label_spreading


@pytest.mark.parametrize("bytes_at_once", [1 << 20, 8 * 30 * 2])
def test_spreading_ends_in_the_closed_form_whole_or_some_columns_at_a_time(
    monkeypatch: pytest.MonkeyPatch, bytes_at_once: int
) -> None:
    """Source: Zhou et al. (2004), equation (4): F = (1 - α) (I - α S)^-1 Y, solved by numpy."""
    monkeypatch.setattr(label_spreading, "TOGETHER_BYTES", bytes_at_once)
    draw = np.random.default_rng(3)
    source, target = draw.integers(0, 30, 90), draw.integers(0, 30, 90)
    graph = Graph.from_edges(source, target, 30)
    start = np.zeros((30, 5))
    start[np.arange(10), np.arange(10) % 5] = 1.0
    adjacency = np.zeros((30, 30))
    adjacency[graph.edge_index()[0], graph.edge_index()[1]] = 1.0
    root = 1 / np.sqrt(np.maximum(adjacency.sum(axis=1), 1))
    operator = root[:, None] * adjacency * root
    found = dict(label_spreading._spread_all(label_spreading.spreading_map(graph), start, CancelToken()))
    assert set(found) == {0.5, 0.8, 0.9, 0.95, 0.99}
    for alpha, spread in found.items():
        exact = (1 - alpha) * np.linalg.solve(np.eye(30) - alpha * operator, start)
        np.testing.assert_allclose(spread, exact, atol=2e-3)
