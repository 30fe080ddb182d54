"""The search for better settings as the window drives it: trials as they come, stopping, going on, the best."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.bridge.told import events
from app.kit.sayings import said
from app.kit.translate import tr

if TYPE_CHECKING:
    from app.bridge.job_controller import JobController
    from app.bridge.jobs import Job
    from app.session.drafts import RecipeDraft

Plain = dict[str, Any]  # Any: JSON values


class Searching(QObject):
    """One search at a time; `trials` holds what it has tried so far, oldest first.

    Args: draft: the recipe to start from, and the place of the best one. place: says where a search from the draft
        lies, None while nothing can be searched.
    """

    changed = Signal()
    failed = Signal(object)  # error as plain data

    def __init__(
        self, jobs: JobController, draft: RecipeDraft, place: Callable[[], Path | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._draft = draft
        self._place = place
        self.folder: Path | None = None
        self.job: Job | None = None
        self.trials: list[Plain] = []
        self.sentence = ""
        self._reader = Background(self)
        self._reader.finished.connect(self._on_read)
        jobs.job_event.connect(self._on_job_event)
        draft.changed.connect(self._on_draft_changed)

    @property
    def is_running(self) -> bool:
        """Whether a search goes on."""
        return self.job is not None and not self.job.is_over

    @property
    def best(self) -> Plain | None:
        """The best finished trial, None before the first one; the engine's order decides between equals."""
        found: Plain | None = self.job.result if self.job is not None else None
        if found is not None:
            return {"recipe": found["recipe"], "valid": found["valid"], "changes": found["changes"]}
        return None

    def start(self, more: int, minutes: float, encoders: list[str]) -> None:
        """Search from the draft, or go on with the search in view.

        Args: more: trials beside those done. minutes: 0 for no limit. encoders: keys to choose from; empty for the
            draft's own.
        """
        folder = self.folder or self._place()
        if folder is None or self.is_running:
            return
        trials = len(self.trials) + more
        arguments: Plain = {"out": str(folder), "trials": trials, "seconds": 60 * minutes, "encoders": encoders}
        if not (folder / "recipe.toml").is_file():
            arguments["recipe"] = self._draft.plain
        self.folder, self.sentence = folder, ""
        self.job = self._jobs.submit(
            "search", arguments, lane="train", title=tr("Searching for settings"), then=self._on_over
        )
        self.changed.emit()

    def stop(self) -> None:
        """End after the trial that goes on."""
        if self.job is not None:
            self._jobs.stop(self.job)
            self.changed.emit()

    def take_best(self) -> None:
        """Make the best trial's recipe the draft, undoable."""
        if self.best is not None:
            self._draft.replace(self.best["recipe"], tr("Take the best settings"))

    def forget(self) -> None:
        """Have no search."""
        self._reader.drop()
        if self.is_running and self.job is not None:
            self._jobs.cancel(self.job)
        self.folder, self.job, self.trials, self.sentence = None, None, [], ""
        self.changed.emit()

    @Slot()
    def _on_draft_changed(self) -> None:
        """Show what was searched from the draft before; a search whose best the draft is stays in view."""
        folder = self._place()
        is_best = self.best is not None and self.best["recipe"] == self._draft.plain
        if self.is_running or is_best or folder == self.folder:
            return
        self.folder, self.job, self.trials, self.sentence = None, None, [], ""
        if folder is not None and (folder / "trials.jsonl").is_file():
            self.folder = folder
            self._read(folder)
        self.changed.emit()

    def _on_over(self, job: Job) -> None:
        if job is not self.job:
            return
        if job.result is not None:
            self.sentence = said(str(job.result.get("sentence", "")))
        elif job.state == "failed":
            self.failed.emit(job.error)
        self.changed.emit()

    @Slot(object)
    def _on_job_event(self, told: tuple[Job, events.Event]) -> None:
        job, event = told
        if (
            job is self.job
            and isinstance(event, events.ArtefactWritten)
            and event.kind == "trials"
            and self.folder is not None
        ):
            self._read(self.folder)

    def _read(self, folder: Path) -> None:
        self._reader.submit(lambda: _lines(folder / "trials.jsonl"), tag=folder)

    @Slot(object)
    def _on_read(self, outcome: Outcome) -> None:
        if outcome.error is None and outcome.tag == self.folder:
            self.trials = outcome.value
            self.changed.emit()


def _lines(path: Path) -> list[Plain]:
    """Return the trials; a last line that is still being written is left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
