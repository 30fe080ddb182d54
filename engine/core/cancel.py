"""Ask running work to end: Stop keeps the best so far, Cancel ends at the next batch."""

from __future__ import annotations

import threading


class Cancelled(Exception):  # noqa: N818 - not an error: the user asked for it
    """Raised inside the work at the first check after `CancelToken.cancel`."""


class CancelToken:
    """A flag shared by the one who asks and the work that checks; safe between threads."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._cancel = threading.Event()

    def stop(self) -> None:
        """Ask the work to end after the current epoch and keep the best checkpoint."""
        self._stop.set()

    def cancel(self) -> None:
        """Ask the work to end at the next check; what is on disk stays valid."""
        self._cancel.set()

    @property
    def is_stopping(self) -> bool:
        """True once `stop` or `cancel` was called."""
        return self._stop.is_set() or self._cancel.is_set()

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._cancel.is_set()

    def check(self) -> None:
        """Return at once, or end the work.

        Raises: Cancelled: `cancel` was called. Work calls this at every batch and chunk.
        """
        if self._cancel.is_set():
            raise Cancelled

    def hurried(self) -> CancelToken:
        """Return a token that takes Stop for Cancel: for work of which a part is worth nothing."""
        return _Hurried(self)


class _Hurried(CancelToken):
    """Sees the requests of another token, each of them as Cancel."""

    def __init__(self, asked: CancelToken) -> None:
        self._stop = self._cancel = _Either(asked._stop, asked._cancel)  # type: ignore[assignment]  # what is asked of it


class _Either:
    """Two flags as one."""

    def __init__(self, stop: threading.Event, cancel: threading.Event) -> None:
        self._stop, self._cancel = stop, cancel

    def is_set(self) -> bool:
        return self._stop.is_set() or self._cancel.is_set()

    def set(self) -> None:
        self._cancel.set()
