"""What work tells its listeners: frozen records of numbers, short text and artefact ids.

The same record goes through a queue, a pipe and `events.jsonl`. Large results are written to the
run first; the event only names them.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

_log = logging.getLogger(__name__)

JobStatus = Literal["finished", "stopped", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; `time` is seconds since the epoch, filled in by the sender."""


@dataclass(frozen=True, slots=True)
class JobStarted(Event):
    """First event of a job."""

    job: str
    kind: str
    time: float


@dataclass(frozen=True, slots=True)
class JobFinished(Event):
    """Last event of a job. `result` is plain data; `error` is `EngineError.to_plain()` when it failed."""

    job: str
    status: JobStatus
    time: float
    result: Mapping[str, Any] | None = None  # Any: JSON values
    error: Mapping[str, Any] | None = None  # Any: JSON values


@dataclass(frozen=True, slots=True)
class StageStarted(Event):
    """A part of the job begins: read, floors, pretrain, finetune, evaluate … `index` counts from 0."""

    name: str
    index: int
    count: int
    seed: int | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """How far the current stage is; `unit` names what is counted (rows, epochs, bytes)."""

    done: float
    total: float
    unit: str


@dataclass(frozen=True, slots=True)
class EpochFinished(Event):
    """One epoch of one stage; `metrics` maps names such as `train_loss`, `valid_accuracy` to numbers."""

    stage: str
    epoch: int
    metrics: Mapping[str, float]
    seconds: float
    seed: int | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class CheckpointSaved(Event):
    """A checkpoint is in place; `path` is relative to the run folder."""

    path: str
    epoch: int


@dataclass(frozen=True, slots=True)
class ArtefactWritten(Event):
    """A result file is in place; `kind` is graph, predictions, embeddings, positions …; `path` as the job defines."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class IssueFound(Event):
    """Something is wrong with one place of the user's data; `line` counts from 1, None when it has none."""

    code: str
    text: str
    file: str = ""
    line: int | None = None
    column: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Worth a user's attention; `details` are the values that a translation needs."""

    level: Literal["info", "warning"]
    code: str
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON values


_TYPES: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        JobStarted,
        JobFinished,
        StageStarted,
        Progress,
        EpochFinished,
        CheckpointSaved,
        ArtefactWritten,
        IssueFound,
        Notice,
    )
}


def to_plain(event: Event) -> dict[str, Any]:  # Any: JSON values
    """Return the event as JSON-ready data with its type under `event`."""
    plain = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    return {"event": type(event).__name__, **{k: dict(v) if isinstance(v, Mapping) else v for k, v in plain.items()}}


def from_plain(plain: Mapping[str, Any]) -> Event | None:  # Any: JSON values
    """Rebuild an event from `to_plain`; None for a type that this program does not know (a newer log)."""
    kind = _TYPES.get(plain["event"])
    if kind is None:
        return None
    names = {f.name for f in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in plain.items() if name in names})


class EventSink(Protocol):
    """Anything that takes events; it must be quick and must not raise."""

    def __call__(self, event: Event) -> None:
        """Take one event."""


def silent(event: Event) -> None:
    """Take an event and do nothing with it: the sink for callers who do not listen."""


class SafeSink:
    """Wrap a sink so that its failures never reach the work; each sink's first failure is logged."""

    def __init__(self, *sinks: EventSink) -> None:
        self._sinks = sinks
        self._failed: set[int] = set()

    def __call__(self, event: Event) -> None:
        """Hand the event to every sink."""
        for number, sink in enumerate(self._sinks):
            try:
                sink(event)
            except Exception:  # noqa: BLE001 - the listener is not ours; the work must survive it
                if number not in self._failed:
                    self._failed.add(number)
                    _log.exception("An event listener failed; its further failures are not logged.")
