"""Encoders carried over to other features, against maps worked out by hand."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.graph.graph import Graph
from engine.learn.transfer import InputMap, column_map, folded, principal_directions, principal_map
from engine.nn.encoders import ENCODERS


def _ring(x: np.ndarray) -> GraphBatch:
    ends = np.arange(len(x))
    return GraphBatch.from_graph(Graph.from_edges(ends, np.roll(ends, 1), len(x), directed=False), x)


def _skewed(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Rows whose directions differ in size and lean to one side, so that each is told from the others and from its
    opposite."""
    draw = np.random.default_rng(seed)
    return (draw.exponential(size=(rows, columns)) * 2.0 ** -np.arange(columns)).astype(np.float32)


def test_the_sizes_of_directions_are_those_of_the_rows_along_them() -> None:
    x = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    found = principal_directions(x, 5)
    # Along the first column the mean square is 18 / 4, along the second 2 / 4.
    np.testing.assert_allclose(found.sizes, [np.sqrt(4.5), np.sqrt(0.5)])
    np.testing.assert_allclose(np.abs(found.columns), np.eye(2), atol=1e-9)
    # The second leans to the positive side.
    assert found.columns[1, 1] == pytest.approx(1.0)


def test_a_sparse_table_has_the_directions_of_the_same_dense_one() -> None:
    x = _skewed(40, 5)
    dense, sparse = principal_directions(x, 3), principal_directions(sp.csr_matrix(x), 3)
    np.testing.assert_allclose(dense.columns, sparse.columns, atol=1e-4)


def test_features_in_another_basis_and_unit_lead_to_the_same_vectors() -> None:
    # The same table, turned and three times as large: the map must undo both.
    x = _skewed(80, 4)
    turn, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(4, 4)))
    other = (3 * x @ turn).astype(np.float32)
    inputs = principal_map(principal_directions(other, 64), principal_directions(x, 64))
    np.testing.assert_allclose(other @ inputs.left @ inputs.right, x, atol=1e-3)
    kind = ENCODERS.get("gcn")
    options = kind.parse({"width": 6})
    encoder = kind(options, 4).eval()
    moved = kind(options, 4).eval()
    moved.load_state_dict(folded(lambda width: kind(options, width), encoder.state_dict(), 4, inputs))
    with torch.no_grad():
        np.testing.assert_allclose(moved(_ring(other)).numpy(), encoder(_ring(x)).numpy(), atol=1e-3)


@pytest.mark.parametrize("key", sorted(encoder.key for encoder in ENCODERS))
def test_the_map_folds_into_the_first_weights_of_an_encoder(key: str) -> None:
    draw = np.random.default_rng(1)
    inputs = InputMap(draw.normal(size=(7, 3)), draw.normal(size=(3, 5)))
    x = draw.normal(size=(12, 7)).astype(np.float32)
    kind = ENCODERS.get(key)
    options = kind.parse({})
    torch.manual_seed(0)
    encoder, moved = kind(options, 5).eval(), kind(options, 7).eval()
    moved.load_state_dict(folded(lambda width: kind(options, width), encoder.state_dict(), 5, inputs))
    mapped = (x @ inputs.left @ inputs.right).astype(np.float32)
    with torch.no_grad():
        np.testing.assert_allclose(moved(_ring(x)).numpy(), encoder(_ring(mapped)).numpy(), atol=1e-3)


def test_columns_of_the_same_name_are_joined_and_others_are_not_read() -> None:
    found = column_map(["age", "height", "new"], ["height", "weight", "age"])
    x = np.array([[1.0, 2.0, 9.0]])
    np.testing.assert_array_equal(x @ found.left @ found.right, [[2.0, 0.0, 1.0]])
    with pytest.raises(MismatchError):
        column_map(["a"], ["b"])


def test_an_encoder_without_weights_for_its_features_is_refused() -> None:
    kind = ENCODERS.get("gcn")
    # Its one convolution is the output layer: the encoder itself hands the features on.
    options = kind.parse({"layers": 1, "head": "convolution"})
    with pytest.raises(MismatchError, match="cannot be carried over"):
        folded(lambda width: kind(options, width), kind(options, 5).state_dict(), 5, InputMap(np.eye(5), np.eye(5)))
