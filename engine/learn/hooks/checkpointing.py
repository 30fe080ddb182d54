"""Save a resumable snapshot now and then, and when the work is interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.learn.hooks._base import Hook, Loop


class Checkpointing(Hook):
    """Save at most every so many seconds, and at Stop and Cancel.

    Args: seconds: least time between two snapshots. clock: seconds that only grow.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last = clock()

    def after_epoch(self, loop: Loop) -> None:
        """Save when the last snapshot is old enough."""
        if self._clock() - self._last >= self._seconds:
            loop.save()
            self._last = self._clock()

    def at_interruption(self, loop: Loop) -> None:
        """Save, so that the stage can be resumed."""
        loop.save()
