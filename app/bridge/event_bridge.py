"""From the worker threads to the window: a locked queue, drained thirty times a second."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.bridge.told import events

_INTERVAL_MS = 33
# A drain of this many takes some milliseconds; the rest waits for the next tick, so that the window can paint.
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that a lane tells: an event of a job, or that its child is gone."""

    lane: str
    job: str
    event: events.Event | None = None
    ended: object = None  # engine.jobs.executors.process.Ended, or the exception that kept the job from beginning


class EventBridge(QObject):
    """Append from any thread; `happened` is emitted in the thread that made this object, in order.

    Of several Progress of one job that wait together only the last is told.
    """

    happened = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: deque[Happened] = deque()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.drain)

    def append(self, happened: Happened) -> None:
        """Add one; quick, from any thread."""
        with self._lock:
            last = self._waiting[-1] if self._waiting else None
            if last is not None and _replaces(happened, last):
                self._waiting[-1] = happened
            else:
                self._waiting.append(happened)

    def start(self) -> None:
        """Begin to deliver."""
        self._timer.start()

    def stop(self) -> None:
        """Deliver no more."""
        self._timer.stop()

    @Slot()
    def drain(self) -> None:
        """Deliver what waits."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _AT_ONCE))]
        for happened in batch:
            self.happened.emit(happened)


def _replaces(new: Happened, old: Happened) -> bool:
    return isinstance(new.event, events.Progress) and isinstance(old.event, events.Progress) and new.job == old.job
