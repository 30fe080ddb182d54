"""What can be predicted: one task a file, and the way back from a saved task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.registry import Registry
from engine.learn.tasks._base import FittedTask, Task

TASKS: Registry[Task] = Registry("task", __name__, Task)


def fitted_from_plain(plain: Mapping[str, Any]) -> FittedTask:  # Any: JSON values
    """Rebuild a fitted task from `FittedTask.to_plain`.

    Raises: UnknownComponentError: this program has no task of that type.
    """
    return TASKS.get(str(plain["type"]), "task").restore(plain)
