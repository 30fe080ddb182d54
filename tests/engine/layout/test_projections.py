"""Projections against scikit-learn, and at the edges."""

import numpy as np
import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.layout import PROJECTIONS, Positions
from engine.layout.projections.tsne.descent import Repulsion, neighbourhoods
from engine.layout.projections.tsne.kernels import advance, affinities
from engine.layout.projections.tsne.neighbours import nearest


def _project(key: str, points: np.ndarray, **options: object) -> Positions:
    kind = PROJECTIONS.get(key)
    return kind(kind.parse(options)).project(points.astype(np.float32))


def _clusters(count: int = 240) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    group = np.arange(count) % 6
    return rng.normal(size=(6, 12))[group] * 4 + rng.normal(size=(count, 12)), group


def test_pca_equals_scikit_learn_up_to_size_and_sign() -> None:
    from sklearn.decomposition import PCA

    points, _ = _clusters()
    expected = PCA(2).fit_transform(points)
    found = _project("pca", points)
    for axis in range(2):
        assert abs(np.corrcoef(found[:, axis], expected[:, axis])[0, 1]) > 0.99999
    assert found.std(axis=0).max() == pytest.approx(1, rel=1e-5)


def test_neighbourhoods_have_the_perplexity_that_was_asked_for() -> None:
    squares = np.sort(np.random.default_rng(0).random((20, 30)), axis=1)
    p = affinities(squares, 7.0)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(-(p * np.log(p)).sum(axis=1)), 7, rtol=1e-3)


def test_equal_neighbours_do_no_harm_to_the_widths() -> None:
    assert np.isfinite(affinities(np.zeros((3, 9)), 4.0)).all()


@pytest.mark.parametrize(
    ("count", "size"), [(300, 1e-4), (300, 50.0), (2500, 1e-4), (2500, 0.3), (2500, 3), (2500, 12)]
)
def test_the_push_equals_all_pairs(count: int, size: float) -> None:
    xy = np.random.default_rng(1).normal(size=(count, 2)) * size
    apart = xy[:, None] - xy[None]
    q = 1 / (1 + (apart**2).sum(axis=-1))
    np.fill_diagonal(q, 0)
    found = Repulsion()(xy)
    assert found.whole == pytest.approx(q.sum(), rel=0.02)
    exact = ((q**2)[..., None] * apart).sum(axis=1)
    error = np.linalg.norm(found.force - exact, axis=1)
    assert np.median(error) < 0.05 * np.linalg.norm(exact, axis=1).mean()


def test_a_step_goes_down_the_gradient_of_all_pairs() -> None:
    rng = np.random.default_rng(1)
    xy, p = rng.normal(size=(40, 2)), rng.random((40, 40)).astype(np.float32)
    indptr, indices = np.arange(0, 1601, 40), np.tile(np.arange(40, dtype=np.int32), 40)
    away = rng.normal(size=(40, 2))
    apart = xy[:, None] - xy[None]
    slope = 4 * (3 * ((p / (1 + (apart**2).sum(axis=-1)))[..., None] * apart).sum(axis=1) - away)
    velocity, gain = -np.sign(slope), np.ones((40, 2))
    velocity[0] *= -1
    moved = xy.copy()
    expected = 0.5 * velocity
    advance(moved, velocity, gain, indptr, indices, p.ravel(), away, 3.0, 0.5, 0.1)
    # A coordinate that goes on downwards gains speed, one that turned is slowed down.
    np.testing.assert_allclose(gain[1:], 1.2)
    np.testing.assert_allclose(gain[0], 0.8)
    np.testing.assert_allclose(moved, xy + expected - 0.1 * gain * slope, rtol=1e-5, atol=1e-5)


def test_neighbours_of_some_thousand_points_are_exact() -> None:
    from scipy.spatial import cKDTree

    points = np.random.default_rng(0).normal(size=(700, 6)).astype(np.float32)
    found = nearest(points, 9, np.random.default_rng(0), CancelToken())
    squares, index = cKDTree(points).query(points, k=10)
    np.testing.assert_array_equal(np.sort(found.index, axis=1), np.sort(index[:, 1:], axis=1))
    np.testing.assert_allclose(np.sort(found.squares, axis=1), squares[:, 1:] ** 2, rtol=1e-4)


def test_neighbours_of_many_points_are_nearly_all_found() -> None:
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(0)
    points = (rng.normal(size=(20, 8))[rng.integers(0, 20, 6000)] * 3 + rng.normal(size=(6000, 8))).astype(np.float32)
    found = nearest(points, 15, np.random.default_rng(0), CancelToken())
    known = cKDTree(points).query(points, k=16)[1][:, 1:]
    kept = np.mean([len(np.intersect1d(one, other)) for one, other in zip(found.index, known, strict=True)]) / 15
    assert kept > 0.9
    assert not (found.index == np.arange(6000)[:, None]).any()


def test_affinities_are_symmetric_and_sum_to_one() -> None:
    points = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    near = neighbourhoods(points, 10.0, np.random.default_rng(0), CancelToken())
    assert near.sum() == pytest.approx(1, rel=1e-5)
    assert abs(near - near.T).max() < 1e-9


def test_tsne_shows_pca_first_and_then_better_pictures() -> None:
    shown: list[Positions] = []
    points = _clusters()[0].astype(np.float32)
    kind = PROJECTIONS.get("tsne")
    last = kind(kind.parse({})).project(points, on_positions=shown.append)
    np.testing.assert_allclose(shown[0], _project("pca", points), atol=1e-5)
    assert len(shown) > 1
    assert (shown[-1] != shown[0]).any()
    assert last.shape == shown[0].shape


def test_tsne_is_as_close_to_the_neighbourhoods_as_scikit_learns() -> None:
    from sklearn.manifold import TSNE, trustworthiness

    points, _ = _clusters()
    mine = trustworthiness(points, _project("tsne", points), n_neighbors=10)
    theirs = trustworthiness(
        points, TSNE(init="pca", random_state=0, max_iter=500).fit_transform(points), n_neighbors=10
    )
    assert mine > theirs - 0.01


def test_tsne_keeps_groups_together() -> None:
    from scipy.spatial import cKDTree

    points, group = _clusters()
    xy = _project("tsne", points)
    near = cKDTree(xy).query(xy, k=6)[1][:, 1:]
    assert (group[near] == group[:, None]).mean() > 0.99


@pytest.mark.parametrize("key", PROJECTIONS.keys())
@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (3, 4), (5, 1), (40, 2)])
def test_few_points_and_narrow_ones_are_placed(key: str, shape: tuple[int, int]) -> None:
    xy = _project(key, np.random.default_rng(0).normal(size=shape))
    assert xy.shape == (shape[0], 2)
    assert xy.dtype == np.float32
    assert np.isfinite(xy).all()


@pytest.mark.parametrize("key", PROJECTIONS.keys())
def test_equal_points_do_no_harm(key: str) -> None:
    assert np.isfinite(_project(key, np.ones((30, 4)))).all()


@pytest.mark.parametrize("key", PROJECTIONS.keys())
def test_same_points_give_the_same_picture(key: str) -> None:
    points, _ = _clusters(60)
    assert (_project(key, points) == _project(key, points)).all()


def test_cancelled_tsne_ends() -> None:
    token = CancelToken()
    token.cancel()
    kind = PROJECTIONS.get("tsne")
    with pytest.raises(Cancelled):
        kind(kind.parse({})).project(_clusters()[0].astype(np.float32), cancel=token)
