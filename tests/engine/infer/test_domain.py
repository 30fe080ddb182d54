"""Inside or outside: distances worked out by hand, thresholds that let through what they promise."""

import numpy as np
import pytest

from engine.core.errors import MismatchError
from engine.data.chem.asking import fingerprints
from engine.infer.domain import Domain


def test_relatives_of_train_are_inside_and_strangers_are_not() -> None:
    alcohols = fingerprints([f"{'C' * length}O" for length in range(1, 30)], processes=0)
    domain = Domain.fit("fingerprint", alcohols[::2], alcohols[1::2][:0])
    found = domain.judge(fingerprints(["CCCCCCCCCCCCO", "c1ccc2c(c1)nc1ccccc1n2", "O=S(=O)(N)c1ccccc1"], processes=0))
    assert found.is_inside.tolist() == [True, False, False]
    assert found.distance[0] < found.distance[1]


def test_the_mean_distance_to_the_five_nearest_counts_for_embeddings() -> None:
    train = np.array([[float(place), 0.0] for place in range(10)], np.float32)
    found = Domain("embedding", train, 2.0).judge(np.array([[0.0, 0.0], [0.0, 3.0], [20.0, 0.0]], np.float32))
    # Distances 0, 1, 2, 3, 4; their roots with 3 across; 11 to 15.
    expected = [2.0, np.sqrt(np.arange(5) ** 2 + 9).mean(), 13.0]
    np.testing.assert_allclose(found.distance, expected, rtol=1e-6)
    assert found.is_inside.tolist() == [True, False, False]
    assert found.nearest.tolist() == [0, 0, 9]


def test_the_threshold_covers_95_percent_of_valid() -> None:
    draw = np.random.default_rng(0)
    train, valid, later = (draw.normal(size=(count, 4)).astype(np.float32) for count in (300, 200, 2000))
    domain = Domain.fit("embedding", train, valid)
    assert domain.judge(valid).is_inside.mean() == pytest.approx(0.95, abs=0.01)
    assert domain.judge(later).is_inside.mean() == pytest.approx(0.95, abs=0.03)
    assert not domain.judge(later + 10).is_inside.any()


def test_another_width_is_refused() -> None:
    with pytest.raises(MismatchError, match="3 columns"):
        Domain("embedding", np.zeros((5, 2), np.float32), 1.0).judge(np.zeros((1, 3), np.float32))
