"""List everything that can be picked, with its options, for the window and for the shell."""

from __future__ import annotations

import dataclasses
import logging
from importlib import metadata
from typing import Any

from engine.core.component import Config
from engine.data.chem.options import CleaningOptions, MoleculeOptions
from engine.data.options import ColumnOptions, DataOptions, TableOptions
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.learn.options import (
    AfterOptions,
    LabelOptions,
    NoiseOptions,
    OptimiserOptions,
    RuntimeOptions,
    ScheduleOptions,
    TrainingOptions,
    TransferOptions,
)
from engine.project.kinds import kinds, registry

_log = logging.getLogger(__name__)
_OPTIONS: dict[str, type[Config]] = {
    "training": TrainingOptions,
    "optimiser": OptimiserOptions,
    "schedule": ScheduleOptions,
    "transfer": TransferOptions,
    "noise": NoiseOptions,
    "labels": LabelOptions,
    "after": AfterOptions,
    "runtime": RuntimeOptions,
    "data": DataOptions,
    "table": TableOptions,
    "column": ColumnOptions,
    "molecules": MoleculeOptions,
    "cleaning": CleaningOptions,
}


class Catalogue(Job):
    """Every component with key, label, text and the JSON schema of its options, and the devices of this machine.

    Source: our own; the one place from which forms, lists and the components command are made.
    """

    key = "catalogue"
    label = "List the components"

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: no arguments; JSON values
        """Return `{version, kinds, broken, options, devices}`; a kind whose folder does not load is in `broken`."""
        found: dict[str, list[dict[str, Any]]] = {}  # Any: JSON values
        broken: dict[str, str] = {}
        for kind in kinds():
            try:
                components = registry(kind)
                found[kind] = [component.describe() for component in components]
                broken |= {f"{kind}.{key}": text for key, text in components.broken.items()}
            except Exception as error:  # noqa: BLE001 - the plug-in boundary: the rest of the list is still good
                _log.exception("The components of kind %s could not be loaded.", kind)
                found[kind] = []
                broken[kind] = f"{type(error).__name__}: {error}"
        return {
            "version": _version(),
            "kinds": found,
            "broken": broken,
            "options": {name: config.model_json_schema() for name, config in _OPTIONS.items()},
            "devices": _devices(),
        }


def _version() -> str:
    try:
        return metadata.version("kith")
    except metadata.PackageNotFoundError:
        return "0"


def _devices() -> list[dict[str, Any]]:  # Any: JSON values
    try:
        from engine.learn.runtime import list_devices
    except ImportError:
        _log.exception("The devices cannot be listed.")
        return []
    return [dataclasses.asdict(device) for device in list_devices()]
