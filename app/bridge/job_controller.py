"""Two lanes of jobs, each with a worker thread that drives a child process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.bridge.jobs import Job, Lane


class JobController(QObject):
    """Takes requests, runs them one after another in their lane, tells their story in the window's thread."""

    job_started = Signal(object)  # Job
    job_event = Signal(object)  # (Job, Event)
    job_finished = Signal(object)  # Job
    jobs_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []

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
            lane: "train" for runs, "quick" for the rest.
            title: for the status bar, translated.
            then: receives the finished Job; a bound method.
            topic: a newer job of this topic takes the place of one that has not begun, and cancels one that has.
        Returns: the Job, queued or running.
        """
        job = Job(uuid.uuid4().hex[:12], kind, dict(arguments), lane, title or kind, self)
        raise NotImplementedError
