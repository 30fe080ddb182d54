"""A run folder as a reader sees it: status from the event log, results from the files. No torch, no pandas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.core.errors import CorruptError, ProjectError
from engine.core.events import Event, JobFinished, JobStarted, from_plain
from engine.project.lock import FolderLock
from engine.project.recipe import Recipe

RunStatus = Literal["empty", "running", "interrupted", "finished", "stopped", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run: recipe, event log, weights, results.

    Files: recipe.toml, environment.json, events.jsonl, log.txt, metrics.json, report.json, schema.json, task.json,
    predictions.csv, predictions.parquet, embeddings.parquet and seeds/<split>-<seed>/.
    """

    path: Path

    @property
    def recipe_path(self) -> Path:
        """Where the recipe lies."""
        return self.path / "recipe.toml"

    @property
    def events_path(self) -> Path:
        """Where the event log lies."""
        return self.path / "events.jsonl"

    def lock(self) -> FolderLock:
        """Return the lock of the one process that may write here."""
        return FolderLock(self.path)

    def part(self, split: str, seed: int) -> Path:
        """Return the folder of one split and seed."""
        return self.path / "seeds" / f"{_safe(split)}-{seed}"

    def recipe(self) -> Recipe:
        """Return the recipe, its file paths absolute.

        Raises: ProjectError: this folder holds no run. RecipeError, OptionError: its recipe is damaged.
        """
        from engine.project.codec import read_recipe

        self.check()
        return self._found_again(read_recipe(self.recipe_path))

    def _found_again(self, recipe: Recipe) -> Recipe:
        """Return the recipe with files where they lay when the run began, if they are not where the recipe says.

        Paths in a recipe are relative: they break when the run is moved and its data is not.
        """
        try:
            began = json.loads((self.path / "environment.json").read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError, TypeError):
            return recipe
        places = [table.path for table in recipe.data.tables]
        if not isinstance(began, list) or len(began) != len(places):
            return recipe
        found = [
            old if not Path(now).is_file() and Path(old).is_file() else now
            for now, old in zip(places, began, strict=True)
        ]
        return recipe.with_files(found)

    def check(self) -> None:
        """Make sure that this is a run folder.

        Raises: ProjectError: it is not.
        """
        if not self.path.is_dir():
            raise ProjectError(f"There is no run folder {self.path}.", hint="Name the folder given to run --out.")
        if not self.recipe_path.is_file():
            raise ProjectError(
                f"{self.path} is not a run folder: it holds no recipe.toml.", hint="Name the folder given to run --out."
            )

    def remove_leftovers(self) -> None:
        """Remove temporary files of a process that was killed while it wrote; the lock's holder may do so."""
        for left in self.path.rglob(".*"):
            if left.is_file():
                left.unlink(missing_ok=True)

    def events(self) -> Iterator[Event]:
        """Yield the events in order; a line torn by a crash is left out."""
        if not self.events_path.is_file():
            return
        with self.events_path.open("rb") as file:
            for line in file:
                event = _event_of(line)
                if event is not None:
                    yield event

    def status(self) -> RunStatus:
        """Return how the run stands, from its event log and its lock."""
        status: RunStatus = "empty"
        for event in self.events():
            if isinstance(event, JobStarted):
                status = "interrupted"
            elif isinstance(event, JobFinished):
                status = event.status
        if status in ("empty", "interrupted") and self.lock().is_alive():
            return "running"
        return status

    def metrics(self) -> dict[str, Any]:  # Any: JSON values
        """Return metrics.json.

        Raises: ProjectError: the run has no results yet. CorruptError: the file is damaged.
        """
        return self.read_json("metrics.json", "Let the run finish first, or resume it: run --resume.")

    def read_json(self, name: str, hint: str = "") -> dict[str, Any]:  # Any: JSON values
        """Return one of the run's JSON files.

        Raises: ProjectError: it is not there. CorruptError: it is damaged.
        """
        path = self.path / name
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ProjectError(f"The run {self.path} has no {name} yet.", hint=hint, file=str(path)) from error
        except (OSError, ValueError) as error:
            raise CorruptError(f"{path} is damaged: {error}.", hint="Resume or repeat the run.") from error
        if not isinstance(found, dict):
            raise CorruptError(f"{path} is damaged: it does not hold a table.", hint="Resume or repeat the run.")
        return found


def _event_of(line: bytes) -> Event | None:
    try:
        plain = json.loads(line)
    except ValueError:
        return None
    return from_plain(plain) if isinstance(plain, dict) and "event" in plain else None


def _safe(name: str) -> str:
    """Return a folder name for a split name, which may be any column's name."""
    from engine.core.fingerprint import of_plain

    kept = "".join(letter if letter.isalnum() or letter in "_." else "_" for letter in name)[:40].strip(".")
    return kept if kept == name else f"{kept or 'split'}_{of_plain(name)[:6]}"
