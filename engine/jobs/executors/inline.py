"""Run a job in the calling thread: for the shell, notebooks, tests and debugging."""

from __future__ import annotations

from pathlib import Path

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, silent
from engine.jobs._base import execute
from engine.jobs.spec import JobResult, JobSpec


def run_inline(
    spec: JobSpec, *, sink: EventSink = silent, cancel: CancelToken | None = None, folder: Path | None = None
) -> JobResult:
    """Run one job to its end.

    Args:
        spec: what to do.
        sink: gets the events as they happen.
        cancel: Stop and Cancel; another thread or a signal sets them.
        folder: where relative paths start; the working folder when None.
    Returns: how it ended; a failure is in the result, not raised.
    """
    return execute(spec, sink, cancel or CancelToken(), folder or Path.cwd())
