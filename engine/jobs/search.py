"""Try other settings of a recipe, judged on valid alone, and hand back the best; resumable at every trial."""

from __future__ import annotations

import json
import math
import shutil
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from engine.core.cancel import CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import DeviceMemoryError, DivergedError, OptionError, ProjectError
from engine.core.events import ArtefactWritten, EpochFinished, Event, Progress, StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.codec import from_plain, read_recipe, write_recipe
from engine.project.runs import RunFolder

if TYPE_CHECKING:
    import optuna

    from engine.jobs._pieces import Material
    from engine.project.recipe import Recipe

_TRIALS, _BEST = "trials.jsonl", "best.toml"
_REPORT_EVERY = 10  # epochs between two looks at whether a trial is worth going on with


class Search(Job):
    """Try a recipe's settings within a budget; test is never looked at.

    Each trial trains from scratch on the first split and seed of the recipe and is scored on valid; one that is worse
    than the median of the others at the same epoch is ended early. The first trial is the recipe as it is. All trials
    lie in the folder, and a search that was interrupted goes on with the next one.

    Source: tree-structured Parzen estimators, Bergstra et al. (2011); the median rule, Golovin et al. (2017).
    """

    key = "search"
    label = "Search for settings"
    lane: ClassVar[Literal["train", "quick"]] = "train"

    class Config(ConfigBase):
        recipe: dict[str, Any] | None = option(None, "The recipe as plain data.")  # Any: checked as a recipe
        recipe_path: str | None = option(None, "The recipe as a TOML file.")
        out: str = option(..., "Folder of the search; one that is there goes on.")
        trials: int = option(20, "Most trainings, those of earlier sittings included.", ge=1, le=10000)
        seconds: float = option(0.0, "No new trial begins after this long; 0 for no limit.", ge=0, unit="seconds")
        encoders: tuple[str, ...] = option((), "Keys of the encoders to choose from; the recipe's own when empty.")

    def record(self, arguments: Any, folder: Path, stack: ExitStack) -> Path | None:  # Any: this job's Config
        """Make or reopen the folder and take its lock."""
        run = RunFolder(folder / arguments.out)
        if not run.recipe_path.is_file():
            recipe = _recipe(arguments, folder)
            if run.path.is_dir() and any(not path.name.startswith(".") for path in run.path.iterdir()):
                raise ProjectError(f"{run.path} is not an empty folder.", hint="Choose a folder that does not exist.")
            run.path.mkdir(parents=True, exist_ok=True)
            write_recipe(recipe, run.recipe_path)
        stack.enter_context(run.lock())
        return run.path

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{folder, recipe, changes, valid, start, metric, trials, stopped, sentence}`.

        `recipe` is the best one as plain data, `changes` its options that differ, `valid` its score on valid and
        `start` that of the recipe as it was (None where it could not be trained).
        """
        from engine.jobs._opening import open_run

        run = RunFolder(context.folder / arguments.out)
        recipe = run.recipe()
        encoders = tuple(dict.fromkeys(arguments.encoders)) or (recipe.encoder.type,)
        context.sink(StageStarted("read", 0, 2))
        material = open_run(run, recipe, context).material
        context.sink(StageStarted("search", 1, 2))
        study = _Study(material, encoders, context)
        study.go_on(arguments.trials, arguments.seconds)
        return study.result()


class _Study:
    """The trials so far, and how the next one is made."""

    def __init__(self, material: Material, encoders: tuple[str, ...], context: JobContext) -> None:
        import optuna
        from optuna.storages.journal import JournalFileBackend

        from engine.project.search_space import start_of

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._material, self._encoders, self._context = material, encoders, context
        self._recipe = material.recipe
        self._path = material.run.path
        task = _first_piece(material, context).labels.task
        self.metric, self._maximise = task.main_metric, task.maximise
        backend = JournalFileBackend(str(self._path / "journal.log"))
        done = _lines(self._path / _TRIALS)
        self._study = optuna.create_study(
            storage=optuna.storages.JournalStorage(backend),
            study_name="search",
            load_if_exists=True,
            direction="maximize" if self._maximise else "minimize",
            # With every sitting other draws: the same ones again would teach nothing.
            sampler=optuna.samplers.TPESampler(seed=self._recipe.runtime.seeds[0] + len(done), multivariate=False),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=3 * _REPORT_EVERY),
        )
        start = start_of(self._recipe, encoders)
        if not self._study.trials and start:
            self._study.enqueue_trial(start)
        self.stopped = False

    def go_on(self, trials: int, seconds: float) -> None:
        """Do trials until there are enough, the time is up, or Stop."""
        cancel, began = self._context.cancel, time.monotonic()
        while len(done := _lines(self._path / _TRIALS)) < trials:
            self._context.sink(Progress(len(done), trials, "trials"))
            if seconds and done and time.monotonic() - began > seconds:
                break
            cancel.check()
            if cancel.is_stopping:
                break
            self._one(len(done))
        self.stopped = cancel.is_stopping
        self._context.sink(Progress(len(_lines(self._path / _TRIALS)), trials, "trials"))

    def result(self) -> dict[str, Any]:  # Any: JSON values
        """Return what was found, as the job says it."""
        lines = _lines(self._path / _TRIALS)
        scored = [line for line in lines if line["state"] == "finished"]
        if not scored:
            raise OptionError(
                "No trial came to its end, so there is nothing to choose from.",
                hint=next((line["why"] for line in lines if line.get("why")), "Give it more time or more trials."),
                path="search.trials",
            )
        best = (max if self._maximise else min)(scored, key=lambda line: line["valid"])
        start = next((line["valid"] for line in scored if line["number"] == 0 and not line["changes"]), None)
        recipe = from_plain(best["recipe"])
        write_recipe(recipe, self._path / _BEST)
        self._context.sink(ArtefactWritten("recipe", _BEST))
        return {
            "folder": str(self._path),
            "recipe": best["recipe"],
            "changes": best["changes"],
            "valid": best["valid"],
            "start": start,
            "metric": self.metric,
            "trials": len(lines),
            "stopped": self.stopped,
            "sentence": _sentence(lines, best, start, self.metric),
        }

    def _one(self, number: int) -> None:
        from engine.project.search_space import differences, draw

        trial = self._study.ask()
        recipe = draw(trial, self._recipe, self._encoders)
        began = time.monotonic()
        line: dict[str, Any] = {"number": number, "changes": differences(self._recipe, recipe)}
        line |= self._trained(recipe, trial, self._path / "trial")
        if line["state"] == "interrupted":
            return
        self._tell(trial, line)
        line |= {"seconds": round(time.monotonic() - began, 2), "recipe": recipe.model_dump(mode="json")}
        with (self._path / _TRIALS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._context.sink(ArtefactWritten("trials", _TRIALS))

    def _trained(self, recipe: Recipe, trial: optuna.Trial, folder: Path) -> dict[str, Any]:  # Any: JSON values
        """Train one recipe; returns its state (finished, pruned, failed, interrupted), score and epochs."""
        from engine.jobs._training import Training
        from engine.project.parts import resolve

        shutil.rmtree(folder, ignore_errors=True)
        watch = _Watch(trial, f"valid_{self.metric}", self._context.cancel)
        try:
            material = replace(self._material, run=RunFolder(folder), recipe=recipe, parts=resolve(recipe))
            training = Training(material, watch, watch)
            manifest = training.scratch_only(training.pieces[0])
        except (OptionError, DivergedError, DeviceMemoryError) as error:
            return {"state": "failed", "valid": None, "epochs": 0, "why": error.message}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        valid = manifest["valid"].get(self.metric)
        state = "pruned" if watch.pruned else "interrupted" if self._context.cancel.is_stopping else "finished"
        if valid is None or not math.isfinite(valid):
            return {
                "state": "failed",
                "valid": None,
                "epochs": manifest["epochs"],
                "why": "There is no score on valid.",
            }
        return {"state": state, "valid": valid, "epochs": manifest["epochs"]}

    def _tell(self, trial: optuna.Trial, line: dict[str, Any]) -> None:  # Any: JSON values
        import optuna

        if line["state"] == "finished":
            self._study.tell(trial, line["valid"])
        else:
            states = optuna.trial.TrialState
            self._study.tell(trial, state=states.PRUNED if line["state"] == "pruned" else states.FAIL)


class _Watch(CancelToken):
    """Listens to a trial's epochs and ends it where it is not worth going on with; the user's Stop ends it too."""

    def __init__(self, trial: optuna.Trial, monitor: str, outer: CancelToken) -> None:
        super().__init__()
        self._trial, self._monitor, self._outer = trial, monitor, outer
        self.pruned = False

    def __call__(self, event: Event) -> None:
        """Take an event of the training."""
        if not isinstance(event, EpochFinished) or event.epoch % _REPORT_EVERY or self._monitor not in event.metrics:
            return
        self._trial.report(event.metrics[self._monitor], event.epoch)
        if not self.pruned and self._trial.should_prune():
            self.pruned = True
            self.stop()

    @property
    def is_stopping(self) -> bool:
        """True once the trial, or the whole search, is to end."""
        return super().is_stopping or self._outer.is_stopping

    @property
    def is_cancelled(self) -> bool:
        """True once the search is cancelled."""
        return self._outer.is_cancelled

    def check(self) -> None:
        """Raise Cancelled when the search is cancelled."""
        self._outer.check()


def _recipe(arguments: Any, folder: Path) -> Recipe:  # Any: the job's Config
    from engine.project.parts import resolve

    if (arguments.recipe is None) == (arguments.recipe_path is None):
        raise OptionError(
            "A search needs a recipe, or the path of one.",
            hint="Give either recipe or recipe_path; a folder that holds a search needs neither.",
            path="search.recipe",
        )
    path = arguments.recipe_path
    recipe = read_recipe(folder / path) if path is not None else from_plain(arguments.recipe).based_on(folder)
    resolve(recipe)
    return recipe


def _first_piece(material: Material, context: JobContext) -> Any:  # Any: engine.jobs._training.Piece
    from engine.jobs._training import Training

    return Training(material, context.sink, context.cancel).pieces[0]


def _lines(path: Path) -> list[dict[str, Any]]:  # Any: JSON values
    """Return the trials that are done; a line torn by a crash is left out."""
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _sentence(
    lines: list[dict[str, Any]], best: dict[str, Any], start: float | None, metric: str
) -> str:  # Any: JSON values
    pruned = sum(line["state"] == "pruned" for line in lines)
    name = metric.replace("_", " ")
    ended = f", {pruned} of them ended early" if pruned else ""
    text = f"{len(lines)} trials{ended}; the best has {name} {best['valid']:.4f} on valid"
    if not best["changes"]:
        return f"{text}: the recipe as it was."
    before = "" if start is None else f" against {start:.4f} of the recipe as it was"
    return f"{text}{before}. Chosen among many, it is a little too good: what it is worth, a run says on test."
