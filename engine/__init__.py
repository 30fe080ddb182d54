"""Kith's engine: tables to graphs, graphs to models, models to predictions. Knows nothing of windows.

Each name below is loaded when it is first used, so that importing the engine costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.jobs._base import execute
    from engine.jobs._library import (
        build,
        components,
        embed,
        export_run,
        load_run,
        open_project,
        predict,
        read_tables,
        run,
        suggest,
        suggest_data,
    )
    from engine.jobs.executors.process import ProcessExecutor
    from engine.jobs.spec import JobSpec
    from engine.project.bundle import Project

# Name of the façade to the module that holds it.
_PLACES = {
    "read_tables": "engine.jobs._library",
    "suggest_data": "engine.jobs._library",
    "build": "engine.jobs._library",
    "suggest": "engine.jobs._library",
    "run": "engine.jobs._library",
    "predict": "engine.jobs._library",
    "embed": "engine.jobs._library",
    "export_run": "engine.jobs._library",
    "components": "engine.jobs._library",
    "load_run": "engine.jobs._library",
    "open_project": "engine.jobs._library",
    "Project": "engine.project.bundle",
    "JobSpec": "engine.jobs.spec",
    "ProcessExecutor": "engine.jobs.executors.process",
    "execute": "engine.jobs._base",
}
__all__ = [
    "JobSpec",
    "ProcessExecutor",
    "Project",
    "build",
    "components",
    "embed",
    "execute",
    "export_run",
    "load_run",
    "open_project",
    "predict",
    "read_tables",
    "run",
    "suggest",
    "suggest_data",
]


def __getattr__(name: str) -> Any:  # Any: whatever the façade offers
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
