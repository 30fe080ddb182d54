"""Predict a number for every item, be it a node or a graph."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
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
from engine.data.values import is_missing, is_number, to_numbers
from engine.learn import metrics
from engine.learn.metrics import LOWER_IS_BETTER
from engine.learn.tasks._base import FittedTask, Target, Task, TaskConfig

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)


class ValueTask(Task):
    """Body of the tasks that predict a number for every item; see `node_value`."""

    is_class = False

    class Config(TaskConfig):
        metric: Literal["auto", "rmse", "mae", "r2"] = option(
            "auto", "Decides the best epoch and is what the run reports; auto is RMSE."
        )

    def draft(self, values: NDArray[np.object_]) -> Target:
        """Read the numbers."""
        numbers = to_numbers(values, decimal_mark(values))
        if np.isnan(numbers).all():
            raise RoleError(
                f'The target column "{self.config.target}" holds no numbers.',
                hint=f'Choose another target column, or task.type = "{self.level}_class" for words.',
            )
        return numbers

    def fit(self, values: NDArray[np.object_], split: Split, *, sink: EventSink = silent) -> FittedValue:
        """Learn mean and standard deviation from the train items."""
        numbers = self.draft(values)
        train = numbers[split.train & ~np.isnan(numbers)]
        if len(train) < 2:
            raise RoleError(
                f'The train part of "{split.name}" holds {len(train)} numbers of "{self.config.target}"; '
                "two are needed.",
                hint=f"Choose another split or target column, or label more {self.level}s.",
            )
        unread = sum(1 for v, n in zip(values, numbers, strict=True) if math.isnan(n) and not is_missing(v))
        if unread:
            sink(
                Notice(
                    "warning",
                    "task.not_a_number",
                    f'{unread} cells of "{self.config.target}" are not numbers; their {self.level}s count as '
                    "unlabelled.",
                    {"cells": unread, "target": self.config.target},
                )
            )
        return FittedValue(
            key=self.key,
            target_name=self.config.target,
            mean=float(train.mean()),
            # A target that does not vary keeps its unit: every prediction is then the mean plus what is learnt.
            scale=float(train.std()) or 1.0,
            main_metric="rmse" if self.config.metric == "auto" else self.config.metric,
            decimal=decimal_mark(values),
        )

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> FittedValue:  # Any: JSON values
        """Rebuild a fitted task from its plain state."""
        return FittedValue(
            key=plain["type"],
            target_name=plain["target"],
            mean=plain["mean"],
            scale=plain["scale"],
            main_metric=plain["main_metric"],
            decimal=plain["decimal"],
        )


class FittedValue(FittedTask):
    """A task of numbers that has seen its train items.

    Args: key: of the task. target_name: column. mean, scale: of the train items, in the target's unit. main_metric:
        never "auto". decimal: decimal mark of the column.
    """

    def __init__(
        self,
        *,
        key: str,
        target_name: str,
        mean: float,
        scale: float,
        main_metric: str,
        decimal: Literal[".", ","] = ".",
    ) -> None:
        self.key = key
        self.target_name = target_name
        self.mean = mean
        self.scale = scale
        self.main_metric = main_metric
        self.decimal = decimal
        self.maximise = main_metric not in LOWER_IS_BETTER
        self.kind = "regression"
        self.width = 1
        self.class_names = ()

    def encode(self, values: NDArray[np.object_]) -> Target:
        """Read the numbers, NaN for what is none."""
        return np.asarray(to_numbers(values, self.decimal))

    def loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the mean squared error in units of the train items' standard deviation."""
        return functional.mse_loss(logits[:, 0], (target - self.mean) / self.scale)

    def main_score(self, logits: torch.Tensor, target: torch.Tensor) -> float:
        """Return the main metric alone."""
        return self._score(self.main_metric, logits.detach().cpu().numpy(), target.cpu().numpy())

    def scores(self, logits: NDArray[np.float32], target: Target) -> dict[str, float]:
        """Return RMSE, MAE and R²."""
        known = self.known(target)
        found = {name: self._score(name, logits[known], target[known]) for name in ("rmse", "mae", "r2")}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def decode(self, logits: NDArray[np.float32]) -> pd.DataFrame:
        """Return `predicted` in the target's unit."""
        return pd.DataFrame({"predicted": self._values(logits)})

    def report(self, logits: NDArray[np.float32], target: Target) -> dict[str, Any]:  # Any: JSON values
        """Return the scores, the mean error (predicted less true) and quantiles of the absolute error."""
        known = self.known(target)
        errors = self._values(logits[known]) - target[known]
        plain: dict[str, Any] = {"support": len(errors), **self.scores(logits, target)}  # Any: JSON values
        if len(errors):
            plain["mean_error"] = float(errors.mean())
            plain["absolute_error"] = {str(q): float(np.quantile(np.abs(errors), q)) for q in (0.5, 0.9, 1.0)}
        return plain

    def estimate(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return values in the target's unit, shape [n]."""
        return self._values(logits)

    def to_logits(self, estimate: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return values on the scale the model works on."""
        return ((estimate - self.mean) / self.scale).astype(np.float32).reshape(-1, 1)

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the state as JSON values."""
        return {
            "type": self.key,
            "kind": self.kind,
            "target": self.target_name,
            "mean": self.mean,
            "scale": self.scale,
            "main_metric": self.main_metric,
            "decimal": self.decimal,
        }

    def _values(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(logits[:, 0].astype(np.float64) * self.scale + self.mean)

    def _score(self, name: str, logits: NDArray[np.float32], target: NDArray[np.floating]) -> float:
        score = {"rmse": metrics.rmse, "mae": metrics.mae, "r2": metrics.r2}[name]
        return score(self._values(logits), target.astype(np.float64))


def decimal_mark(values: NDArray[np.object_]) -> Literal[".", ","]:
    """Say how a column writes decimals: a comma when only that makes numbers of its cells.

    A column whose cells could all be thousands (1,234) keeps the point.
    """
    cells = [value.strip() for value in values if isinstance(value, str)]
    commas = [cell for cell in cells if "," in cell and is_number(cell, ",")]
    points = [cell for cell in cells if "." in cell and is_number(cell)]
    return "," if commas and not points and not all(map(_THOUSANDS.fullmatch, commas)) else "."
