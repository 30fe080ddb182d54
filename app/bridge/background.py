"""Call functions away from the GUI thread: one at a time, and of those that wait only the newest.

For sums that belong to the window itself, such as a frame of the canvas, the order of a long table or a file to read.
Work of the engine goes through the job controller and a child process instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

_log = logging.getLogger(__name__)
# Most of these threads wait, for a file or for another process that may have to compile first: two of them, one for
# each core, once kept a picture that was there from being read for 20 seconds.
_THREADS = 8
_STACK_BYTES = 16 * 1024 * 1024  # the default on macOS is 512 KiB, too little for numpy and pandas


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call. `value` is what the function returned; `error` what it raised instead."""

    tag: object
    value: Any = None  # Any: whatever the function returns
    error: Exception | None = None


class Background(QObject):
    """Calls functions in a thread of Qt's pool and hands the outcome back in the GUI thread.

    A function that waits is dropped when a newer one comes; the one that runs is finished and told.
    """

    finished = Signal(object)  # Outcome
    settled = Signal()  # nothing runs and nothing waits

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: tuple[Callable[[], Any], object] | None = None
        self._running: _Call | None = None
        self._muted = False

    @property
    def busy(self) -> bool:
        """Whether a function runs or waits."""
        return self._running is not None or self._waiting is not None

    def submit(self, function: Callable[[], Any], tag: object = None) -> None:
        """Call the function soon. Args: function: touches no widget. tag: comes back in the outcome."""
        self._waiting = (function, tag)
        self._next()

    def drop(self) -> None:
        """Forget what waits, and keep silent about what runs."""
        self._waiting = None
        self._muted = self._running is not None

    @Slot(object)
    def _on_done(self, outcome: object) -> None:
        self._running = None
        muted, self._muted = self._muted, False
        if not muted:
            self.finished.emit(outcome)
        self._next()
        if self._running is None:
            self.settled.emit()

    def _next(self) -> None:
        if self._running is not None or self._waiting is None:
            return
        function, tag = self._waiting
        self._waiting = None
        self._running = _Call(function, tag)
        # Bound to this object, so that a widget that is gone by then is simply not told.
        self._running.relay.done.connect(self._on_done)
        pool = QThreadPool.globalInstance()
        pool.setStackSize(_STACK_BYTES)
        pool.setMaxThreadCount(max(_THREADS, pool.maxThreadCount()))
        pool.start(self._running)


def wait_for_background(milliseconds: int = 3000) -> bool:
    """Wait until no call runs any more; to be used once, before the application ends.

    Returns: whether all were done in time.
    """
    pool = QThreadPool.globalInstance()
    pool.clear()
    return pool.waitForDone(milliseconds)


class _Relay(QObject):
    """Carries the outcome across: a signal of an object in the GUI thread, emitted from the pool's thread."""

    done = Signal(object)


class _Call(QRunnable):
    def __init__(self, function: Callable[[], Any], tag: object) -> None:
        super().__init__()
        self.setAutoDelete(False)  # Python owns it
        self.relay = _Relay()
        self._function = function
        self._tag = tag

    def run(self) -> None:
        try:
            outcome = Outcome(self._tag, value=self._function())
        except Exception as error:  # noqa: BLE001 - a boundary between threads: the caller decides what to say
            _log.exception("a call in the background failed")
            outcome = Outcome(self._tag, error=error)
        self.relay.done.emit(outcome)
