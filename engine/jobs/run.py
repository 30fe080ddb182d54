"""The whole of a recipe: read, floors, pretrain, fine-tune, score, write; resumable at every point."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from engine.core.atomic import write_json
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError, ProjectError
from engine.core.events import ArtefactWritten, StageStarted
from engine.data.roles import Role
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.codec import from_plain, read_recipe, write_recipe
from engine.project.recipe import Recipe, carried_over
from engine.project.runs import RunFolder


class Run(Job):
    """Train as a recipe says and write a run folder with predictions under the original ids.

    Each split and seed goes through floors, pretraining with a probe, the same model from scratch, and fine-tuning;
    test is scored once, at the end. What is finished is never done twice: `resume` goes on where a run ended.

    Source: our own; the rules of evidence are those of Shchur et al. (2018), "Pitfalls of graph neural network
    evaluation".
    """

    key = "run"
    label = "Train"
    lane: ClassVar[Literal["train", "quick"]] = "train"

    class Config(ConfigBase):
        recipe: dict[str, Any] | None = option(None, "The recipe as plain data.")  # Any: checked as a recipe
        recipe_path: str | None = option(None, "The recipe as a TOML file.")
        out: str = option(..., "Folder of the run.")
        resume: bool = option(False, "Go on with the run in that folder.")
        until: Literal["pretrain", "end"] = option("end", "pretrain: end after pretraining and its probe.")
        pretrained_from: str | None = option(None, "Run folder whose pretrained encoders are used.")
        transfer_from: str | None = option(None, "Run folder, of another graph, whose pretrained encoders are used.")

    def record(self, arguments: Any, folder: Path, stack: ExitStack) -> Path | None:  # Any: this job's Config
        """Make or reopen the run folder, take its lock, and let it tell the story."""
        run = RunFolder(folder / arguments.out)
        if arguments.resume:
            run.check()
        else:
            # What is wrong with a recipe is told before anything is written.
            recipe = _checked_recipe(arguments, folder)
            _make_folder(run)
        stack.enter_context(run.lock())
        run.remove_leftovers()
        if not arguments.resume:
            write_recipe(recipe, run.recipe_path)
        return run.path

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Do what is not done yet; returns `{run, metrics, stopped}`, metrics None when no training got that far."""
        from engine.jobs._opening import open_run
        from engine.jobs._results import Results
        from engine.jobs._taken import take_pretrained
        from engine.jobs._training import Training

        run = RunFolder(context.folder / arguments.out)
        recipe = run.recipe()
        context.sink(StageStarted("read", 0, _guessed_stages(recipe)))
        # Nothing is to be kept of data that is read in part: here Stop ends the work as Cancel does.
        opened = open_run(run, recipe, replace(context, cancel=context.cancel.hurried()))
        write_json(run.path / "environment.json", opened.environment)
        context.sink(ArtefactWritten("environment", "environment.json"))
        training = Training(opened.material, context.sink, context.cancel)
        task = training.pieces[0].labels.task
        batch = opened.material.batch
        opened.material.parts.check_strategy(batch.in_width, task, edge_width=batch.edge_width)
        if arguments.pretrained_from:
            source = RunFolder(context.folder / arguments.pretrained_from)
            take_pretrained(source, training.pieces, opened.material, context.sink)
        training.all(until_pretrained=arguments.until == "pretrain")
        training.announce("evaluate")
        metrics = Results(opened.material, training, opened.environment, context.sink, context.cancel).write()
        return {"run": str(run.path), "metrics": metrics, "stopped": training.stopped}


def _checked_recipe(arguments: Any, folder: Path) -> Recipe:  # Any: the job's Config
    from engine.project.parts import resolve

    if (arguments.recipe is None) == (arguments.recipe_path is None):
        raise OptionError(
            "A run needs a recipe, or the path of one.", hint="Give either recipe or recipe_path.", path="run.recipe"
        )
    if arguments.recipe_path is not None:
        recipe = read_recipe(folder / arguments.recipe_path)
    else:
        plain: Mapping[str, Any] = arguments.recipe  # Any: JSON values
        recipe = from_plain(plain).based_on(folder)
    if arguments.transfer_from is not None:
        source = RunFolder((folder / arguments.transfer_from).resolve())
        recipe = carried_over(recipe, source.recipe(), source.path)
    resolve(recipe)
    return _without_leaks(recipe)


def _without_leaks(recipe: Recipe) -> Recipe:
    """Return the recipe with its target and split columns in no other role: a target that is also a feature leaks.

    An option changed by hand (`--set task.target=…`) leaves the columns as they were suggested for another target.
    """
    from engine.project.parts import resolve
    from engine.project.situation import with_splits, with_targets

    data = with_targets(recipe.data, resolve(recipe).task.columns)
    if recipe.split.type == "by_column":
        data = with_splits(data, tuple(recipe.split.options().get("columns", ())))
    return recipe.model_copy(update={"data": data})


def _make_folder(run: RunFolder) -> None:
    path = run.path
    if run.recipe_path.exists():
        raise ProjectError(
            f"{path} already holds a run.",
            code="run.exists",
            hint="Resume it, or choose another folder for the new one.",
        )
    if path.exists() and (not path.is_dir() or any(_is_content(found) for found in path.iterdir())):
        raise ProjectError(f"{path} is not an empty folder.", hint="Choose a folder that does not exist yet.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(f"{path} cannot be made: {error.strerror}.", hint="Choose another place.") from error


def _is_content(path: Path) -> bool:
    """Whether a folder with this in it is in use: a lock and half-written files are what a killed run leaves."""
    return path.name != "lock" and not path.name.startswith(".")


def _guessed_stages(recipe: Recipe) -> int:
    """Return the number of stages as far as it is known before the data is read."""
    named = recipe.split.options().get("columns") or [
        name for table in recipe.data.tables for name, spec in table.columns.items() if spec.role is Role.SPLIT
    ]
    by_column = recipe.split.type == "by_column"
    splits = max(1, len(named)) if by_column else int(recipe.split.options().get("repeats", 1))
    seeds = len(recipe.runtime.seeds)
    floors = splits if by_column else splits * seeds
    if recipe.pretrain is None:
        return 2 + floors + splits * seeds
    each = 2 if recipe.finetune.type == "scratch" else 3
    return 2 + floors + seeds + splits * seeds * each
