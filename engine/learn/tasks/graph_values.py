"""Predict several numbers of every graph at once."""

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
from engine.data.values import to_numbers
from engine.learn import metrics
from engine.learn.metrics import LOWER_IS_BETTER
from engine.learn.several import SeveralConfig, SeveralTask, as_table, check_train, mean_of
from engine.learn.tasks._base import FittedTask, Target
from engine.learn.value_task import decimal_mark

_SCORES = {"rmse": metrics.rmse, "mae": metrics.mae, "r2": metrics.r2}


class GraphValues(SeveralTask):
    """Predict several columns of numbers for every graph of a collection.

    The model works on each column less the mean of its train items, over their standard deviation. Cells that are
    empty or no numbers are left out of loss and scores, column by column. Predictions and the report of each column
    are in its own unit; RMSE and MAE of all of them are the plain mean over the columns in units of that standard
    deviation, so that no column counts for more because of its unit.

    Source: mean squared error is the likelihood of a normal distribution with one variance (Bishop 2006, 3.1.1), here
    one for each column.
    """

    key = "graph_values"
    label = "Several numbers of each graph"
    level = "graph"
    is_class = False

    class Config(SeveralConfig):
        metric: Literal["auto", "rmse", "mae", "r2"] = option(
            "auto", "Decides the best epoch and is what the run reports, as a mean over the columns; auto is RMSE."
        )

    def read(self, values: NDArray[np.object_]) -> NDArray[np.float64]:
        """Read the numbers of each column.

        Raises: RoleError: a column holds none.
        """
        found = np.stack([to_numbers(column, decimal_mark(column)) for column in values.T], axis=1)
        for name, empty in zip(self.columns, np.isnan(found).all(axis=0), strict=True):
            if empty:
                raise RoleError(
                    f'The target column "{name}" holds no numbers.', hint="Leave it out of task.targets.", column=name
                )
        return found

    def fit(self, values: NDArray[np.object_], split: Split, *, sink: EventSink = silent) -> FittedValues:
        """Learn mean and standard deviation of each column from the train items."""
        table = as_table(values)
        target = self.read(table)
        check_train(target, self.columns, split, 1)
        train = target[split.train]
        scale = np.nanstd(train, axis=0)
        return FittedValues(
            self.columns,
            tuple(np.nanmean(train, axis=0).tolist()),
            tuple(np.where(scale > 0, scale, 1.0).tolist()),
            tuple(decimal_mark(column) for column in table.T),
            "rmse" if self.config.metric == "auto" else str(self.config.metric),
        )

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> FittedValues:  # Any: JSON values
        """Rebuild a fitted task from its plain state."""
        numbers = (tuple(plain["means"]), tuple(plain["scales"]))
        return FittedValues(tuple(plain["targets"]), *numbers, tuple(plain["decimals"]), plain["main_metric"])


class FittedValues(FittedTask):
    """A task of several numbers that has seen its train items.

    Args: targets: names of the columns. means, scales: of the train items, each in its own unit. decimals: decimal
        mark of each column. main_metric: never "auto".
    """

    def __init__(
        self,
        targets: tuple[str, ...],
        means: tuple[float, ...],
        scales: tuple[float, ...],
        decimals: tuple[Literal[".", ","], ...],
        main_metric: str,
    ) -> None:
        self.key = GraphValues.key
        self.targets = targets
        self.means, self.scales = np.asarray(means), np.asarray(scales)
        self.decimals = decimals
        self.main_metric = main_metric
        self.target_name = targets[0] if len(targets) == 1 else f"{len(targets)} columns"
        self.kind = "regression"
        self.maximise = main_metric not in LOWER_IS_BETTER
        self.width = len(targets)
        self.class_names = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the target's columns."""
        return self.targets

    def alone(self, column: str) -> FittedValues:
        """Return the task of one column, of width 1."""
        place = self.targets.index(column)
        moments = (float(self.means[place]),), (float(self.scales[place]),)
        return FittedValues((column,), *moments, (self.decimals[place],), self.main_metric)

    def encode(self, values: NDArray[np.object_]) -> Target:
        """Read the numbers, shape [I, T], NaN for what is none."""
        columns = zip(as_table(values).T, self.decimals, strict=True)
        return np.stack([to_numbers(column, mark) for column, mark in columns], axis=1)

    def loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the mean squared error over what is known, in units of the standard deviations."""
        known = ~torch.isnan(target)
        means, scales = (torch.as_tensor(one, dtype=target.dtype, device=target.device) for one in self._moments())
        return functional.mse_loss(logits[known], ((target - means) / scales)[known])

    def main_score(self, logits: torch.Tensor, target: torch.Tensor) -> float:
        """Return the main metric alone."""
        return self._mean(self.main_metric, logits.detach().cpu().numpy(), target.cpu().numpy())

    def scores(self, logits: NDArray[np.float32], target: Target) -> dict[str, float]:
        """Return RMSE, MAE and R² as means over the columns; errors in units of the standard deviations."""
        found = {name: self._mean(name, logits, target) for name in _SCORES}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def decode(self, logits: NDArray[np.float32]) -> pd.DataFrame:
        """Return `predicted_<column>` in the column's own unit."""
        values = self.estimate(logits)
        return pd.DataFrame({f"predicted_{name}": values[:, place] for place, name in enumerate(self.targets)})

    def report(self, logits: NDArray[np.float32], target: Target) -> dict[str, Any]:  # Any: JSON values
        """Return every score of each column in its own unit, and the number of known cells."""
        values = self.estimate(logits)
        rows = []
        for place, name in enumerate(self.targets):
            known = ~np.isnan(target[:, place])
            scores = {key: score(values[known, place], target[known, place]) for key, score in _SCORES.items()}
            found = {key: value if math.isfinite(value) else None for key, value in scores.items()}
            rows.append({"target": name, **found, "support": int(known.sum())})
        return {"support": int(self.known(target).sum()), "targets": rows}

    def estimate(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return values in the columns' own units, shape [n, T]."""
        return np.asarray(logits.astype(np.float64) * self.scales + self.means)

    def to_logits(self, estimate: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return values on the scale that the model works on, shape [n, T]."""
        return np.asarray((estimate - self.means) / self.scales, dtype=np.float32)

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the state as JSON values."""
        return {
            "type": self.key,
            "kind": self.kind,
            "targets": list(self.targets),
            "means": self.means.tolist(),
            "scales": self.scales.tolist(),
            "decimals": list(self.decimals),
            "main_metric": self.main_metric,
        }

    def _moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.means, self.scales

    def _mean(self, name: str, logits: NDArray[np.float32], target: Target) -> float:
        scaled = (target - self.means) / self.scales
        each = []
        for place in range(self.width):
            known = ~np.isnan(scaled[:, place])
            each.append(_SCORES[name](logits[known, place].astype(np.float64), scaled[known, place].astype(np.float64)))
        return mean_of(each)
