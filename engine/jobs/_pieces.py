"""What the trainings of a run share, and what each of them is about: one piece for each split and seed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import CorruptError
from engine.core.events import EventSink
from engine.data.dataset import Dataset
from engine.data.splits import Split
from engine.graph.batch import GraphBatch
from engine.learn.finetuning import Labels
from engine.project import checkpoint
from engine.project.parts import Parts
from engine.project.recipe import Recipe
from engine.project.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Material:
    """What every training of a run shares.

    Args: run: where it is written. recipe, parts: what to do. dataset: features made. batch: the same on the device.
        values: cells of the target, shape [I]. id_name: column of the ids.
        own_features: what the features-only floor may use, None without any.
    """

    run: RunFolder
    recipe: Recipe
    parts: Parts
    dataset: Dataset
    batch: GraphBatch
    values: NDArray[np.object_]
    id_name: str
    own_features: Any  # Any: numpy array, scipy CSR matrix (untyped) or None


@dataclass(frozen=True, slots=True)
class Piece:
    """One split and seed: its labels, its folder, and the folder of the pretraining that all splits of a seed share."""

    labels: Labels
    seed: int
    folder: Path
    pretrain_folder: Path
    floors_folder: Path

    @property
    def split(self) -> Split:
        """The masks."""
        return self.labels.split


def pieces(material: Material, sink: EventSink) -> Iterator[Piece]:
    """Yield one piece for each seed and split; floors belong to the first piece of each different split."""
    task, items = material.parts.task, material.dataset.data.items
    draft = task.draft(material.values)
    floors: dict[bytes, Path] = {}
    for number, seed in enumerate(material.recipe.runtime.seeds):
        # What is said about splitting once need not be said for every seed.
        listener = sink if number == 0 else _silent_about_data
        splits = material.parts.splitter.assign(items, draft, is_class=task.stratifies, seed=seed, sink=listener)
        for split in splits:
            fitted = task.fit(material.values, split, sink=listener)
            folder = material.run.part(split.name, seed)
            masks = np.concatenate([split.train, split.valid, split.test]).tobytes()
            yield Piece(
                Labels(fitted, fitted.encode(material.values), split),
                seed,
                folder,
                material.run.part(splits[0].name, seed) / "pretrain",
                floors.setdefault(masks, folder),
            )


def _silent_about_data(event: object) -> None:
    """Take an event that was told before."""


def read_manifest(folder: Path) -> dict[str, Any] | None:  # Any: JSON values
    """Return what is known of a stage, None when it has no result yet."""
    return checkpoint.read_manifest(folder) if checkpoint.exists(folder) else None


def is_finished(folder: Path) -> bool:
    """Whether a stage went to its end."""
    manifest = read_manifest(folder)
    return manifest is not None and manifest.get("status") == "finished"


def read_json(path: Path) -> dict[str, Any] | None:  # Any: JSON values
    """Return a stage's JSON file, None when it is not there.

    Raises: CorruptError: it is damaged.
    """
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))  # Any: JSON values
    except ValueError as error:
        raise CorruptError(f"{path} is damaged: {error}.", hint="Remove it and resume the run.") from error
    return found
