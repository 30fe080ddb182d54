"""Every kind of component and where its registry lies; nothing is loaded until it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

from engine.core.component import Component
from engine.core.registry import Registry

_PLACES = {
    "encoder": ("engine.nn.encoders", "ENCODERS"),
    "readout": ("engine.nn.readouts", "READOUTS"),
    "objective": ("engine.learn.objectives", "OBJECTIVES"),
    "loader": ("engine.learn.loaders", "LOADERS"),
    "augmentation": ("engine.learn.augmentations", "AUGMENTATIONS"),
    "strategy": ("engine.learn.strategies", "STRATEGIES"),
    "term": ("engine.learn.terms", "TERMS"),
    "split": ("engine.data.splits", "SPLITTERS"),
    "task": ("engine.learn.tasks", "TASKS"),
    "baseline": ("engine.learn.baselines", "BASELINES"),
    "importer": ("engine.data.importers", "IMPORTERS"),
    "exporter": ("engine.export", "EXPORTERS"),
    "layout": ("engine.layout.graphs", "LAYOUTS"),
    "explainer": ("engine.infer.explainers", "EXPLAINERS"),
    "statistic": ("engine.analysis.statistics", "STATISTICS"),
    "projection": ("engine.layout.projections", "PROJECTIONS"),
}


def kinds() -> list[str]:
    """Return the names of all kinds."""
    return list(_PLACES)


def registry(kind: str) -> Registry[Any]:  # Any: each kind has its own base class
    """Return the registry of one kind; its folder is loaded now."""
    package, name = _PLACES[kind]
    found: Registry[Any] = getattr(importlib.import_module(package), name)
    return found


def component(kind: str, key: str, where: str = "") -> type[Component]:
    """Return a component by kind and key.

    Raises: UnknownComponentError: there is none; `where` is in the message.
    """
    found: type[Component] = registry(kind).get(key, where)
    return found
