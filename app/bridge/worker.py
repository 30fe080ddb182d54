"""Small work away from the window's thread: reading a file, drawing a raster, sorting a table.

One `Worker` is one thread with a queue. Each request has a topic; a newer request of the same topic replaces one that
has not begun, and a late answer of an older one is dropped. Answers are delivered in the thread of the window.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

_log = logging.getLogger(__name__)
_STACK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: a value, or the exception that ended it."""

    topic: str
    number: int
    value: Any = None  # Any: whatever the request returns
    error: Exception | None = None


class _Thread(QThread):
    answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setStackSize(_STACK_BYTES)
        self._wake = threading.Condition()
        self._waiting: OrderedDict[str, tuple[int, Callable[[], Any]]] = OrderedDict()
        self._over = False

    def put(self, topic: str, number: int, call: Callable[[], Any]) -> None:
        with self._wake:
            self._waiting.pop(topic, None)
            self._waiting[topic] = (number, call)
            self._wake.notify()

    def end(self) -> None:
        with self._wake:
            self._over = True
            self._waiting.clear()
            self._wake.notify()

    def run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._over:
                    self._wake.wait()
                if self._over:
                    return
                topic, (number, call) = self._waiting.popitem(last=False)
            try:
                answer = Answer(topic, number, value=call())
            except Exception as error:  # noqa: BLE001 - handed to whoever asked
                _log.info("The request %s failed: %s", topic, error)
                answer = Answer(topic, number, error=error)
            self.answered.emit(answer)


class Worker(QObject):
    """A thread that answers requests. Call `close` before the window goes.

    `answered` carries every current Answer; `submit(…, then=bound_method)` calls one receiver directly.
    """

    answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = _Thread(self)
        self._thread.answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)
        self._newest: dict[str, tuple[int, Callable[[Answer], None] | None]] = {}
        self._count = 0

    def submit(self, topic: str, call: Callable[[], Any], then: Callable[[Answer], None] | None = None) -> int:
        """Ask for something.

        Args:
            topic: a newer request of this name replaces an older one.
            call: runs in the thread; touches no widget.
            then: receives the Answer in the window's thread; a bound method of an object that outlives the request.
        Returns: the request's number.
        """
        self._count += 1
        self._newest[topic] = (self._count, then)
        self._thread.put(topic, self._count, call)
        if not self._thread.isRunning():
            self._thread.start()
        return self._count

    def forget(self, topic: str) -> None:
        """Drop the answer that is still to come."""
        self._newest.pop(topic, None)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._newest)

    def close(self) -> None:
        """End the thread after what it is doing now, and wait for it."""
        self._newest.clear()
        self._thread.end()
        self._thread.wait()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        number, then = self._newest.get(answer.topic, (-1, None))
        if number != answer.number:
            return
        del self._newest[answer.topic]
        if then is not None:
            then(answer)
        self.answered.emit(answer)
