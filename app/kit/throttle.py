"""Do something at most so many times a second, and always once more after the last request."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Slot


class Throttle(QObject):
    """Call at once when rested, otherwise as soon as the interval has passed.

    Args: call: what to do; a bound method of something that outlives this. milliseconds: least time between two calls.
    """

    def __init__(self, call: Callable[[], None], milliseconds: int = 33, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        # Kept here: starting a timer for what is left of the interval makes that the timer's interval.
        self._interval = milliseconds
        self._timer.timeout.connect(self._on_timeout)

    def request(self) -> None:
        """Ask for a call."""
        if self._timer.isActive():
            return
        # Asked once: between two questions the clock may pass the end, and Qt warns of a negative wait.
        left = self._interval - int(self._since.elapsed()) if self._since.isValid() else 0
        if left <= 0:
            self._on_timeout()
        else:
            self._timer.start(left)

    def cancel(self) -> None:
        """Forget what was asked."""
        self._timer.stop()

    @Slot()
    def _on_timeout(self) -> None:
        self._since.restart()
        self._call()
