"""The model that a run chose, rebuilt from its recipe and its weights; nothing in the folder is ever executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from engine.core.errors import CorruptError, MismatchError, ProjectError
from engine.core.events import EventSink, silent
from engine.core.fingerprint import of_plain
from engine.data.dataset import AnyData
from engine.data.known import known_names
from engine.data.schema import FeatureSchema
from engine.data.splits import Split
from engine.infer.calibration import Calibration
from engine.infer.fitted import Fitted
from engine.learn.finetuning import Labels
from engine.learn.options import RuntimeOptions
from engine.learn.pruning import Pruning
from engine.learn.runtime import apply_runtime, resolve_device
from engine.learn.tasks import TASKS
from engine.learn.tasks._base import FittedTask
from engine.nn.model import Model
from engine.project import checkpoint
from engine.project.opened import target_cells
from engine.project.parts import Parts, resolve, strategy_of
from engine.project.runs import RunFolder

_FOLDERS = {"scratch": "scratch", "pretrained": "finetune"}


def load_fitted(run: RunFolder, *, sink: EventSink = silent) -> Fitted:
    """Return the chosen model of a run, ready to predict.

    The run's device is used where it exists, otherwise the CPU: a model trained elsewhere can be used here.

    Raises: ProjectError: this is no run, or it has no trained model yet. CorruptError: a file is damaged or does not
        belong to the others.
    """
    recipe = run.recipe()
    metrics = run.metrics()
    chosen = metrics.get("chosen")
    if not chosen:
        raise ProjectError(
            f"The run {run.path.name} has no trained model yet.", hint="Resume it: run --resume.", run=str(run.path)
        )
    schema_plain = run.read_json("schema.json")
    task_plain = run.read_json("task.json")
    task = TASKS.get(str(task_plain.get("type"))).restore(task_plain)
    loading = _Loading(resolve(recipe), task, of_plain(schema_plain), _device(recipe.runtime, sink))
    together = metrics.get("ensemble") or {}
    members = together["members"] if together.get("used") else [chosen]
    asked = [chosen, *(other for other in members if other["seed"] != chosen["seed"])]
    folders = [run.part(chosen["split"], member["seed"]) / _FOLDERS[member["kind"]] for member in asked]
    models = [loading.model(folder) for folder in folders]
    averaged = {
        (row["split"], row["seed"], row["kind"])
        for row in metrics.get("runs", ())
        if (row.get("snapshots") or {}).get("used")
    }
    snapshots = tuple(
        tuple(loading.snapshots(folder)) if (chosen["split"], member["seed"], member["kind"]) in averaged else ()
        for member, folder in zip(asked, folders, strict=True)
    )
    calibration = None
    if (run.path / "calibration.json").is_file():
        calibration = Calibration.from_plain(run.read_json("calibration.json")["new"])
    rules = {(rule["split"], rule["seed"]): Pruning.from_plain(rule) for rule in metrics.get("pruning", ())}
    return Fitted(
        models[0],
        FeatureSchema.from_plain(schema_plain),
        task,
        loading.device,
        tuple(models[1:]),
        calibration,
        rules.get((chosen["split"], chosen["seed"]), Pruning()),
        len(task.class_names) if recipe.labels.reuse else 0,
        snapshots,
    )


def told_labels(run: RunFolder, fitted: Fitted, data: AnyData) -> Labels | None:
    """Return the labels that the chosen model of a run was told, None where it is told none.

    Args: data: the run's own.
    Raises: CorruptError: the stored predictions are not of these nodes.
    """
    if not fitted.told:
        return None
    stored = pd.read_parquet(run.path / "predictions.parquet")
    if not np.array_equal(stored.iloc[:, 0].to_numpy(object), np.asarray(data.items.ids, dtype=object)):
        raise CorruptError(
            f"The predictions of the run {run.path.name} are for other nodes than its data hold now.",
            hint="Repeat the run with the files as they are.",
        )
    masks = (stored["split"].to_numpy(object) == part for part in ("train", "valid", "test"))
    cells = target_cells(data.items, (fitted.task.target_name,))
    return Labels(fitted.task, fitted.task.encode(cells), Split("chosen", *masks))


@dataclass(frozen=True, slots=True)
class _Loading:
    """What all models of a run share. Args: schema: hash of the features that they were trained with."""

    parts: Parts
    task: FittedTask
    schema: str
    device: torch.device

    def model(self, folder: Path) -> Model:
        stored = checkpoint.load(folder)
        return self._filled(folder, stored.manifest, stored.tensors)

    def snapshots(self, folder: Path) -> list[Model]:
        """Return the epochs behind the best one, as models."""
        manifest = checkpoint.read_manifest(folder)
        return [self._filled(folder, manifest, state) for state in checkpoint.load_snapshots(folder)]

    def _filled(self, folder: Path, manifest: Mapping[str, Any], state: Mapping[str, torch.Tensor]) -> Model:
        # Any: JSON values
        if self.schema != manifest.get("schema"):
            raise CorruptError(
                f"The schema of the run is not the one that the weights in {folder} were trained with.",
                hint="Resume the run to write it again.",
            )
        widths = int(manifest["in_width"]), int(manifest.get("edge_width", 0))
        whole = self.parts.whole
        if whole is not None and of_plain(known_names(whole, widths[0])) != manifest.get("whole"):
            raise MismatchError(
                f"The run reads {whole} of whole graphs, and the program calculates others by now.",
                hint="Train the run anew.",
                path="readout.whole",
            )
        model = self.parts.new_model(widths[0], self.task, 0, edge_width=widths[1])
        strategy_of(manifest).extend(model)
        try:
            model.load_state_dict(dict(state))
        except RuntimeError as error:
            raise CorruptError(
                f"The weights in {folder} do not fit the recipe of the run.", hint="Resume or repeat the run."
            ) from error
        return model.to(self.device)


def _device(options: RuntimeOptions, sink: EventSink) -> torch.device:
    wanted = options if options.device in ("auto", "cpu") or torch.cuda.is_available() else RuntimeOptions()
    device = resolve_device(wanted, sink)
    apply_runtime(options, device)
    return device
