"""Curves of scores against truth: ROC, precision and recall, reliability of confidence, and how scores are spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class Steps:
    """How a decision "score >= threshold" fares at each threshold, from the highest down.

    Args:
        threshold: [K], the first is above every score: nothing is taken for positive.
        true_positive, false_positive: how many items are, rightly or wrongly, taken for positive, int64 [K].
        positives, negatives: how many there are.
    """

    threshold: Floats
    true_positive: NDArray[np.int64]
    false_positive: NDArray[np.int64]
    positives: int
    negatives: int

    def recall(self) -> Floats:
        """Return the share of positives found, [K]; the true positive rate. NaN without positives."""
        return _share(self.true_positive, self.positives)

    def fall_out(self) -> Floats:
        """Return the share of negatives taken for positive, [K]; the false positive rate. NaN without negatives."""
        return _share(self.false_positive, self.negatives)

    def precision(self) -> Floats:
        """Return the share of positives among what is taken for positive, [K]; 1 where nothing is."""
        taken = self.true_positive + self.false_positive
        return np.asarray(np.divide(self.true_positive, taken, out=np.ones(len(taken)), where=taken > 0))


def steps(score: Floats, is_positive: Mask) -> Steps:
    """Return every threshold at which the decision changes; items of one score go together.

    Args: score: [n], higher for positive, finite. is_positive: [n].
    Source: Fawcett (2006), An introduction to ROC analysis, algorithm 1.
    """
    order = np.argsort(-score, kind="stable")
    sorted_score, hits = score[order], is_positive[order]
    last = np.flatnonzero(np.append(np.diff(sorted_score) != 0, True)) if len(score) else np.zeros(0, np.int64)
    true_positive = np.cumsum(hits)[last].astype(np.int64)
    taken = last + 1
    positives = int(is_positive.sum())
    return Steps(
        threshold=np.concatenate([[np.inf], sorted_score[last]]),
        true_positive=np.concatenate([[0], true_positive]).astype(np.int64),
        false_positive=np.concatenate([[0], taken - true_positive]).astype(np.int64),
        positives=positives,
        negatives=len(score) - positives,
    )


def thinned(found: Steps, most: int = MOST_POINTS) -> Steps:
    """Return the same with at most so many thresholds: those that lie evenly along the ROC curve, its ends among them.

    Args: most: at least 2.
    """
    if len(found.threshold) <= most:
        return found
    rates = np.nan_to_num(found.recall()) + np.nan_to_num(found.fall_out())
    wanted = np.searchsorted(rates, np.linspace(0, rates[-1], most))
    keep = np.unique(np.clip(np.concatenate([[0], wanted, [len(rates) - 1]]), 0, len(rates) - 1))
    if len(keep) > most:
        keep = np.delete(keep, len(keep) // 2)
    return Steps(
        found.threshold[keep],
        found.true_positive[keep],
        found.false_positive[keep],
        found.positives,
        found.negatives,
    )


def area(found: Steps) -> float:
    """Return the area under the ROC curve by the trapezoid rule; NaN with one class alone.

    On all thresholds it equals `roc_auc` of the scores.
    """
    if not found.positives or not found.negatives:
        return float("nan")
    return float(np.trapezoid(found.recall(), found.fall_out()))


def average_precision(found: Steps) -> float:
    """Return the step-wise area under precision and recall; NaN without positives. To be asked of all thresholds."""
    if not found.positives:
        return float("nan")
    return float(np.sum(np.diff(found.recall()) * found.precision()[1:]))


@dataclass(frozen=True, slots=True)
class Reliability:
    """Confidence against accuracy in equally wide bins.

    Args: edges: [K + 1]. count: int64 [K]. confidence, accuracy: means [K], NaN without items.
    """

    edges: Floats
    count: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats


def reliability(confidence: Floats, is_correct: Mask, bins: int = 10) -> Reliability:
    """Bin items by confidence; one on the border of two bins belongs to the lower, as in the calibration error.

    Source: Guo et al. (2017), figure 1 and equation 5.
    """
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins).astype(np.int64)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(place, weights=confidence, minlength=bins) / count
        right = np.bincount(place, weights=is_correct.astype(np.float64), minlength=bins) / count
    return Reliability(np.linspace(0, 1, bins + 1), count, mean, right)


def spread(score: Floats, is_positive: Mask, bins: int = 40) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many positives and how many negatives score within each of equally wide bins of [0, 1], [K] each."""
    place = np.clip((score * bins).astype(np.int64), 0, bins - 1)
    positive = np.bincount(place[is_positive], minlength=bins)
    return positive.astype(np.int64), (np.bincount(place, minlength=bins) - positive).astype(np.int64)


def _share(part: NDArray[np.int64], whole: int) -> Floats:
    return np.asarray(part / whole) if whole else np.full(len(part), np.nan)
