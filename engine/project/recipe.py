"""The recipe: everything that decides a run's numbers, as one frozen value."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict

from engine.core.component import Config, option, parse_config
from engine.core.errors import MismatchError, OptionError
from engine.core.fingerprint import of_plain
from engine.data.options import DataOptions
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

# Left out of the fingerprint while they are at their defaults, so that recipes from before them keep theirs.
_ADDED_LATER = ("transfer", "loader", "beside", "noise", "labels", "after", "readout", "unlabelled")


class Part(Config):
    """A component by key with its options, `{type = "key", …}`; the component itself checks the options."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)
    type: str = option(..., "Key of the component.")

    def options(self) -> dict[str, Any]:  # Any: the component's Config decides
        """Return the component's own options, without `type` and without what this class names itself."""
        return dict(self.model_extra or {})


class StagePart(Part):
    """A training stage: the component's options beside those of the loop."""

    training: TrainingOptions = option(TrainingOptions(), "How long the stage trains.")
    optimiser: OptimiserOptions = option(OptimiserOptions(), "How weights follow the gradient.")
    schedule: ScheduleOptions = option(ScheduleOptions(), "How the learning rate changes.")


class Recipe(Config):
    """Everything that decides a run's numbers; written as TOML by `engine.project.codec`."""

    version: Literal[1] = option(1, "Schema version of this file.")
    data: DataOptions = option(..., "Files, columns and features.")
    split: Part = option(..., "Which items are train, valid and test.")
    task: Part = option(..., "What is predicted, and how it is scored.")
    encoder: Part = option(..., "Graph to node vectors.")
    readout: Part | None = option(None, "Vectors of a graph's nodes to one of the graph; only for whole graphs.")
    pretrain: StagePart | None = option(None, "Objective on the unlabelled graph; absent trains from scratch.")
    unlabelled: DataOptions | None = option(
        None, "Other graphs with the same columns, which pretraining sees instead; absent pretrains on the data itself."
    )
    transfer: TransferOptions | None = option(None, "Encoder of another graph; absent pretrains on this one.")
    finetune: StagePart = option(..., "Strategy on the labelled items.")
    loader: Part = option(Part(type="full"), "How much of the graph one training step sees.")
    beside: Part | None = option(None, "Loss beside that of the labels; absent leaves it out.")
    noise: NoiseOptions = option(NoiseOptions(), "Against wrong edges and wrong labels.")
    labels: LabelOptions = option(LabelOptions(), "Labels as columns beside the features.")
    after: AfterOptions = option(AfterOptions(), "Between training and predicting.")
    runtime: RuntimeOptions = option(RuntimeOptions(), "Device, seeds, threads.")

    def fingerprint(self) -> str:
        """Return the content hash that manifests and checkpoints carry."""
        plain = {**self.model_dump(mode="json"), "data": self.data.to_hash()}
        changed = self.model_dump(mode="json", exclude_defaults=True)
        # Came to their tables later.
        if self.after.snapshots == 1:
            del plain["after"]["snapshots"]
        for stage in (plain["pretrain"], plain["finetune"]):
            if stage is not None and stage["training"]["best_by"] == "metric":
                del stage["training"]["best_by"]
        return of_plain({name: value for name, value in plain.items() if name not in _ADDED_LATER or name in changed})

    def based_on(self, folder: Path) -> Recipe:
        """Return a copy whose relative file paths start at `folder` and are absolute."""
        return self._with_places(lambda path: os.path.abspath(folder / path))  # noqa: PTH100 - resolve() follows links

    def relative_to(self, folder: Path) -> Recipe:
        """Return a copy whose absolute file paths are as seen from `folder`, where a path leads there."""

        def relative(path: str) -> str:
            if not Path(path).is_absolute():
                return path
            try:
                return Path(os.path.relpath(path, folder)).as_posix()
            except ValueError:  # another drive of a Windows machine
                return path

        return self._with_places(relative)

    def _with_places(self, change: Callable[[str], str]) -> Recipe:
        transfer = self.transfer and self.transfer.model_copy(update={"source": change(self.transfer.source)})
        tables = {name: data and _with_paths(data, change) for name, data in self._tables().items()}
        return self.model_copy(update={**tables, "transfer": transfer})

    def _tables(self) -> dict[str, DataOptions | None]:
        return {"data": self.data, "unlabelled": self.unlabelled}

    def with_files(self, paths: Sequence[str]) -> Recipe:
        """Return a copy whose tables lie elsewhere. Args: paths: one for each table, in order."""
        places = iter(paths)
        return self.model_copy(update={"data": _with_paths(self.data, lambda path: next(places))})

    def replaced(self, changes: Mapping[str, Any]) -> Recipe:  # Any: option values
        """Return a copy with some options changed, checked like any recipe.

        Args: changes: dotted path ("encoder.width") to new value.
        Raises: OptionError: an unknown path or a value out of range.
        """
        plain = self.model_dump(mode="json", exclude_none=True)
        for path, value in changes.items():
            *parents, last = path.split(".")
            place = plain
            for name in parents:
                inner = place.setdefault(name, {})
                if not isinstance(inner, dict):
                    raise OptionError(
                        f'"{path}" leads through "{name}", which holds a value.',
                        hint="See the recipe for the paths it has.",
                    )
                place = inner
            place[last] = value
        return parse_config(Recipe, plain, "")


def carried_over(recipe: Recipe, source: Recipe, folder: Path) -> Recipe:
    """Return the recipe with the pretrained encoders of another run, which may be of another graph.

    Encoder and objective become the source's; a strategy that starts from random weights becomes `full`.

    Args: source: recipe of the other run. folder: of the other run, absolute.
    Raises: MismatchError: the other run pretrained nothing.
    """
    if source.pretrain is None:
        raise MismatchError(
            f"The run {folder.name} has no pretrained encoder: its recipe has no [pretrain].",
            hint="Name a run that pretrained one.",
        )
    strategy = recipe.finetune.model_copy(update={"type": "full"}) if recipe.finetune.type == "scratch" else None
    return recipe.model_copy(
        update={
            "encoder": source.encoder,
            "pretrain": source.pretrain,
            "transfer": TransferOptions(source=str(folder)),
            "finetune": strategy or recipe.finetune,
        }
    )


def absolute(data: DataOptions, folder: Path) -> DataOptions:
    """Return a copy whose relative file paths start at `folder` and are absolute; links stay as the user wrote them."""
    return _with_paths(data, lambda path: os.path.abspath(folder / path))  # noqa: PTH100 - resolve() follows links


def _with_paths(data: DataOptions, change: Callable[[str], str]) -> DataOptions:
    tables = tuple(table.model_copy(update={"path": change(table.path)}) for table in data.tables)
    return data.model_copy(update={"tables": tables})
