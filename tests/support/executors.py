"""Executors for tests of the window: one replays recorded events, one runs the real jobs in the lane's own thread."""

import queue
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.cancel import CancelToken
from engine.core.errors import WorkerError
from engine.core.events import Event, JobFinished, JobStarted
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec

Script = Callable[[JobSpec], Iterable[Event]]


@dataclass(frozen=True)
class Came:
    """What `receive` returns: an event of a job, or, without one, that the child ended."""

    job: str
    event: Event | None = None
    error: WorkerError | None = None


class Scripted:
    """Replays events. A script returns those of a job; one without a JobFinished runs until it is stopped.

    `is_deaf`: it is in the middle of something and does not hear Stop.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[tuple[str, str]] = []
        self.is_alive = False
        self.closed = False
        self.is_deaf = False
        self._waiting: queue.SimpleQueue[Came] = queue.SimpleQueue()

    def start(self) -> None:
        self.is_alive = True

    def submit(self, spec: JobSpec) -> None:
        self.asked.append(("submit", spec.kind))
        for event in self.script(spec):
            self._waiting.put(Came(spec.id, event))

    def stop(self, job: str) -> None:
        self.asked.append(("stop", job))
        if not self.is_deaf:
            self._waiting.put(Came(job, finished(job, "stopped", {})))

    def cancel(self, job: str) -> None:
        self.asked.append(("cancel", job))

    def kill(self) -> None:
        self.asked.append(("kill", ""))
        self.end(None)

    def end(self, error: WorkerError | None, job: str = "") -> None:
        """Let the child go away."""
        self.is_alive = False
        self._waiting.put(Came(job, error=error))

    def receive(self, timeout: float) -> Came | None:
        try:
            return self._waiting.get(timeout=timeout) if timeout else self._waiting.get_nowait()
        except queue.Empty:
            return None

    def close(self, timeout: float = 3.0) -> None:
        self.closed = True
        self.is_alive = False


class InThread:
    """Runs the real jobs in the thread that asks; for tests that need true results and no child process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: queue.SimpleQueue[Came] = queue.SimpleQueue()
        self._tokens: dict[str, CancelToken] = {}
        self.is_alive = False

    def start(self) -> None:
        self.is_alive = True

    def submit(self, spec: JobSpec) -> None:
        token = self._tokens.setdefault(spec.id, CancelToken())
        run_inline(spec, sink=lambda event: self._waiting.put(Came(spec.id, event)), cancel=token, folder=self._folder)

    def stop(self, job: str) -> None:
        self._tokens.setdefault(job, CancelToken()).stop()

    def cancel(self, job: str) -> None:
        self._tokens.setdefault(job, CancelToken()).cancel()

    def kill(self) -> None:
        self.is_alive = False

    def receive(self, timeout: float) -> Came | None:
        try:
            return self._waiting.get(timeout=timeout) if timeout else self._waiting.get_nowait()
        except queue.Empty:
            return None

    def close(self, timeout: float = 3.0) -> None:
        self.is_alive = False


def started(spec: JobSpec) -> JobStarted:
    """Return a job's first event."""
    return JobStarted(spec.id, spec.kind, time.time())


def finished(
    job: str, status: Any = "finished", result: dict[str, Any] | None = None, error: dict[str, Any] | None = None
) -> JobFinished:
    """Return a job's last event."""
    return JobFinished(job, status, time.time(), result, error)


def answers(results: dict[str, dict[str, Any]]) -> Script:
    """Return a script that answers each kind of job with a recorded result; other kinds never end."""

    def script(spec: JobSpec) -> list[Event]:
        if spec.kind in results:
            return [started(spec), finished(spec.id, result=results[spec.kind])]
        return [started(spec)]

    return script
