"""Scores of one part of a split; the test part is looked at here and nowhere else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.splits._base import Split
from engine.learn.tasks._base import FittedTask, Target


def evaluate_valid(task: FittedTask, logits: NDArray[np.float32], target: Target, split: Split) -> dict[str, float]:
    """Return every metric on the valid part; empty when the part has no known target.

    Args: task: fitted. logits: shape [N, width] of all nodes. target: shape [N] as the task encodes it. split: masks.
    """
    return _scores(task, logits, target, split.valid)


def evaluate_test(task: FittedTask, logits: NDArray[np.float32], target: Target, split: Split) -> dict[str, float]:
    """Return every metric on the test part: once for each finished model, after everything is chosen.

    Args: as `evaluate_valid`.
    """
    return _scores(task, logits, target, split.test)


def _scores(task: FittedTask, logits: NDArray[np.float32], target: Target, part: NDArray[np.bool_]) -> dict[str, float]:
    items = part & task.known(target)
    return task.scores(logits[items], target[items]) if items.any() else {}
