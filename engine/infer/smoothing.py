"""Predictions brought into line with the train labels around them (Correct and Smooth)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.cancel import CancelToken
from engine.learn.baselines._base import gain_on_valid
from engine.learn.finetuning import Labels
from engine.learn.metrics import softmax

_ROUNDS = 50
_CORRECT = (0.8, 0.0)
_SMOOTH = (0.5, 0.8)

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How far errors and labels travel.

    Args: correct: α of the errors, 0 leaves them. smooth: α of the labels.
    """

    correct: float
    smooth: float

    def to_plain(self) -> dict[str, float]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Smoothed:
    """The setting that is best on valid and its logits [N, C]; without a setting they are the model's own."""

    setting: Smoothing | None
    logits: NDArray[np.float32]


def best_smoothing(
    operator: Any,  # Any: scipy.sparse has no types
    logits: NDArray[np.float32],
    labels: Labels,
    cancel: CancelToken | None = None,
) -> Smoothed:
    """Try a few settings and keep the one that is best on valid; the model's own answer stays unless one beats it.

    Args: operator: D^-1/2 A D^-1/2, scipy CSR [N, N]. logits: shape [N, C]. labels: of a class task; train labels
        travel, valid ones choose, test ones are not looked at.
    """
    best = Smoothed(None, logits)
    if labels.task.kind == "regression" or not len(labels.rows("valid")):
        return best
    best_gain = gain_on_valid(labels, logits)
    shares = softmax(logits)
    for correct in _CORRECT:
        for smooth in _SMOOTH:
            setting = Smoothing(correct, smooth)
            found = labels.task.to_logits(correct_and_smooth(operator, shares, labels, setting, cancel))
            gain = gain_on_valid(labels, found)
            if gain > best_gain:
                best, best_gain = Smoothed(setting, found), gain
    return best


def correct_and_smooth(
    operator: Any,  # Any: scipy.sparse has no types
    shares: Shares,
    labels: Labels,
    setting: Smoothing,
    cancel: CancelToken | None = None,
) -> Shares:
    """Return probabilities, shape [N, C], after errors and labels of the train nodes have travelled along the edges.

    Correct: E ← α S E + (1 - α) E0, where E0 is the error on the train nodes and 0 elsewhere; each other node gets
    its row of E scaled to the mean absolute error of the train nodes ("autoscale"), a train node its own label.
    Smooth: G ← α S G + (1 - α) G0, where G0 holds the labels of train and the corrected probabilities elsewhere.
    50 rounds each, as the authors do. Rows are scaled back to sum to one; a row that nothing is left of keeps the
    model's answer.

    Args: operator: S, scipy CSR [N, N]. shares: the model's probabilities, shape [N, C].
    Source: Huang et al. (2021), "Combining label propagation and simple models out-performs graph neural networks",
        sections 2.2 and 2.3; here the labels of valid are never used.
    """
    rows = labels.rows("train")
    truth = np.zeros((len(rows), shares.shape[1]))
    truth[np.arange(len(rows)), labels.target[rows]] = 1.0
    start = shares.copy()
    if setting.correct:
        errors = np.zeros_like(shares)
        errors[rows] = truth - shares[rows]
        scale = np.abs(errors[rows]).sum(axis=1).mean()
        travelled = _travel(operator, errors, setting.correct, cancel, low=-1.0)
        size = np.abs(travelled).sum(axis=1, keepdims=True)
        start += np.divide(scale * travelled, size, out=np.zeros_like(travelled), where=size > 1e-3 * scale)
    start[rows] = truth
    found = _travel(operator, start, setting.smooth, cancel, low=0.0)
    mass = found.sum(axis=1, keepdims=True)
    return np.where(mass > 0, found / np.where(mass > 0, mass, 1.0), shares)


def _travel(operator: Any, start: Shares, alpha: float, cancel: CancelToken | None, *, low: float) -> Shares:
    current = start
    for _ in range(_ROUNDS):
        if cancel is not None:
            cancel.check()
        current = np.clip(alpha * (operator @ current) + (1 - alpha) * start, low, 1.0)
    return np.asarray(current)
