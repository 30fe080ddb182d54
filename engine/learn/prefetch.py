"""Make what a loop will ask for next on a thread of its own, while the loop computes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
_DEPTH = 2


class Ahead(Generic[T]):
    """Makes numbered things in order, a few ahead of the one that is asked for.

    Args: make: number to thing; called by one thread at a time, with nothing else of that thread's making.
    """

    def __init__(self, make: Callable[[int], T]) -> None:
        self._make = make
        self._pool = ThreadPoolExecutor(1)
        self._pending: dict[int, Future[T]] = {}

    def get(self, number: int) -> T:
        """Return one thing, and let those that follow it be made.

        Raises: what `make` raises.
        """
        for other in [known for known in self._pending if not number <= known <= number + _DEPTH]:
            self._pending.pop(other).cancel()
        for wanted in range(number, number + _DEPTH + 1):
            if wanted not in self._pending:
                self._pending[wanted] = self._pool.submit(self._make, wanted)
        return self._pending.pop(number).result()

    def close(self) -> None:
        """End the thread; what is being made is waited for."""
        self._pool.shutdown(wait=True, cancel_futures=True)
