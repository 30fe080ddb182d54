"""How this process takes memory from the system, and gives it back. Set before numbers are worked on."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import Any

# glibc's mallopt: the heap shrinks above the first; the second limits blocks mapped one by one.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_memory() -> None:
    """Keep large blocks between the steps of a training instead of handing them back to the system after each.

    Without it glibc maps every large block anew: page faults were half of a training step. Pages of 2 MB, where the
    system offers them, make the rest cheaper, and far accesses with them. Does nothing elsewhere than on Linux.
    """
    # Read by torch when it first takes memory.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    library = _glibc()
    if library is not None:
        library.mallopt(_M_MMAP_MAX, 0)
        library.mallopt(_M_TRIM_THRESHOLD, _NEVER)


def give_memory_back() -> None:
    """Hand what is free to the system: after a job, before a long wait."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> Any:  # Any: ctypes has no types for what a library holds
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        if library.mallopt and library.malloc_trim:
            return library
    return None
