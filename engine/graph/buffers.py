"""Large tables that are used again and again: a training step fills the same memory as the one before."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.core.memory import give_memory_back

# Smaller ones come from the heap, which keeps them anyway.
_LARGE = 1 << 20
# A table may lie in a buffer of up to this many times its size.
_ROOMY = 1.25
# Free buffers beyond this many are given up, the longest unused first: samples differ in size from step to step.
_KEPT = 12
_LINE = 64
DTYPES = {torch.float32: np.float32, torch.float64: np.float64}


class Buffers:
    """Memory of tables that nobody holds any longer, for those that come next.

    A table is handed out as an ordinary tensor. When torch lets go of it, wherever that happens, its memory returns.
    """

    def __init__(self) -> None:
        self._free: list[npt.NDArray[np.uint8]] = []
        # A table may be let go of while another is handed out, by the same thread or by another.
        self._lock = threading.RLock()

    def empty(self, rows: int, width: int, dtype: torch.dtype) -> Tensor:
        """Return a table [rows, width] of one of the dtypes in `DTYPES`; its numbers are whatever was there before."""
        size = rows * width * dtype.itemsize
        memory = self._take(size)
        # An array of its own for each table, which lives exactly as long as torch's storage.
        table = memory[:size].view(DTYPES[dtype]).reshape(rows, width)
        weakref.finalize(table, self._release, memory).atexit = False
        return torch.from_numpy(table)

    def _take(self, size: int) -> npt.NDArray[np.uint8]:
        with self._lock:
            fitting = [(len(memory), k) for k, memory in enumerate(self._free) if size <= len(memory) <= size * _ROOMY]
            if fitting:
                return self._free.pop(min(fitting)[1])
        whole = np.empty(size + _LINE, np.uint8)
        first = -whole.ctypes.data % _LINE
        return whole[first : first + size]

    def _release(self, memory: npt.NDArray[np.uint8]) -> None:
        with self._lock:
            self._free.append(memory)
            del self._free[:-_KEPT]


_current: ContextVar[Buffers | None] = ContextVar("buffers", default=None)


@contextmanager
def reused_buffers() -> Iterator[None]:
    """Let operations inside take their large tables from one set of buffers, which is given up at the end."""
    # What came before has left holes that no step will fill.
    give_memory_back()
    token = _current.set(Buffers())
    try:
        yield
    finally:
        _current.reset(token)


def reuses_buffers() -> bool:
    """Whether this is inside `reused_buffers`: a training, whose steps are alike."""
    return _current.get() is not None


def empty_table(rows: int, width: int, like: Tensor) -> Tensor:
    """Return an unfilled table [rows, width] of the dtype and on the device of another."""
    buffers = _current.get()
    if (
        buffers is None
        or like.device.type != "cpu"
        or like.dtype not in DTYPES
        or rows * width * like.dtype.itemsize < _LARGE
    ):
        return like.new_empty(rows, width)
    return buffers.empty(rows, width, like.dtype)
