"""How this process takes memory from the system, and gives it back. Set before numbers are worked on."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import Any

# glibc's mallopt: the heap shrinks above the first; blocks beyond the second, 32 MB at most, are mapped one by one.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MAPPED, _KEPT = 32 << 20, 512 << 20

# Threads that wait for each other sleep, after a moment where OpenMP is GNU's. Waking costs as much as a small product:
# asleep at once, they made an epoch on molecules twice as long. Spinning on, they take the core from the one they wait
# for as soon as anything else runs: a step of 9 ms took 97.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "2000"}


def keep_memory() -> None:
    """Keep blocks of medium size between the steps of a training instead of handing them back after each.

    Page faults were half of a training step. Large tables come from buffers of their own (`engine.graph.buffers`): from
    the heap they would leave holes. Does nothing elsewhere than on Linux.

    How threads of a product wait for each other is set, too: see `WAITING`. OpenMP reads it when torch is loaded, so
    this comes before.
    """
    for name, value in WAITING.items():
        os.environ.setdefault(name, value)
    library = _glibc()
    if library is not None:
        library.mallopt(_M_MMAP_THRESHOLD, _MAPPED)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT)


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


def resident_bytes() -> int:
    """Return the memory that this process holds now; 0 where the system does not say."""
    return _status("VmRSS")


def peak_bytes() -> int:
    """Return the most memory that this process held since its start or `forget_peak`; 0 where the system is silent."""
    return _status("VmHWM")


def forget_peak() -> None:
    """Let the peak be counted from now on, where the system allows it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def free_bytes() -> int:
    """Return the memory that this process may still take; 0 where it is unknown.

    That is what is free on the machine, what caches would give up included, or what is left of a limit: of the process
    (`ulimit -d`), or of the container that it runs in.
    """
    bounds = [_read(Path("/proc/meminfo"), "MemAvailable"), _left_of_process(), _left_of_container()]
    return min((bound for bound in bounds if bound), default=0)


def _left_of_process() -> int:
    """Return what is left of the limit on data; 0 without one."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrlimit(resource.RLIMIT_DATA)[0]
    return 0 if most == resource.RLIM_INFINITY else max(1, most - resident_bytes())


def _left_of_container(group: Path = Path("/sys/fs/cgroup")) -> int:
    """Return what is left of the limit on this container; 0 without one."""
    with contextlib.suppress(OSError, ValueError):
        most = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        statistics = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        # What was read from files counts as used, and is given up when it is needed.
        return max(1, most - used + int(statistics.get("inactive_file", 0)))
    return 0


def _status(name: str) -> int:
    return _read(Path("/proc/self/status"), name)


def _read(path: Path, name: str) -> int:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    found = (line for line in lines if line.startswith(f"{name}:"))
    return next((1024 * int(line.split()[1]) for line in found), 0)
