"""Predict several yes-or-no columns of every graph at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.nn import functional

from engine.core.component import option
from engine.core.errors import RoleError
from engine.core.events import EventSink, silent
from engine.data.splits._base import Split
from engine.data.values import FALSE_WORDS, TRUE_WORDS, is_missing
from engine.learn import metrics
from engine.learn.class_task import natural_order
from engine.learn.several import SeveralConfig, SeveralTask, as_table, check_train, mean_of
from engine.learn.tasks._base import FittedTask, Target

_LEAST_PROBABILITY = 1e-6


class GraphLabels(SeveralTask):
    """Predict several columns of two classes each for every graph of a collection.

    Cells that are empty are left out of loss and scores, column by column. Of the two classes of a column the one that
    says yes (or comes last in natural order, as 1 after 0) is the one that is looked for. The main metric is the plain
    mean over the columns of their ROC-AUC; columns of which valid or test hold one class alone are left out of it.

    Source: multi-task networks with missing labels masked, as Ramsundar et al. (2015), "Massively multitask networks
    for drug discovery"; the mean of the ROC-AUC as in Wu et al. (2018), "MoleculeNet".
    """

    key = "graph_labels"
    label = "Several classes of each graph"
    level = "graph"

    class Config(SeveralConfig):
        metric: Literal["auto", "roc_auc", "average_precision"] = option(
            "auto", "Decides the best epoch and is what the run reports, as a mean over the columns; auto is ROC-AUC."
        )

    def read(self, values: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return 1 for yes, 0 for no and NaN for unknown, by the classes of all values."""
        return _coded(values, self._classes(values))

    def fit(self, values: NDArray[np.object_], split: Split, *, sink: EventSink = silent) -> FittedLabels:
        """Learn the two classes of each column."""
        table = as_table(values)
        classes = self._classes(table)
        target = _coded(table, classes)
        check_train(target, self.columns, split, 2)
        metric = "roc_auc" if self.config.metric == "auto" else str(self.config.metric)
        return FittedLabels(self.columns, tuple(classes), metric)

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> FittedLabels:  # Any: JSON values
        """Rebuild a fitted task from its plain state."""
        return FittedLabels(
            tuple(plain["targets"]), tuple((no, yes) for no, yes in plain["classes"]), plain["main_metric"]
        )

    def _classes(self, values: NDArray[np.object_]) -> list[tuple[str, str]]:
        found = []
        for place, name in enumerate(self.columns):
            words = {str(cell).strip() for cell in values[:, place] if not is_missing(cell)}
            if len(words) != 2:
                raise RoleError(
                    f'The column "{name}" holds {len(words)} different values; two are needed to predict it with '
                    "others.",
                    hint="Leave it out of task.targets, or predict it alone.",
                    column=name,
                )
            no, yes = natural_order(words)
            is_turned = no.lower() in TRUE_WORDS and yes.lower() in FALSE_WORDS
            found.append((yes, no) if is_turned else (no, yes))
        return found


def _coded(values: NDArray[np.object_], classes: list[tuple[str, str]]) -> NDArray[np.float64]:
    found = np.full(values.shape, np.nan)
    for place, (no, yes) in enumerate(classes):
        codes, texts = pd.factorize(values[:, place], use_na_sentinel=True)
        table = np.full(len(texts) + 1, np.nan)
        for code, text in enumerate(texts):
            table[code] = {no: 0.0, yes: 1.0}.get(str(text).strip(), np.nan)
        found[:, place] = table[codes]
    return found


class FittedLabels(FittedTask):
    """A task of several yes-or-no columns.

    Args: targets: names of the columns. classes: no and yes of each. main_metric: never "auto".
    """

    def __init__(self, targets: tuple[str, ...], classes: tuple[tuple[str, str], ...], main_metric: str) -> None:
        self.key = GraphLabels.key
        self.targets = targets
        self.classes = classes
        self.main_metric = main_metric
        self.target_name = targets[0] if len(targets) == 1 else f"{len(targets)} columns"
        self.kind = "multilabel"
        self.maximise = True
        self.width = len(targets)
        self.class_names = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the target's columns."""
        return self.targets

    def alone(self, column: str) -> FittedLabels:
        """Return the task of one column, of width 1."""
        return FittedLabels((column,), (self.classes[self.targets.index(column)],), self.main_metric)

    def encode(self, values: NDArray[np.object_]) -> Target:
        """Code the cells, shape [I, T]: 1, 0, NaN for an empty cell and for a word that was not there before."""
        return _coded(as_table(values), list(self.classes))

    def loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the mean binary cross-entropy over what is known."""
        known = ~torch.isnan(target)
        return functional.binary_cross_entropy_with_logits(logits[known], target[known])

    def main_score(self, logits: torch.Tensor, target: torch.Tensor) -> float:
        """Return the main metric alone."""
        return self._mean(self.main_metric, logits.detach().cpu().numpy(), target.cpu().numpy())

    def scores(self, logits: NDArray[np.float32], target: Target) -> dict[str, float]:
        """Return ROC-AUC and average precision, each the mean over the columns where it is defined."""
        found = {name: self._mean(name, logits, target) for name in ("roc_auc", "average_precision")}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def decode(self, logits: NDArray[np.float32]) -> pd.DataFrame:
        """Return `predicted_<column>` and `p_<column>`, the probability of yes, for each column."""
        shares = self.estimate(logits)
        columns: dict[str, Any] = {}  # Any: text and numbers side by side
        for place, (name, words) in enumerate(zip(self.targets, self.classes, strict=True)):
            is_yes = (shares[:, place] >= 0.5).astype(np.int64)
            columns[f"predicted_{name}"] = np.asarray(words, dtype=object)[is_yes]
            columns[f"p_{name}"] = shares[:, place]
        return pd.DataFrame(columns)

    def report(self, logits: NDArray[np.float32], target: Target) -> dict[str, Any]:  # Any: JSON values
        """Return both metrics, the number of known cells and the share of yes for each column."""
        rows = []
        for place, name in enumerate(self.targets):
            known = ~np.isnan(target[:, place])
            scores = {metric: self._one(metric, logits, target, place) for metric in ("roc_auc", "average_precision")}
            rows.append(
                {
                    "target": name,
                    **{metric: value if math.isfinite(value) else None for metric, value in scores.items()},
                    "support": int(known.sum()),
                    "yes": float(target[known, place].mean()) if known.any() else None,
                }
            )
        return {"support": int(self.known(target).sum()), "targets": rows}

    def estimate(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of yes, shape [n, T]."""
        return np.asarray(1.0 / (1.0 + np.exp(-logits.astype(np.float64))))

    def to_logits(self, estimate: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the log-odds of probabilities of yes, shape [n, T]."""
        kept = np.clip(estimate, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
        return np.asarray(np.log(kept / (1 - kept)), dtype=np.float32)

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the state as JSON values."""
        return {
            "type": self.key,
            "kind": self.kind,
            "targets": list(self.targets),
            "classes": [list(words) for words in self.classes],
            "main_metric": self.main_metric,
        }

    def _mean(self, name: str, logits: NDArray[np.float32], target: Target) -> float:
        return mean_of([self._one(name, logits, target, place) for place in range(self.width)])

    def _one(self, name: str, logits: NDArray[np.float32], target: Target, place: int) -> float:
        known = ~np.isnan(target[:, place])
        truth = target[known, place].astype(np.int64)
        if not len(truth) or truth.min() == truth.max():
            return math.nan
        score = logits[known, place].astype(np.float64)
        if name == "roc_auc":
            return metrics.roc_auc(score, truth == 1)
        return metrics.average_precision(np.stack([-score, score], axis=1), truth, 1)
