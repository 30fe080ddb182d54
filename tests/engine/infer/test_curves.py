"""Curves against scikit-learn, and against counts made by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from engine.infer.curves import area, average_precision, reliability, spread, steps, thinned


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    positive = rng.random(500) < 0.3
    # Rounded, so that scores are tied.
    return np.round(np.clip(rng.normal(0.4 + 0.2 * positive, 0.2), 0, 1), 2), positive


def test_roc_equals_scikit_learn(drawn) -> None:
    score, positive = drawn
    found = steps(score, positive)
    fpr, tpr, threshold = roc_curve(positive, score, drop_intermediate=False)
    np.testing.assert_allclose(found.fall_out(), fpr)
    np.testing.assert_allclose(found.recall(), tpr)
    np.testing.assert_allclose(found.threshold, threshold)
    assert area(found) == pytest.approx(roc_auc_score(positive, score))


def test_precision_and_recall_equal_scikit_learn(drawn) -> None:
    score, positive = drawn
    found = steps(score, positive)
    precision, recall, _ = precision_recall_curve(positive, score)
    np.testing.assert_allclose(found.precision(), precision[::-1])
    np.testing.assert_allclose(found.recall(), recall[::-1])
    assert average_precision(found) == pytest.approx(average_precision_score(positive, score))


def test_thinning_keeps_the_ends_and_hardly_moves_the_curve(drawn) -> None:
    rng = np.random.default_rng(1)
    positive = rng.random(20_000) < 0.1
    whole = steps(rng.random(20_000) + positive, positive)
    few = thinned(whole, 100)
    assert len(few.threshold) <= 100
    assert (few.true_positive[-1], few.false_positive[-1]) == (whole.positives, whole.negatives)
    assert area(few) == pytest.approx(area(whole), abs=0.01)
    assert len(thinned(steps(*drawn), 1000).threshold) == len(steps(*drawn).threshold)


def test_reliability_equals_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    confidence = rng.random(1000) * 0.998 + 0.001
    correct = rng.random(1000) < confidence
    found = reliability(confidence, correct, bins=10)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    np.testing.assert_allclose(found.accuracy, accuracy)
    np.testing.assert_allclose(found.confidence, mean)
    assert found.count.sum() == 1000


def test_scores_are_spread_over_bins_by_class() -> None:
    positive, negative = spread(np.array([0.0, 0.26, 0.5, 1.0]), np.array([False, True, True, True]), bins=4)
    assert positive.tolist() == [0, 1, 1, 1]
    assert negative.tolist() == [1, 0, 0, 0]


def test_one_class_alone_has_no_area() -> None:
    found = steps(np.array([0.2, 0.4]), np.array([True, True]))
    assert np.isnan(area(found))
    assert np.isnan(found.fall_out()).all()
    assert np.isnan(average_precision(steps(np.array([0.1]), np.array([False]))))
