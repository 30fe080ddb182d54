"""Sums by mesh and convolution against the sum over all pairs."""

import numpy as np
import pytest

from engine.layout._fft import MARGIN, Convolution, side_for
from engine.layout._splines import spread

SPACING = 0.3


def _cauchy(square: np.ndarray) -> np.ndarray:
    return 1 / (1 + square * SPACING**2)


@pytest.mark.parametrize("count", [1, 50, 1500])
def test_values_and_gradient_equal_the_sum_over_all_pairs(count: int) -> None:
    rng = np.random.default_rng(count)
    xy, charge = rng.normal(size=(count, 2)) * 4, rng.random(count) + 0.5
    cells = (xy - xy.min(axis=0)) / SPACING + MARGIN
    found = Convolution(_cauchy)(cells, charge, side_for(float(cells.max()) - MARGIN))
    apart = xy[:, None] - xy[None]
    one = 1 / (1 + (apart**2).sum(axis=-1))
    value = one @ charge
    slope = (-2 * (one**2 * charge)[..., None] * apart).sum(axis=1) * SPACING
    np.testing.assert_allclose(found[:, 0], value, rtol=1e-2)
    np.testing.assert_allclose(found[:, 1:], slope, atol=0.02 * max(np.abs(slope).max(), 0.5))


def test_a_mesh_of_another_size_gives_the_same() -> None:
    rng = np.random.default_rng(0)
    cells, charge = rng.random((200, 2)) * 20 + MARGIN, rng.random(200)
    work = Convolution(_cauchy)
    np.testing.assert_allclose(work(cells, charge, 32), work(cells, charge, 96), rtol=1e-4, atol=1e-4)


def test_spread_charges_sum_up_and_keep_their_middle() -> None:
    mesh = spread(np.array([[7.3, 9.8]]), np.array([2.0]), 32)
    assert mesh.sum() == pytest.approx(2, rel=1e-6)
    assert (mesh.sum(axis=0) * np.arange(32)).sum() == pytest.approx(2 * 7.3, rel=1e-6)
    assert (mesh.sum(axis=1) * np.arange(32)).sum() == pytest.approx(2 * 9.8, rel=1e-6)


def test_a_mesh_has_room_for_what_it_must_hold() -> None:
    assert side_for(20) == 32
    assert side_for(21) == 48
    assert side_for(1e9) == 1536
