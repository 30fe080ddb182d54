"""What the models of several folds say of items that they did not see: one honest prediction for every item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.splits._base import Split
from engine.learn.tasks._base import FittedTask, Target
from engine.learn.verdict import shown

#: In front of the columns that hold these predictions.
PREFIX = "out_of_fold_"
_JOINED_BY = " | "


@dataclass(frozen=True, slots=True)
class Answer:
    """What one finished training says. Args: task: as it was fitted for its split. logits: of all items, [I, width]."""

    task: FittedTask
    split: Split
    logits: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Predictions by models that neither trained nor chose on the item.

    Args:
        task: decodes the logits.
        logits: shape [I, width]; zeros where no model can answer.
        count: how many models answer for each item, shape [I]; 0 where every one of them has seen it.
        judged: whether a fold judges the item, shape [I] bool.
        names: the folds that judge each item, empty where none does, shape [I].
    """

    task: FittedTask
    logits: NDArray[np.float32]
    count: NDArray[np.int64]
    judged: NDArray[np.bool_]
    names: NDArray[np.object_]

    def columns(self) -> dict[str, NDArray[Any]]:  # Any: text or numbers
        """Return what `task.decode` does, each name behind `out_of_fold_`, and `out_of_fold_split`.

        Cells of items that every model has seen are empty.
        """
        rows = np.flatnonzero(self.count)
        decoded = self.task.decode(self.logits[rows])
        found: dict[str, NDArray[Any]] = {}  # Any: text or numbers
        for name in decoded.columns:
            own = decoded[name].to_numpy()
            is_number = own.dtype.kind == "f"
            column = np.full(len(self.count), np.nan if is_number else None, dtype=np.float32 if is_number else object)
            column[rows] = own
            whose = f"predicted_{self.task.target_name}" if name == "predicted" else str(name)
            found[f"{PREFIX}{whose}"] = column
        found[f"{PREFIX}split"] = self.names
        return found

    def judge(self, target: Target) -> dict[str, Any]:  # Any: JSON values
        """Score all that some fold judges at once, unlike the mean over the folds.

        Args: target: as `task` encodes it.
        Returns: `{items, of, scores, sentence}`: how many items with a known target are judged, of how many.
        """
        known = self.task.known(target)
        rows = np.flatnonzero(self.judged & known)
        scores = self.task.scores(self.logits[rows], target[rows]) if len(rows) else {}
        metric = self.task.main_metric
        told = [f"Out of fold, {len(rows):,} of {int(known.sum()):,} are predicted by a model that did not see them."]
        if metric in scores:
            told.append(f"Over all of these at once {metric.replace('_', ' ')} is {shown(scores[metric], metric)}.")
        return {"items": len(rows), "of": int(known.sum()), "scores": scores, "sentence": " ".join(told)}


def out_of_fold(answers: Iterable[Answer], base: FittedTask) -> OutOfFold:
    """Put together what each model says of the items that it neither trained nor chose on.

    Several such models, of several seeds or for items without a known target, answer with the mean of their
    probabilities or values. Classes that `base` does not know are left out of those probabilities.

    Args: answers: one at least, asked for one after the other. base: fitted task that decodes the result: of classes
        the one that knows most of them.
    Source: cross-validatory predictions as Stone (1974), "Cross-validatory choice and assessment of statistical
        predictions", section 3.
    """
    total: NDArray[np.float64] | None = None
    count = judged = names = None
    for one in answers:
        estimate = _in_classes_of(base, one.task, one.task.estimate(one.logits))
        if total is None or count is None or judged is None or names is None:
            total, count = np.zeros_like(estimate), np.zeros(len(estimate), dtype=np.int64)
            judged, names = np.zeros(len(estimate), dtype=bool), np.full(len(estimate), "", dtype=object)
        unseen = ~(one.split.train | one.split.valid)
        total[unseen] += estimate[unseen]
        count += unseen
        judged |= one.split.test
        for row in np.flatnonzero(one.split.test):
            if one.split.name not in names[row].split(_JOINED_BY):
                names[row] = _JOINED_BY.join(filter(None, (names[row], one.split.name)))
    assert total is not None, "there is an answer"
    assert count is not None
    assert judged is not None
    assert names is not None
    rows = np.flatnonzero(count)
    logits = np.zeros((len(count), base.width), dtype=np.float32)
    if len(rows):
        divisor = count[rows] if total.ndim == 1 else count[rows, None]
        logits[rows] = base.to_logits(total[rows] / divisor)
    return OutOfFold(base, logits, count, judged, names)


def _in_classes_of(base: FittedTask, task: FittedTask, estimate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities in the order of the base's classes, 0 for one that the other does not know."""
    if task.class_names == base.class_names:
        return estimate
    place = {name: code for code, name in enumerate(task.class_names)}
    found = np.zeros((len(estimate), len(base.class_names)))
    for code, name in enumerate(base.class_names):
        if name in place:
            found[:, code] = estimate[:, place[name]]
    return found
