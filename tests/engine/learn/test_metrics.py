"""Metric definitions against hand calculations and scikit-learn."""

import math

import numpy as np
import pytest
from sklearn import metrics as oracle

from engine.learn import metrics


@pytest.fixture
def case() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    target = rng.choice([0, 1, 3], size=200)  # class 2 of 4 never occurs among the targets
    logits = rng.normal(size=(200, 4)).round(1)  # rounded, so that ties occur
    logits[np.arange(200), target] += 1
    return logits, target


def test_macro_f1_and_balanced_accuracy_equal_scikit_learns(case: tuple[np.ndarray, np.ndarray]) -> None:
    logits, target = case
    predicted = logits.argmax(1)
    counts = metrics.confusion(target, predicted, 4)
    assert (counts == oracle.confusion_matrix(target, predicted, labels=range(4))).all()
    assert metrics.accuracy(counts) == pytest.approx(oracle.accuracy_score(target, predicted))
    assert metrics.macro_f1(counts) == pytest.approx(oracle.f1_score(target, predicted, average="macro"))
    recalls = oracle.recall_score(target, predicted, average=None, labels=[0, 1, 3])
    assert metrics.balanced_accuracy(counts) == pytest.approx(recalls.mean())


def test_precision_recall_and_f1_by_hand() -> None:
    # Two of three items of class 0 are found, one is called 1; the one item of class 1 is found; class 2 has none.
    rows = metrics.precision_recall_f1(np.array([[2, 1, 0], [0, 1, 0], [0, 0, 0]]))
    np.testing.assert_allclose(rows, [[1, 2 / 3, 0.8], [0.5, 1, 2 / 3], [0, 0, 0]])


def test_roc_auc_counts_ties_as_one_half() -> None:
    # Positives .9 and .5, negatives .5 and .1: of four pairs three are right and one is a tie.
    score = np.array([0.9, 0.5, 0.5, 0.1])
    assert metrics.roc_auc(score, np.array([True, True, False, False])) == pytest.approx(3.5 / 4)


def test_roc_auc_equals_scikit_learns(case: tuple[np.ndarray, np.ndarray]) -> None:
    logits, target = case
    shares = metrics.softmax(logits)
    for positive in (0, 1, 3):
        expected = oracle.roc_auc_score(target == positive, shares[:, positive])
        assert metrics.roc_auc(shares[:, positive], target == positive) == pytest.approx(expected)
    each = [oracle.roc_auc_score(target == c, shares[:, c]) for c in (0, 1, 3)]
    assert metrics.mean_roc_auc(shares, target) == pytest.approx(np.mean(each))


def test_what_is_undefined_is_nan() -> None:
    assert math.isnan(metrics.roc_auc(np.array([0.1, 0.2]), np.array([True, True])))
    assert math.isnan(metrics.mean_roc_auc(np.full((3, 2), 0.5), np.zeros(3, dtype=np.int64)))
    assert math.isnan(metrics.average_precision(np.full((3, 2), 0.5), np.zeros(3, dtype=np.int64), 1))
    assert math.isnan(metrics.accuracy(np.zeros((2, 2), dtype=np.int64)))
    assert math.isnan(metrics.macro_f1(np.zeros((2, 2), dtype=np.int64)))
    assert math.isnan(metrics.r2(np.array([1.0, 2.0]), np.array([5.0, 5.0])))
    assert math.isnan(metrics.rmse(np.zeros(0), np.zeros(0)))
    assert math.isnan(metrics.mae(np.zeros(0), np.zeros(0)))


def test_errors_of_numbers_by_hand() -> None:
    predicted, target = np.array([1.0, 2.0, 6.0]), np.array([1.0, 4.0, 4.0])
    assert metrics.rmse(predicted, target) == pytest.approx(math.sqrt(8 / 3))
    assert metrics.mae(predicted, target) == pytest.approx(4 / 3)
    # The target's mean is 3, its squared deviations sum to 6.
    assert metrics.r2(predicted, target) == pytest.approx(1 - 8 / 6)


def test_softmax_stands_large_logits() -> None:
    shares = metrics.softmax(np.array([[1e4, 0.0], [0.0, 0.0]], dtype=np.float32))
    assert shares.tolist() == [[1.0, 0.0], [0.5, 0.5]]
