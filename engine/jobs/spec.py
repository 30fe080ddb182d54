"""A job and its outcome, both plain data, so that they cross a pipe and lie in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.core.cancel import CancelToken
from engine.core.events import EventSink, JobStatus


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What is to be done.

    Args:
        kind: file name of the job under `engine/jobs` (run, predict, import_data …).
        arguments: its options as JSON values, checked by the job's own Config.
        id: unique name of this request; answers carry it.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON values
    id: str = ""


@dataclass(frozen=True, slots=True)
class JobResult:
    """How it ended; `result` is small plain data (paths of artefacts, counts), `error` is `EngineError.to_plain()`."""

    status: JobStatus
    result: Mapping[str, Any] | None = None  # Any: JSON values
    error: Mapping[str, Any] | None = None  # Any: JSON values


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job is handed beside its arguments: where to report, whether to go on, where relative paths start."""

    sink: EventSink
    cancel: CancelToken
    folder: Path
