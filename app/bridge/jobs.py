"""A job as the window sees it: what was asked, how far it is, how it ended."""

from __future__ import annotations

import time
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from app.bridge.told import events

Lane = Literal["train", "quick", "drawing"]
State = Literal["queued", "running", "stopping", "cancelling", "finished", "stopped", "cancelled", "failed"]
OVER: tuple[State, ...] = ("finished", "stopped", "cancelled", "failed")
_TRAININGS = ("pretrain", "scratch", "finetune")


class Job(QObject):
    """One request to the engine and its story.

    `happened` carries every Event in order, `changed` says that state, stage or progress moved, `finished` comes
    once, last.
    `result` is the job's plain result when it finished or stopped; `error` is `EngineError.to_plain()` when it failed.
    """

    happened = Signal(object)  # Event
    changed = Signal()
    finished = Signal(object)  # the Job itself

    def __init__(
        self, id: str, kind: str, arguments: dict[str, Any], lane: Lane, title: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.lane: Lane = lane
        self.title = title
        self.state: State = "queued"
        self.stage: events.StageStarted | None = None
        self.progress: events.Progress | None = None
        self.result: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None
        self.begun: float | None = None  # monotonic seconds
        self.has_trained = False  # a training began: there is something that Stop can keep
        self._ended: float | None = None
        self._stage_begun = 0.0
        self._silent_since: float | None = None

    @property
    def trains(self) -> bool:
        """Whether it is in the middle of a training."""
        return self.stage is not None and self.stage.name in _TRAININGS

    @property
    def is_over(self) -> bool:
        """Whether the last event came."""
        return self.state in OVER

    @property
    def seconds(self) -> float:
        """Seconds since it began, or that it took."""
        if self.begun is None:
            return 0.0
        return (time.monotonic() if self._ended is None else self._ended) - self.begun

    @property
    def fraction(self) -> float | None:
        """How far the current stage is, 0 … 1; None when it does not say."""
        if self.progress is None or self.progress.total <= 0:
            return None
        return min(1.0, self.progress.done / self.progress.total)

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the current stage will take at its pace so far; None while that is a guess."""
        fraction, spent = self.fraction, time.monotonic() - self._stage_begun
        if fraction is None or fraction < 0.02 or spent < 1.0:
            return None
        return spent * (1 - fraction) / fraction

    def begin(self) -> None:
        """Note that the work began."""
        self.state = "running"
        self.begun = self._stage_begun = time.monotonic()
        self.changed.emit()

    def ask(self, state: Literal["stopping", "cancelling"]) -> None:
        """Note that the user asked for an end."""
        if not self.is_over:
            self.state = state
            self.changed.emit()

    def take(self, event: events.Event) -> None:
        """Take one event of the work."""
        if isinstance(event, events.StageStarted):
            self.stage, self.progress, self._stage_begun = event, None, time.monotonic()
            self.has_trained = self.has_trained or self.trains
            self.changed.emit()
        elif isinstance(event, events.Progress):
            self.progress = event
            self.changed.emit()
        self.happened.emit(event)
        if isinstance(event, events.JobFinished) and not self.is_over:
            self.state = event.status
            self._ended = time.monotonic()
            self.result = dict(event.result) if event.result is not None else None
            self.error = dict(event.error) if event.error is not None else None
            self.changed.emit()
            self.finished.emit(self)
