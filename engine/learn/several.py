"""What tasks with several target columns share: cells of which many may be unknown, and means over columns."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.core.component import Config, option
from engine.core.errors import RoleError
from engine.data.splits._base import Split
from engine.learn.tasks._base import Task


class SeveralConfig(Config):
    """What every task with several targets says."""

    targets: tuple[str, ...] = option(..., "Columns that hold what is to be predicted.", column="target")


class SeveralTask(Task):
    """Base of the tasks with several target columns; an item counts as labelled where one of them is known."""

    Config: ClassVar[type[Config]] = SeveralConfig

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the target's columns."""
        return tuple(self.config.targets)

    @property
    def stratifies(self) -> bool:
        """No: there is no one class to keep the shares of."""
        return False

    def read(self, values: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return the target over all values, [I, T] float64, NaN for unknown. Args: values: cells [I, T]."""
        raise NotImplementedError

    def draft(self, values: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return 0 for an item of which some target is known, NaN for the others, shape [I]."""
        known = ~np.isnan(self.read(as_table(values))).all(axis=1)
        return np.where(known, 0.0, np.nan)


def as_table(values: NDArray[Any]) -> NDArray[Any]:
    """Return cells as a table [I, T], also those of a single column."""
    return values if values.ndim == 2 else values[:, None]


def check_train(target: NDArray[np.float64], columns: tuple[str, ...], split: Split, least: int) -> None:
    """Make sure that every target has enough to learn from.

    Args: target: [I, T], NaN for unknown. least: different values that the train part needs of each.
    Raises: RoleError: a column has fewer.
    """
    for place, name in enumerate(columns):
        train = target[split.train, place]
        if len(np.unique(train[~np.isnan(train)])) < least:
            raise RoleError(
                f'The train part of "{split.name}" holds fewer than {least} different values of "{name}".',
                hint="Leave the column out of task.targets, or choose another split.",
                column=name,
            )


def mean_of(values: list[float]) -> float:
    """Return the plain mean of what is defined; NaN where nothing is."""
    defined = [value for value in values if np.isfinite(value)]
    return float(np.mean(defined)) if defined else float("nan")
