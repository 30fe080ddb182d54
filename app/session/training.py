"""Runs as the window drives them: the suggestion, the run that goes on, its curves, stopping and resuming."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.told import events
from app.kit.translate import tr
from app.session.frames import curve_name

if TYPE_CHECKING:
    from app.bridge.job_controller import JobController
    from app.bridge.jobs import Job

Plain = dict[str, Any]  # Any: JSON values
Curves = dict[str, dict[str, list[tuple[int, float]]]]


@dataclass
class LiveRun:
    """The run that goes on, or the last one of this window."""

    folder: Path
    job: Job
    begun: float = field(default_factory=time.time)
    curves: Curves = field(default_factory=dict)
    stages: list[events.StageStarted] = field(default_factory=list)
    notices: list[events.Notice] = field(default_factory=list)
    progress: events.Progress | None = None
    epoch_seconds: float = 0.0

    def take(self, event: events.Event) -> None:
        """Take one event of the run."""
        if isinstance(event, events.StageStarted):
            self.stages.append(event)
            self.progress = None
        elif isinstance(event, events.Progress):
            self.progress = event
        elif isinstance(event, events.Notice):
            self.notices.append(event)
        elif isinstance(event, events.EpochFinished):
            self.epoch_seconds = event.seconds
            metrics = self.curves.setdefault(curve_name(events.to_plain(event)), {})
            for name, value in event.metrics.items():
                points = metrics.setdefault(name, [])
                while points and points[-1][0] >= event.epoch:
                    points.pop()  # a resumed run repeats what came after its last snapshot
                points.append((event.epoch, float(value)))


class Training(QObject):
    """Asks for suggestions and runs. `live_changed` comes with each batch of events of the live run."""

    suggested = Signal(object)  # the suggest job's result
    suggest_failed = Signal(object)  # error as plain data
    live_changed = Signal()
    run_ended = Signal(object)  # LiveRun

    def __init__(self, jobs: JobController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.live: LiveRun | None = None
        self.suggestion: Job | None = None
        jobs.job_event.connect(self._on_job_event)

    @property
    def is_running(self) -> bool:
        """Whether a run goes on."""
        return self.live is not None and not self.live.job.is_over

    @property
    def is_suggesting(self) -> bool:
        """Whether a suggestion is on its way."""
        return self.suggestion is not None and not self.suggestion.is_over

    def suggest(self, data: Plain, target: str, preset: str, pretrain: str, split: str | None = None) -> None:
        """Ask for a recipe. Args: pretrain: none, auto or an objective's key. split: as `suggest --split` has it."""
        arguments: Plain = {"data": data, "target": target, "preset": preset, "pretrain": pretrain}
        if split:
            arguments["split"] = split
        self.suggestion = self._jobs.submit(
            "suggest",
            arguments,
            lane="train",
            title=tr("Preparing a recipe"),
            topic="suggest",
            then=self._on_suggested,
        )

    def start(self, recipe: Plain, folder: Path, *, until: str = "end", pretrained_from: Path | None = None) -> None:
        """Run a recipe into a folder that does not exist yet.

        Args: until: "pretrain" ends after pretraining. pretrained_from: run whose pretrained encoders are used.
        """
        arguments: Plain = {"recipe": recipe, "out": str(folder), "resume": False, "until": until}
        if pretrained_from is not None:
            arguments["pretrained_from"] = str(pretrained_from)
        self._submit(arguments, folder, {})

    def resume(self, folder: Path, curves: Curves, *, until: str = "end") -> None:
        """Go on with a run that was stopped, killed or cut off.

        Args: curves: what its log holds so far. until: as it was begun with.
        """
        self._submit({"out": str(folder), "resume": True, "until": until}, folder, curves)

    def stop(self) -> None:
        """End after this epoch and keep the best."""
        if self.live is not None:
            self._jobs.stop(self.live.job)

    def cancel(self) -> None:
        """End at the next batch."""
        if self.live is not None:
            self._jobs.cancel(self.live.job)

    def _submit(self, arguments: Plain, folder: Path, curves: Curves) -> None:
        job = self._jobs.submit("run", arguments, lane="train", title=tr("Training"), then=self._on_run)
        self.live = LiveRun(folder, job, curves=curves)
        self.live_changed.emit()

    def _on_suggested(self, job: Job) -> None:
        if job.state == "finished" and job.result is not None:
            self.suggested.emit(job.result)
        elif job.state == "failed":
            self.suggest_failed.emit(job.error)

    def _on_run(self, job: Job) -> None:
        if self.live is not None and self.live.job is job:
            self.live_changed.emit()
            self.run_ended.emit(self.live)

    @Slot(object)
    def _on_job_event(self, told: tuple[Job, events.Event]) -> None:
        job, event = told
        if self.live is not None and self.live.job is job:
            self.live.take(event)
            self.live_changed.emit()
