"""Projections against scikit-learn, and at the edges."""

import numpy as np
import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.layout import PROJECTIONS, Positions
from engine.layout.projections.tsne.kernels import affinities, pull, push


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


def test_both_halves_of_the_gradient_equal_all_pairs() -> None:
    rng = np.random.default_rng(1)
    xy = rng.normal(size=(60, 2)) * 3
    apart = xy[:, None] - xy[None]
    q = 1 / (1 + (apart**2).sum(axis=-1))
    np.fill_diagonal(q, 0)
    away = push(xy, 1e-6)
    assert away.whole == pytest.approx(q.sum(), rel=1e-9)
    np.testing.assert_allclose(away.force, ((q**2)[..., None] * apart).sum(axis=1), rtol=1e-6, atol=1e-9)
    p = rng.random((60, 60))
    indptr, indices = np.arange(0, 3601, 60), np.tile(np.arange(60, dtype=np.int32), 60)
    expected = ((p * (1 / (1 + (apart**2).sum(axis=-1))))[..., None] * apart).sum(axis=1)
    np.testing.assert_allclose(pull(indptr, indices, p.ravel(), xy), expected, rtol=1e-6, atol=1e-9)


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
