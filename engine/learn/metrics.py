"""Metric definitions: averaging, ties and missing classes are stated here and nowhere else.

Every function takes known targets alone. A metric that its items leave undefined is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Metrics of which less is better.
LOWER_IS_BETTER = frozenset({"rmse", "mae", "loss", "nll"})


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Return probabilities, shape [n, C] float64, rows sum to one."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def confusion(target: Codes, predicted: Codes, num_classes: int) -> Codes:
    """Count items by true class (row) and predicted class (column), shape [C, C]."""
    flat = np.bincount(target * num_classes + predicted, minlength=num_classes * num_classes)
    return flat.reshape(num_classes, num_classes).astype(np.int64)


def accuracy(counts: Codes) -> float:
    """Return the share of items on the diagonal of a confusion matrix."""
    return _ratio(float(np.trace(counts)), float(counts.sum()))


def precision_recall_f1(counts: Codes) -> Floats:
    """Return one row (precision, recall, F1) a class, shape [C, 3]; what has no items is 0."""
    hits = np.diag(counts).astype(np.float64)
    predicted, actual = counts.sum(axis=0), counts.sum(axis=1)
    precision = np.divide(hits, predicted, out=np.zeros_like(hits), where=predicted > 0)
    recall = np.divide(hits, actual, out=np.zeros_like(hits), where=actual > 0)
    both = predicted + actual
    f1 = np.divide(2 * hits, both, out=np.zeros_like(hits), where=both > 0)
    return np.stack([precision, recall, f1], axis=1)


def macro_f1(counts: Codes) -> float:
    """Return the plain mean of F1 over the classes that occur among targets or predictions."""
    occurs = (counts.sum(axis=0) + counts.sum(axis=1)) > 0
    return float(precision_recall_f1(counts)[occurs, 2].mean()) if occurs.any() else float("nan")


def balanced_accuracy(counts: Codes) -> float:
    """Return the mean recall over the classes that occur among the targets."""
    occurs = counts.sum(axis=1) > 0
    return float(precision_recall_f1(counts)[occurs, 1].mean()) if occurs.any() else float("nan")


def roc_auc(score: NDArray[np.floating], is_positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive item scores above a negative one; ties count one half.

    Source: Mann and Whitney (1947), the rank form of the area under the ROC curve. NaN with one class alone.
    """
    positives = int(is_positive.sum())
    negatives = len(is_positive) - positives
    if not positives or not negatives:
        return float("nan")
    values, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    above = ranks[is_positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def mean_roc_auc(probabilities: Floats, target: Codes) -> float:
    """Return the ROC-AUC of two classes, or the plain mean of one class against the rest for more.

    Classes without an item, or with all of them, are left out of the mean.
    """
    if probabilities.shape[1] == 2:
        return roc_auc(probabilities[:, 1], target == 1)
    each = [roc_auc(probabilities[:, c], target == c) for c in range(probabilities.shape[1])]
    defined = [value for value in each if np.isfinite(value)]
    return float(np.mean(defined)) if defined else float("nan")


def average_precision(probabilities: Floats, target: Codes, positive: int) -> float:
    """Return the average precision of one class (the step-wise area under precision and recall); NaN without items."""
    is_positive = target == positive
    if not is_positive.any():
        return float("nan")
    # Imported here: most trainings need no more of scikit-learn, which takes 60 MB.
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(is_positive, probabilities[:, positive]))


def expected_calibration_error(probabilities: Floats, target: Codes, bins: int = 15) -> float:
    """Return by how much confidence and accuracy differ, averaged over equally wide bins of confidence by their items.

    A confidence on the border of two bins belongs to the lower one. NaN without items.

    Source: Guo et al. (2017), equation 5, with their 15 bins.
    """
    if not len(target):
        return float("nan")
    best = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(best)), best]
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(place, weights=(best == target) - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(target))


def rmse(predicted: Floats, target: Floats) -> float:
    """Return the root of the mean squared error, in the unit of the target."""
    return float(np.sqrt(np.mean((predicted - target) ** 2))) if len(target) else float("nan")


def mae(predicted: Floats, target: Floats) -> float:
    """Return the mean absolute error, in the unit of the target."""
    return float(np.mean(np.abs(predicted - target))) if len(target) else float("nan")


def r2(predicted: Floats, target: Floats) -> float:
    """Return one less the squared error over that of the items' own mean; NaN where the target does not vary."""
    if len(target) < 2 or not np.ptp(target):
        return float("nan")
    return float(1 - np.sum((predicted - target) ** 2) / np.sum((target - target.mean()) ** 2))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
