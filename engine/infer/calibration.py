"""Confidence that means something: temperatures, sets of possible classes and ranges of values, fitted on valid."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from engine.data.splits._base import Split
from engine.learn.metrics import expected_calibration_error, softmax
from engine.learn.tasks._base import FittedTask, Target

#: Labelled items of valid below which a confidence is left as the model has it.
LEAST_LABELS = 20
#: Between the classes of a set.
JOINED_BY = " | "
_TEMPERATURES = (0.05, 20.0)

Columns = dict[str, NDArray[Any]]  # Any: text or numbers


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted on valid; applies to nodes or graphs that are drawn as those of valid were.

    Args:
        coverage: share of true answers that sets and ranges are to hold.
        temperature: logits are divided by it; 1 leaves them.
        quantile: of the score 1 - p(true class), or of the absolute error in the target's unit; None without sets.
        labels: items of valid that the quantile is from.
        reason: why there are no sets, in words; empty when there are.
        each: of several columns of numbers one calibration for each, in their order; then the others are not used.
    """

    coverage: float
    temperature: float = 1.0
    quantile: float | None = None
    labels: int = 0
    reason: str = ""
    each: tuple[Calibration, ...] = ()

    def logits(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits whose probabilities are calibrated, shape [N, width]; the largest stays the largest."""
        return logits if self.temperature == 1.0 else np.asarray(logits / np.float32(self.temperature))

    def columns(self, task: FittedTask, logits: NDArray[np.float32]) -> Columns:
        """Return `set_<target>` for classes, `low_<target>` and `high_<target>` for values; nothing without sets.

        The classes of a set stand in falling order of probability. The predicted class is always among them, where
        the bare rule would name no class at all.

        Args: logits: shape [N, width], as the model gives them.
        """
        if self.each:
            alone = zip(self.each, _apart(task, logits), strict=True)
            return {name: values for own, facts in alone for name, values in own.columns(*facts).items()}
        if self.quantile is None:
            return {}
        if task.kind == "regression":
            values = task.estimate(logits).ravel()
            return {
                f"low_{task.target_name}": values - self.quantile,
                f"high_{task.target_name}": values + self.quantile,
            }
        shares = softmax(self.logits(logits))
        inside = self.members(shares)
        names = np.asarray(task.class_names, dtype=object)
        texts = names[shares.argmax(axis=1)]
        # Most sets name one class: only the others are put together one by one.
        several = np.flatnonzero(inside.sum(axis=1) > 1)
        order = np.argsort(-shares[several], axis=1, kind="stable")
        for row, classes in zip(several, order, strict=True):
            texts[row] = JOINED_BY.join(names[classes[inside[row, classes]]])
        return {f"set_{task.target_name}": texts}

    def members(self, shares: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which classes are possible for each node, shape [N, C]. Args: shares: calibrated probabilities."""
        assert self.quantile is not None
        inside = 1.0 - shares <= self.quantile
        inside[np.arange(len(shares)), shares.argmax(axis=1)] = True
        return np.asarray(inside)

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return it as JSON values."""
        return {
            "version": 1,
            "coverage": self.coverage,
            "temperature": self.temperature,
            "quantile": self.quantile,
            "labels": self.labels,
            "reason": self.reason,
            **({"each": [own.to_plain() for own in self.each]} if self.each else {}),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Calibration:  # Any: JSON values
        """Rebuild what `to_plain` wrote."""
        return cls(
            float(plain["coverage"]),
            float(plain["temperature"]),
            None if plain["quantile"] is None else float(plain["quantile"]),
            int(plain["labels"]),
            str(plain["reason"]),
            tuple(cls.from_plain(own) for own in plain.get("each", ())),
        )


def calibrate(
    task: FittedTask, logits: NDArray[np.float32], target: Target, split: Split, coverage: float
) -> Calibration:
    """Fit on the labelled items of valid alone.

    Classes: the temperature is fitted on one half (stratified, always the same halves), the quantile on the other:
    sets hold every class with 1 - p(class) at or below it. Values: a range of one quantile of the absolute error to
    both sides, from all of valid, as nothing else is fitted. Several columns of numbers get a range each, from the
    items of valid where that column is known: each holds by itself, and not all of an item's ranges at once.

    Sets and ranges hold the true answer for at least `coverage` of new items on average, as far as these are
    exchangeable with valid. Valid has chosen the epoch before, so this holds a little less than exactly.

    Args: logits: shape [N, width] of all items, nodes or graphs. target: shape [N] or [N, T] as the task encodes it.
    Source: Guo et al. (2017), "On calibration of modern neural networks", section 4.2, with one uniform item beside
        the labels, after Platt (1999), so that a half that is all right does not make everything certain; sets by
        Sadinle, Lei and Wasserman (2019), "Least ambiguous set-valued classifiers with bounded error levels", the
        smallest sets on average of those with that coverage; ranges by Lei et al. (2018), "Distribution-free
        predictive inference for regression", algorithm 2.
    """
    if task.kind == "multilabel":
        return Calibration(coverage, reason="they are made where a single column of classes is predicted")
    if target.ndim == 2:
        return Calibration(
            coverage,
            each=tuple(
                calibrate(own, column, target[:, place], split, coverage)
                for place, (own, column) in enumerate(_apart(task, logits))
            ),
        )
    rows = np.flatnonzero(split.valid & task.known(target))
    if len(rows) < LEAST_LABELS:
        text = f"valid has {len(rows)} labelled {_items(task)}, and {LEAST_LABELS} are needed"
        return Calibration(coverage, reason=text)
    if task.kind == "regression":
        found = Calibration(coverage)
        return _with_quantile(found, np.abs(task.estimate(logits[rows]).ravel() - target[rows]), _items(task))
    first, second = halves(target[rows])
    fitted_on, judged_on = rows[first], rows[second]
    found = Calibration(coverage, temperature=fit_temperature(logits[fitted_on], target[fitted_on]))
    shares = softmax(found.logits(logits[judged_on]))
    return _with_quantile(found, 1.0 - shares[np.arange(len(judged_on)), target[judged_on]], _items(task))


def halves(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of two halves in which each class is as frequent, to within one item.

    Args: codes: class of each item, shape [n]. The same codes give the same halves.
    """
    generator = np.random.default_rng(0)
    shuffled = generator.permutation(len(codes))
    ordered = shuffled[np.argsort(codes[shuffled], kind="stable")]
    return np.sort(ordered[::2]), np.sort(ordered[1::2])


def fit_temperature(logits: NDArray[np.float32], codes: NDArray[np.int64]) -> float:
    """Return the temperature with the smallest cross-entropy, between 0.05 and 20; the loss has one valley.

    Args: logits: shape [n, C]. codes: true class, shape [n].
    """
    wide = logits.astype(np.float64)
    count = len(codes)
    targets = np.full(wide.shape, 1.0 / wide.shape[1] / (count + 1))
    targets[np.arange(count), codes] += count / (count + 1)

    def loss(log_temperature: float) -> float:
        scaled = wide / math.exp(log_temperature)
        top = scaled.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(scaled - top).sum(axis=1))
        return float((total - (targets * scaled).sum(axis=1)).mean())

    bounds = (math.log(_TEMPERATURES[0]), math.log(_TEMPERATURES[1]))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return math.exp(float(found.x))


def conformal_quantile(scores: NDArray[np.float64], coverage: float) -> float | None:
    """Return the ⌈(n + 1) coverage⌉-th smallest score; None where n is too small for that coverage."""
    place = math.ceil(round((len(scores) + 1) * coverage, 9))
    return float(np.sort(scores)[place - 1]) if place <= len(scores) else None


def judge(
    calibration: Calibration, task: FittedTask, logits: NDArray[np.float32], target: Target, split: Split
) -> dict[str, Any]:  # Any: JSON values
    """Say how well the confidence holds on test: once, after everything is chosen.

    Returns: `{asked, temperature, quantile, ece_before, ece_after, coverage, set_size, reason, sentence}` for classes,
        `{asked, quantile, coverage, width, reason, sentence}` for values (width of the ranges in the target's unit);
        for several columns of values `{asked, coverage, targets: [{target, …}], sentence}`, where coverage is the mean
        over the columns with ranges; what cannot be said is None.
    """
    if calibration.each:
        return _judge_each(calibration, task, logits, target, split)
    rows = np.flatnonzero(split.test & task.known(target))
    own, true = logits[rows], target[rows]
    plain: dict[str, Any] = {"asked": calibration.coverage, "quantile": calibration.quantile}  # Any: JSON values
    if task.kind == "multilabel":
        plain |= {"coverage": None, "set_size": None}
    elif task.kind == "regression":
        plain |= _judge_ranges(calibration, task, own, true)
    else:
        plain |= _judge_sets(calibration, own, true)
    plain["reason"] = calibration.reason
    return {**plain, "sentence": _sentence(plain, task)}


def _judge_each(
    calibration: Calibration, task: FittedTask, logits: NDArray[np.float32], target: Target, split: Split
) -> dict[str, Any]:  # Any: JSON values
    each = []
    for place, (own, (alone, column)) in enumerate(zip(calibration.each, _apart(task, logits), strict=True)):
        each.append({"target": alone.target_name, **judge(own, alone, column, target[:, place], split)})
    held = [one for one in each if one["coverage"] is not None]
    mean = float(np.mean([one["coverage"] for one in held])) if held else None
    plain = {"asked": calibration.coverage, "coverage": mean, "targets": each}
    if mean is None:
        made = [one for one in each if one["quantile"] is not None]
        return {**plain, "sentence": (made or each)[0]["sentence"]}
    least = min(held, key=lambda one: float(one["coverage"]))
    told = [
        f"The ranges of {len(held)} of {len(each)} columns hold the true value for {100 * mean:.1f} % of "
        f"the test {_items(task)} on average ({100 * calibration.coverage:g} % asked for), least often that of "
        f'"{least["target"]}" ({100 * least["coverage"]:.1f} %).'
    ]
    without = [one for one in each if one["quantile"] is None]
    told += [f'No ranges for "{one["target"]}": {one["reason"]}.' for one in without[:1]]
    return {**plain, "sentence": " ".join(told)}


def _apart(task: FittedTask, logits: NDArray[np.float32]) -> list[tuple[FittedTask, NDArray[np.float32]]]:
    """Return each column's own task and logits, shape [N, 1]."""
    return [(task.alone(name), logits[:, place : place + 1]) for place, name in enumerate(task.columns)]


def _judge_ranges(
    calibration: Calibration, task: FittedTask, logits: NDArray[np.float32], true: Target
) -> dict[str, float | None]:
    if calibration.quantile is None:
        return {"coverage": None, "width": None}
    errors = np.abs(task.estimate(logits).ravel() - true)
    held = float((errors <= calibration.quantile).mean()) if len(errors) else None
    return {"coverage": held, "width": 2 * calibration.quantile}


def _judge_sets(calibration: Calibration, logits: NDArray[np.float32], true: Target) -> dict[str, float | None]:
    found: dict[str, float | None] = {"temperature": calibration.temperature}
    if not len(true):
        return {**found, "ece_before": None, "ece_after": None, "coverage": None, "set_size": None}
    shares = softmax(calibration.logits(logits))
    found["ece_before"] = expected_calibration_error(softmax(logits), true)
    found["ece_after"] = expected_calibration_error(shares, true)
    found["coverage"] = found["set_size"] = None
    if calibration.quantile is not None:
        inside = calibration.members(shares)
        found["coverage"] = float(inside[np.arange(len(true)), true].mean())
        found["set_size"] = float(inside.sum(axis=1).mean())
    return found


def _items(task: FittedTask) -> str:
    """Return what the task's items are called."""
    return "graphs" if str(task.to_plain()["type"]).startswith("graph") else "nodes"


def _with_quantile(found: Calibration, scores: NDArray[np.float64], items: str) -> Calibration:
    quantile = conformal_quantile(scores, found.coverage)
    reason = ""
    if quantile is None:
        needed = math.ceil(round(found.coverage / (1 - found.coverage), 9))
        reason = (
            f"{len(scores)} labelled {items} are left for them, and {needed} are needed at {100 * found.coverage:g} %"
        )
    return Calibration(found.coverage, found.temperature, quantile, len(scores), reason)


def _sentence(plain: Mapping[str, Any], task: FittedTask) -> str:  # Any: JSON values
    noun = "ranges" if task.kind == "regression" else "sets of possible classes"
    asked = f"{100 * plain['asked']:g} %"
    if plain["quantile"] is None:
        return f"No {noun}: {plain['reason']}."
    if plain["coverage"] is None:
        return f"The {noun} are made for {asked}; no labelled test {_items(task)[:-1]} is there to judge them."
    held = f"{100 * plain['coverage']:.1f} % of the test {_items(task)} ({asked} asked for)"
    if task.kind == "regression":
        return f"The ranges are {plain['width']:.3g} wide and hold the true value for {held}."
    return (
        f"Confidence is off by {100 * plain['ece_after']:.1f} points on test, {100 * plain['ece_before']:.1f} before "
        f"it was fitted to valid; the sets name {plain['set_size']:.2f} classes on average and hold the true one for "
        f"{held}."
    )
