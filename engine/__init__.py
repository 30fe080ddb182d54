"""Kith's engine: read tables, build graphs, pretrain, fine-tune, predict, export. It never imports Qt.

The names below are the façade, loaded when first asked for: importing `engine` loads neither torch nor pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.jobs.executors.process import ProcessExecutor
    from engine.jobs.spec import JobSpec
    from engine.project.bundle import Project

_HOMES = {
    "JobSpec": "engine.jobs.spec",
    "ProcessExecutor": "engine.jobs.executors.process",
    "Project": "engine.project.bundle",
}

__all__ = ["JobSpec", "ProcessExecutor", "Project"]


def __getattr__(name: str) -> Any:  # Any: whatever the façade's name stands for
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
