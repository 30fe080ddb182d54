"""Predict a class for every item, be it a node or a graph: two classes or more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.nn import functional

from engine.core.component import option
from engine.core.errors import RoleError
from engine.core.events import EventSink, Notice, silent
from engine.data.splits._base import Split
from engine.learn import metrics
from engine.learn.losses import generalised_cross_entropy
from engine.learn.tasks._base import FittedTask, Target, Task, TaskConfig

# Two classes count as unbalanced when the rarer one holds less than this share of the train items.
UNBALANCED = 0.4
_NAMES_SHOWN = 5
_LEAST_PROBABILITY = 1e-12


class ClassTask(Task):
    """Body of the tasks that predict a class for every item; see `node_class`."""

    class Config(TaskConfig):
        metric: Literal["auto", "accuracy", "roc_auc", "average_precision", "macro_f1", "balanced_accuracy"] = option(
            "auto", "Decides the best epoch and is what the run reports."
        )
        class_weights: Literal["none", "balanced"] = option(
            "none", "balanced: rare classes weigh as much in the loss as frequent ones.", advanced=True
        )

    def draft(self, values: NDArray[np.object_]) -> Target:
        """Code the target over all values, for stratifying a split."""
        texts = [_text(value) for value in values]
        names = natural_order({text for text in texts if text is not None})
        if not names:
            raise RoleError(
                f'The target column "{self.config.target}" has no values.', hint="Choose another target column."
            )
        return _codes(texts, names)

    def fit(self, values: NDArray[np.object_], split: Split, *, sink: EventSink = silent) -> FittedClasses:
        """Learn class names, their shares and the metric from the train items."""
        texts = [_text(value) for value in values]
        counts = Counter(text for text, train in zip(texts, split.train, strict=True) if train and text is not None)
        if len(counts) < 2:
            found = f'only the class "{next(iter(counts))}"' if counts else f"no labelled {self.level}"
            raise RoleError(
                f'The train part of "{split.name}" holds {found} of "{self.config.target}"; two classes are needed.',
                hint=f"Choose another split or target column, or label more {self.level}s.",
            )
        names = natural_order(counts)
        fitted = FittedClasses(
            key=self.key,
            target_name=self.config.target,
            class_names=tuple(names),
            train_counts=tuple(counts[name] for name in names),
            main_metric=self._metric(counts),
            weighted=self.config.class_weights == "balanced",
        )
        _report_foreign(texts, fitted, self.level, sink)
        return fitted

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> FittedClasses:  # Any: JSON values
        """Rebuild a fitted task from its plain state."""
        return FittedClasses(
            key=plain["type"],
            target_name=plain["target"],
            class_names=tuple(plain["class_names"]),
            train_counts=tuple(plain["train_counts"]),
            main_metric=plain["main_metric"],
            weighted=plain["weighted"],
        )

    def _metric(self, counts: Counter[str]) -> str:
        if self.config.metric != "auto":
            return str(self.config.metric)
        unbalanced = len(counts) == 2 and min(counts.values()) < UNBALANCED * sum(counts.values())
        return "roc_auc" if unbalanced else "accuracy"


class FittedClasses(FittedTask):
    """A task of classes that has seen its train items.

    Args: key: of the task. target_name: column. class_names: C names. train_counts: train items of each. main_metric:
        never "auto". weighted: whether the loss balances the classes.
    """

    def __init__(
        self,
        *,
        key: str,
        target_name: str,
        class_names: tuple[str, ...],
        train_counts: tuple[int, ...],
        main_metric: str,
        weighted: bool,
    ) -> None:
        self.key = key
        self.target_name = target_name
        self.class_names = class_names
        self.train_counts = train_counts
        self.main_metric = main_metric
        self.weighted = weighted
        self.maximise = True
        self.width = len(class_names)
        self.kind = "binary" if self.width == 2 else "multiclass"
        self._tolerance: float | None = None
        # Of two classes the rarer one is the one that is looked for.
        self.positive = int(np.argmin(train_counts)) if self.width == 2 else None

    def encode(self, values: NDArray[np.object_]) -> Target:
        """Code the cells; -1 for an empty cell and for a class that train does not have."""
        return _codes([_text(value) for value in values], self.class_names)

    def loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the mean loss, weighted by class where that was asked for: cross-entropy, or the tolerant one."""
        weight = None
        if self.weighted:
            total = sum(self.train_counts)
            balanced = [total / (self.width * count) for count in self.train_counts]
            weight = torch.tensor(balanced, dtype=logits.dtype, device=logits.device)
        if self._tolerance is not None:
            return generalised_cross_entropy(logits, target, self._tolerance, weight)
        return functional.cross_entropy(logits, target, weight=weight)

    def tolerant(self, q: float) -> FittedClasses:
        """Return the task with the generalised cross-entropy as its loss; scores and answers stay."""
        other = copy(self)
        other._tolerance = q
        return other

    def main_score(self, logits: torch.Tensor, target: torch.Tensor) -> float:
        """Return the main metric alone."""
        if self.main_metric == "accuracy":
            return float((logits.argmax(dim=1) == target).float().mean()) if len(target) else float("nan")
        return self._score(self.main_metric, logits.detach().cpu().numpy(), target.cpu().numpy())

    def scores(self, logits: NDArray[np.float32], target: Target) -> dict[str, float]:
        """Return accuracy, balanced accuracy, macro-F1, ROC-AUC and, for two classes, average precision."""
        known = self.known(target)
        names = ["accuracy", "balanced_accuracy", "macro_f1", "roc_auc"]
        if self.kind == "binary" or self.main_metric == "average_precision":
            names.append("average_precision")
        found = {name: self._score(name, logits[known], target[known]) for name in names}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def decode(self, logits: NDArray[np.float32]) -> pd.DataFrame:
        """Return `predicted`, `confidence` (its probability) and `p_<class>`."""
        shares = metrics.softmax(logits)
        best = shares.argmax(axis=1)
        columns: dict[str, Any] = {  # Any: text and numbers side by side
            "predicted": np.asarray(self.class_names, dtype=object)[best],
            "confidence": shares[np.arange(len(best)), best],
        }
        columns.update({f"p_{name}": shares[:, code] for code, name in enumerate(self.class_names)})
        return pd.DataFrame(columns)

    def report(self, logits: NDArray[np.float32], target: Target) -> dict[str, Any]:  # Any: JSON values
        """Return precision, recall, F1 and support of each class, their means, and the confusion matrix."""
        known = self.known(target)
        codes = target[known].astype(np.int64)
        counts = metrics.confusion(codes, logits[known].argmax(axis=1), self.width)
        rows = metrics.precision_recall_f1(counts)
        support = counts.sum(axis=1)
        total = int(support.sum())
        names = ("precision", "recall", "f1")
        means = {"macro": rows.mean(axis=0), "weighted": (rows * support[:, None]).sum(axis=0) / max(1, total)}
        return {
            "classes": [
                {"class": name, **dict(zip(names, row.tolist(), strict=True)), "support": int(count)}
                for name, row, count in zip(self.class_names, rows, support, strict=True)
            ],
            "means": {key: dict(zip(names, mean.tolist(), strict=True)) for key, mean in means.items()},
            "support": total,
            "confusion": {"labels": list(self.class_names), "matrix": counts.tolist()},
        }

    def estimate(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities, shape [n, C]."""
        return metrics.softmax(logits)

    def to_logits(self, estimate: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the logarithms of probabilities."""
        return np.asarray(np.log(np.maximum(estimate, _LEAST_PROBABILITY)), dtype=np.float32)

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the state as JSON values."""
        return {
            "type": self.key,
            "kind": self.kind,
            "target": self.target_name,
            "class_names": list(self.class_names),
            "train_counts": list(self.train_counts),
            "main_metric": self.main_metric,
            "weighted": self.weighted,
        }

    def _score(self, name: str, logits: NDArray[np.float32], target: NDArray[np.int64]) -> float:
        if not len(target):
            return float("nan")
        if name == "roc_auc":
            return metrics.mean_roc_auc(metrics.softmax(logits), target)
        if name == "average_precision":
            return self._average_precision(metrics.softmax(logits), target)
        counts = metrics.confusion(target, logits.argmax(axis=1), self.width)
        by_counts = {
            "accuracy": metrics.accuracy,
            "macro_f1": metrics.macro_f1,
            "balanced_accuracy": metrics.balanced_accuracy,
        }
        return by_counts[name](counts)

    def _average_precision(self, shares: NDArray[np.float64], target: NDArray[np.int64]) -> float:
        """Of the rarer of two classes; of more, the mean over those that occur."""
        if self.positive is not None:
            return metrics.average_precision(shares, target, self.positive)
        each = [metrics.average_precision(shares, target, code) for code in np.unique(target)]
        return float(np.mean(each))


def natural_order(names: Iterable[str]) -> list[str]:
    """Sort by value where every name is a finite number, otherwise as text."""
    try:
        values = {name: float(name) for name in names}
    except ValueError:
        return sorted(names)
    if not all(math.isfinite(value) for value in values.values()):
        return sorted(values)
    return sorted(values, key=lambda name: (values[name], name))


def _text(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _codes(texts: list[str | None], names: Iterable[str]) -> NDArray[np.int64]:
    place: dict[str | None, int] = {name: code for code, name in enumerate(names)}
    return np.fromiter((place.get(text, -1) for text in texts), dtype=np.int64, count=len(texts))


def _report_foreign(texts: list[str | None], fitted: FittedClasses, level: str, sink: EventSink) -> None:
    own = set(fitted.class_names)
    foreign = Counter(text for text in texts if text is not None and text not in own)
    if not foreign:
        return
    names = natural_order(foreign)
    shown = ", ".join(f'"{name}"' for name in names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
    items = sum(foreign.values())
    sink(
        Notice(
            "warning",
            "task.class_outside_train",
            f'{len(names)} classes of "{fitted.target_name}" do not occur in train, so they cannot be predicted and '
            f"their {items} {level}s are not scored: {shown}.",
            {"classes": names, "items": items, "target": fitted.target_name},
        )
    )
