"""Models of scikit-learn on a table of numbers, with settings chosen on valid: what floors of molecules are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from engine.core.cancel import CancelToken
from engine.learn.baselines._base import Answer, gain_on_valid
from engine.learn.finetuning import Labels


class Estimator(Protocol):
    """What scikit-learn's models have in common; `predict_proba` and `classes_` are those of classifiers."""

    def fit(self, x: Any, y: Any) -> Any:  # Any: scikit-learn has no types
        """Learn."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One setting.

    Args: model: not yet fitted. x: [I, F] as this model wants it. told: its options in plain values. takes_several:
        whether it learns several targets at once, where all of them are known.
    """

    model: Estimator
    x: NDArray[Any]  # Any: uint8 marks or float32 numbers
    told: Mapping[str, Any]  # Any: JSON values
    takes_several: bool = False


def best_on_valid(candidates: Sequence[Candidate], labels: Labels, cancel: CancelToken) -> Answer:
    """Fit each candidate to train and return the answer of the one that is best on valid, of equal ones the first."""
    best: tuple[float, Answer] | None = None
    for candidate in candidates:
        cancel.check()
        logits = labels.task.to_logits(_estimate(candidate, labels))
        gain = gain_on_valid(labels, logits)
        if best is None or gain > best[0]:
            best = gain, Answer(logits, candidate.told)
    assert best is not None
    return best[1]


def _estimate(candidate: Candidate, labels: Labels) -> NDArray[np.float64]:
    """Return what the task takes for logits: class shares [I, C], values [I, 1], or of several targets [I, T]."""
    train, is_value = labels.rows("train"), labels.task.kind == "regression"
    target = labels.target[train]
    if target.ndim == 1:
        return _of_one(candidate, train, target, None if is_value else max(2, len(labels.task.class_names)))
    known = ~np.isnan(target)
    if candidate.takes_several and known.all():
        return _of_all(candidate, train, target, is_value=is_value)
    columns = []
    for place in range(target.shape[1]):
        rows = train[known[:, place]]
        column = target[known[:, place], place]
        found = _of_one(candidate, rows, column if is_value else column.astype(np.int64), None if is_value else 2)
        columns.append(found[:, -1])
    return np.stack(columns, axis=1)


def _of_one(
    candidate: Candidate, rows: NDArray[np.int64], target: NDArray[Any], classes: int | None
) -> NDArray[np.float64]:  # Any: codes or values
    model: Any = clone(candidate.model).fit(candidate.x[rows], target)  # Any: scikit-learn has no types
    if classes is None:
        return np.asarray(model.predict(candidate.x), np.float64)[:, None]
    # A class that train does not hold has no column of its own.
    shares = np.zeros((len(candidate.x), classes))
    shares[:, model.classes_] = model.predict_proba(candidate.x)
    return shares


def _of_all(
    candidate: Candidate, rows: NDArray[np.int64], target: NDArray[np.float64], *, is_value: bool
) -> NDArray[np.float64]:
    model: Any = clone(candidate.model)  # Any: scikit-learn has no types
    model.fit(candidate.x[rows], target if is_value else target.astype(np.int64))
    if is_value:
        return np.asarray(model.predict(candidate.x), np.float64)
    # Train holds both classes of each column, so the second share is that of yes.
    return np.stack([shares[:, 1] for shares in model.predict_proba(candidate.x)], axis=1)


def filled_and_scaled(x: NDArray[np.float32], train: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return columns with mean 0 and variance 1 on train; unknown is train's median, and nothing is beyond 10.

    Args: x: [I, F], NaN where unknown. train: rows that are looked at.
    Returns: float32 [I, F']; columns that train knows nothing of, or only one value, are left out.
    """
    known = x[train]
    is_of_use = np.asarray(~np.isnan(known).all(axis=0))
    is_of_use[is_of_use] = np.nanmax(known[:, is_of_use], axis=0) > np.nanmin(known[:, is_of_use], axis=0)
    x, known = x[:, is_of_use].astype(np.float64), known[:, is_of_use].astype(np.float64)
    x = np.where(np.isnan(x), np.nanmedian(known, axis=0), x)
    mean, std = x[train].mean(axis=0), x[train].std(axis=0)
    return np.asarray(np.clip((x - mean) / np.where(std > 0, std, 1), -10, 10), np.float32)
