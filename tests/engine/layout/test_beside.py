"""One space turned onto another, against scipy; neighbours that two spaces share, against scikit-learn and by hand."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from sklearn.neighbors import NearestNeighbors

from engine.core.cancel import Cancelled, CancelToken
from engine.layout.beside import shared_neighbours, turned_onto


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_mirrored_and_shifted_picture_comes_back(mirrored):
    onto = np.random.default_rng(0).normal(size=(50, 2))
    turn = np.array([[np.cos(2.0), -np.sin(2.0)], [np.sin(2.0), np.cos(2.0)]]) @ np.diag([1, -1 if mirrored else 1])
    np.testing.assert_allclose(turned_onto(onto @ turn + [3, -7], onto), onto, atol=1e-5)


def test_the_turn_is_that_of_scipy_and_changes_no_distance():
    rng = np.random.default_rng(1)
    points, onto = rng.normal(size=(40, 2)), rng.normal(size=(40, 2))
    found = turned_onto(points, onto)
    x, y = points - points.mean(axis=0), onto - onto.mean(axis=0)
    np.testing.assert_allclose(found - onto.mean(axis=0), x @ orthogonal_procrustes(x, y)[0], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found[1:] - found[:-1], axis=1),
                               np.linalg.norm(points[1:] - points[:-1], axis=1), rtol=1e-4)  # fmt: skip


def test_points_without_extent_and_none_at_all_are_no_trouble():
    onto = np.array([[1, 2], [3, 4]], np.float32)
    np.testing.assert_allclose(turned_onto(np.ones((2, 2)), onto), [[2, 3], [2, 3]])
    assert turned_onto(np.zeros((0, 2)), np.zeros((0, 2))).shape == (0, 2)
    with pytest.raises(ValueError, match="shape"):
        turned_onto(np.ones((2, 2)), np.ones((3, 2)))


def test_shares_are_counted_by_hand():
    # On a line of directions: the two nearest of the first node are 1 and 2; in the second space 1 and 3.
    angles = np.array([[0, 10, 20, 40], [0, 10, 40, 20]]) * np.pi / 180
    first, second = (np.stack([np.cos(a), np.sin(a)], axis=1).astype(np.float32) * 3 for a in angles)
    # Neighbours in the first: 0: 12, 1: 02, 2: 10 (10 and 20 away; 3 is 20 away too), 3: 21.
    # Nodes 0 and 1 are asked where nothing ties: 0: 12 against 13, one of two; 1: 02 against 03, one of two.
    assert shared_neighbours(first, second, 2)[:2].tolist() == [0.5, 0.5]
    assert shared_neighbours(first, first * 7, 2).tolist() == [1, 1, 1, 1]
    assert shared_neighbours(first, second, 99).tolist() == [1, 1, 1, 1]  # all others, in both


def test_shares_equal_those_of_scikit_learn_by_cosine():
    rng = np.random.default_rng(2)
    first = rng.normal(size=(300, 6)).astype(np.float32)
    second = np.concatenate([first[:, :3], rng.normal(size=(300, 4)).astype(np.float32)], axis=1)
    near = [
        NearestNeighbors(n_neighbors=16, metric="cosine").fit(space).kneighbors(space)[1][:, 1:]
        for space in (first, second)
    ]
    expected = [len(set(a) & set(b)) / 15 for a, b in zip(*near, strict=True)]
    np.testing.assert_allclose(shared_neighbours(first, second), expected, atol=1e-6)


def test_some_nodes_are_measured_as_all_are():
    rng = np.random.default_rng(3)
    first, second = (rng.normal(size=(1500, 5)).astype(np.float32) for _ in range(2))
    rows = np.array([3, 1499, 700])
    everyone = shared_neighbours(first, second)
    np.testing.assert_array_equal(shared_neighbours(first, second, rows=rows), everyone[rows])
    assert everyone.mean() == pytest.approx(15 / 1499, abs=0.005)  # strangers share what chance gives


def test_spaces_of_other_nodes_are_refused_and_one_node_shares_all():
    assert shared_neighbours(np.ones((1, 3), np.float32), np.ones((1, 2), np.float32)).tolist() == [1]
    with pytest.raises(ValueError, match="nodes"):
        shared_neighbours(np.ones((2, 3), np.float32), np.ones((3, 3), np.float32))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        shared_neighbours(np.eye(9, dtype=np.float32), np.eye(9, dtype=np.float32), 3, cancel=token)
