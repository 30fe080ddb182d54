"""Lanes of jobs, each with a thread that drives a child process; queueing, stopping, and what to say at a crash."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.bridge.event_bridge import EventBridge, Happened
from app.bridge.jobs import Job, Lane
from app.bridge.run_thread import Executor, RunThread
from app.bridge.told import events
from engine.core.errors import EngineError, WorkerError

_log = logging.getLogger(__name__)
_LANES: tuple[Lane, ...] = ("train", "quick", "drawing")
# Structures are drawn while somebody scrolls: they cannot wait for a projection. Most people never need that lane.
_STARTED_AT_ONCE: tuple[Lane, ...] = ("train", "quick")
# An end that is asked for comes within a second, if need be by ending the process. Training gets more time: it writes
# down where it is, so that it can be resumed there.
PATIENCE_SECONDS = 0.5
TRAINING_PATIENCE_SECONDS = 3.0
_KEPT = 50  # finished jobs that the job list still shows

MakeExecutor = Callable[[Lane], Executor]


class JobController(QObject):
    """Takes requests, runs them one after another in their lane, tells their story in the window's thread.

    Args: make_executor: makes the executor of a lane; it is called in the lane's thread.
    """

    job_started = Signal(object)  # Job
    job_event = Signal(object)  # (Job, Event)
    job_finished = Signal(object)  # Job
    jobs_changed = Signal()
    child_ended = Signal(object)  # EngineError: a child went away without being asked

    def __init__(self, make_executor: MakeExecutor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []
        self._bridge = EventBridge(self)
        self._bridge.happened.connect(self._on_happened)
        self._lanes = {
            lane: RunThread(lane, lambda lane=lane: make_executor(lane), self._bridge, self)  # type: ignore[misc]
            for lane in _LANES
        }
        self._running: dict[Lane, Job | None] = dict.fromkeys(_LANES)
        self._then: dict[str, Callable[[Job], None]] = {}
        self._topics: dict[str, Job] = {}
        self._asked: dict[str, float] = {}  # job → when its end was asked for
        self._watch = QTimer(self)
        self._watch.setInterval(100)
        self._watch.timeout.connect(self._on_watch)
        self._bridge.start()
        self._closed = False

    def warm_up(self) -> None:
        """Start the children now, so that the first job begins at once; that of drawing begins with its first job."""
        for lane in _STARTED_AT_ONCE:
            self._lanes[lane].ask("start")

    def submit(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        *,
        lane: Lane = "quick",
        title: str = "",
        then: Callable[[Job], None] | None = None,
        topic: str = "",
    ) -> Job:
        """Ask for a job.

        Args:
            kind, arguments: as `engine.jobs.spec.JobSpec` has them; JSON values.
            lane: "train" for runs, "drawing" for what is drawn while somebody looks, "quick" for the rest.
            title: for the status bar, translated.
            then: receives the finished Job; a bound method.
            topic: a newer job of this topic takes the place of one that has not begun, and cancels one that has;
                the older one's `then` is not called any more.
        Returns: the Job, queued or running.
        """
        job = Job(os.urandom(6).hex(), kind, dict(arguments), lane, title or kind, self)
        if topic:
            self._supersede(topic)
            self._topics[topic] = job
        if then is not None:
            self._then[job.id] = then
        self.jobs.append(job)
        self._begin_next(lane)
        self.jobs_changed.emit()
        return job

    def stop(self, job: Job) -> None:
        """End after this epoch and keep the best; a job that has not begun is taken out of the queue.

        Before a run's first training there is nothing to keep: then it is ended like one that is cancelled.
        """
        if job.state == "queued":
            self.cancel(job)
        elif job.state == "running":
            job.ask("stopping")
            self._lanes[job.lane].ask("stop", job.id)
            if job.kind == "run" and not job.has_trained:
                self._wait_for(job)

    def cancel(self, job: Job) -> None:
        """End at the next batch; when the work does not end in time its process is ended."""
        if job.state == "queued":
            self._finish(job, "cancelled")
        elif not job.is_over and job.state != "cancelling":
            job.ask("cancelling")
            self._lanes[job.lane].ask("cancel", job.id)
            self._wait_for(job)

    def _wait_for(self, job: Job) -> None:
        self._asked[job.id] = time.monotonic()
        self._watch.start()

    def running(self, lane: Lane) -> Job | None:
        """Return the job that a lane works on."""
        return self._running[lane]

    def active(self) -> list[Job]:
        """Return the jobs that are not over, oldest first."""
        return [job for job in self.jobs if not job.is_over]

    def close(self) -> None:
        """End everything in order: no more events, the children, the threads. What runs can be resumed."""
        if self._closed:
            return
        self._closed = True
        self._watch.stop()
        self._bridge.stop()
        for lane in _LANES:
            if self._lanes[lane].isRunning():
                self._lanes[lane].ask("close")
        for lane in _LANES:
            self._lanes[lane].wait()

    @Slot(object)
    def _on_happened(self, happened: Happened) -> None:
        lane: Lane = happened.lane  # type: ignore[assignment]
        if happened.event is None:
            self._on_ended(lane, happened)
            return
        job = self._running[lane]
        if job is None or job.id != happened.job:
            return
        self._pass_on(job, happened.event)

    @Slot()
    def _on_watch(self) -> None:
        waiting = [job for job in self._running.values() if job is not None and job.id in self._asked]
        if not waiting:
            self._watch.stop()
        for job in waiting:
            if job.state == "stopping" and job.has_trained:
                del self._asked[job.id]  # a training began after all: it ends as Stop says
            elif time.monotonic() - self._asked[job.id] > (
                TRAINING_PATIENCE_SECONDS if job.trains else PATIENCE_SECONDS
            ):
                _log.warning("The job %s did not end in time; its process is ended.", job.kind)
                self._asked[job.id] = time.monotonic()
                self._lanes[job.lane].ask("kill", job.id)

    def _on_ended(self, lane: Lane, happened: Happened) -> None:
        error = _error_of(happened.ended)
        job = self._running[lane]
        if job is None:
            if error is not None:
                self.child_ended.emit(error)
            return
        if job.id in self._asked:
            self._pass_on(job, events.JobFinished(job.id, "cancelled", time.time()))
        else:
            told = error or WorkerError("The process that does the work is gone.")
            self._pass_on(job, events.JobFinished(job.id, "failed", time.time(), error=told.to_plain()))
        if lane == "train" and not self._closed:
            self._lanes[lane].ask("start")  # warm again for the next run

    def _pass_on(self, job: Job, event: events.Event) -> None:
        over = isinstance(event, events.JobFinished)
        if over:
            self._running[job.lane] = None
        job.take(event)
        self.job_event.emit((job, event))
        if over:
            self._after(job)

    def _finish(self, job: Job, status: str) -> None:
        """End a job that never began."""
        job.take(events.JobFinished(job.id, status, time.time()))  # type: ignore[arg-type]
        self._after(job)

    def _after(self, job: Job) -> None:
        then = self._then.pop(job.id, None)
        self._asked.pop(job.id, None)
        self._topics = {topic: held for topic, held in self._topics.items() if held is not job}
        self.job_finished.emit(job)
        if then is not None:
            then(job)
        over = [old for old in self.jobs if old.is_over]
        for old in over[: max(0, len(over) - _KEPT)]:
            self.jobs.remove(old)
            old.deleteLater()
        self._begin_next(job.lane)
        self.jobs_changed.emit()

    def _begin_next(self, lane: Lane) -> None:
        if self._running[lane] is not None or self._closed:
            return
        job = next((job for job in self.jobs if job.lane == lane and job.state == "queued"), None)
        if job is None:
            return
        from engine import JobSpec

        self._running[lane] = job
        job.begin()
        self._lanes[lane].ask("submit", JobSpec(job.kind, job.arguments, job.id))
        self.job_started.emit(job)

    def _supersede(self, topic: str) -> None:
        old = self._topics.pop(topic, None)
        if old is not None and not old.is_over:
            self._then.pop(old.id, None)
            self.cancel(old)


def _error_of(ended: object) -> EngineError | None:
    if isinstance(ended, EngineError):
        return ended
    if isinstance(ended, Exception):
        return WorkerError(f"The process that does the work cannot start: {ended}.", code="job.worker.start")
    return getattr(ended, "error", None)
