"""The model that a run chose, rebuilt from its recipe and its weights; nothing in the folder is ever executed."""

from __future__ import annotations

import torch

from engine.core.errors import CorruptError, ProjectError
from engine.core.events import EventSink, silent
from engine.core.fingerprint import of_plain
from engine.data.schema import FeatureSchema
from engine.infer.fitted import Fitted
from engine.learn.options import RuntimeOptions
from engine.learn.runtime import apply_runtime, resolve_device
from engine.learn.tasks import TASKS
from engine.nn.model import Model
from engine.project import checkpoint
from engine.project.parts import resolve
from engine.project.runs import RunFolder

_FOLDERS = {"scratch": "scratch", "pretrained": "finetune"}


def load_fitted(run: RunFolder, *, sink: EventSink = silent) -> Fitted:
    """Return the chosen model of a run, ready to predict.

    The run's device is used where it exists, otherwise the CPU: a model trained elsewhere can be used here.

    Raises: ProjectError: this is no run, or it has no trained model yet. CorruptError: a file is damaged or does not
        belong to the others.
    """
    recipe = run.recipe()
    chosen = run.metrics().get("chosen")
    if not chosen:
        raise ProjectError(
            f"The run {run.path.name} has no trained model yet.", hint="Resume it: run --resume.", run=str(run.path)
        )
    folder = run.part(chosen["split"], chosen["seed"]) / _FOLDERS[chosen["kind"]]
    stored = checkpoint.load(folder)
    schema_plain = run.read_json("schema.json")
    if of_plain(schema_plain) != stored.manifest.get("schema"):
        raise CorruptError(
            f"The schema of {run.path.name} is not the one its weights were trained with.",
            hint="Resume the run to write it again.",
        )
    task_plain = run.read_json("task.json")
    task = TASKS.get(str(task_plain.get("type"))).restore(task_plain)
    parts = resolve(recipe)
    model = Model(parts.new_encoder(int(stored.manifest["in_width"]), 0), task.width)
    try:
        model.load_state_dict(dict(stored.tensors))
    except RuntimeError as error:
        raise CorruptError(
            f"The weights in {folder} do not fit the recipe of the run.", hint="Resume or repeat the run."
        ) from error
    device = _device(recipe.runtime, sink)
    return Fitted(model.to(device), FeatureSchema.from_plain(schema_plain), task, device)


def _device(options: RuntimeOptions, sink: EventSink) -> torch.device:
    wanted = options if options.device in ("auto", "cpu") or torch.cuda.is_available() else RuntimeOptions()
    device = resolve_device(wanted, sink)
    apply_runtime(options, device)
    return device
