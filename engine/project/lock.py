"""One writer for a folder: who holds it, and whether that process still lives."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.core.errors import LockedError, WriteError

_log = logging.getLogger(__name__)


class FolderLock:
    """The file `lock` of a folder: host, process and time of the one who writes there.

    A lock whose process on this machine is gone is taken over. One from another machine cannot be judged: it is
    refused until `force` says that its owner is gone.
    """

    def __init__(self, folder: Path, name: str = "lock") -> None:
        self._path = folder / name
        self._held = False

    @property
    def is_held(self) -> bool:
        """True between `acquire` and `release` of this object."""
        return self._held

    def acquire(self, *, force: bool = False) -> None:
        """Take the lock.

        Args: force: take it even from an owner that cannot be judged.
        Raises:
            LockedError: another living process, or another machine, holds it; details say which.
            WriteError: the folder cannot be written.
        """
        try:
            with _alone(self._path.parent):
                self._take(force)
        except OSError as error:
            raise WriteError.of(self._path.parent, error) from error
        self._held = True

    def _take(self, force: bool) -> None:
        for _ in range(10):
            try:
                handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            except FileExistsError:
                self._judge(force)
                self._path.unlink(missing_ok=True)
                continue
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(_owner(), file)
            except OSError:
                self._path.unlink(missing_ok=True)
                raise
            return
        raise LockedError(f"{self._path.parent} is being opened by several programs at once.", hint="Try again.")

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held, or when somebody took it by force."""
        if self._held:
            self._held = False
            owner = self.owner()
            with contextlib.suppress(OSError):  # a disk that has gone read-only: the lock is stale once we end
                if owner is None or (owner.get("host"), owner.get("pid")) == (platform.node(), os.getpid()):
                    self._path.unlink(missing_ok=True)

    def follow(self, folder: Path) -> None:
        """Note that the folder was moved, the lock with it."""
        self._path = folder / self._path.name

    def owner(self) -> dict[str, Any] | None:  # Any: JSON values
        """Return who holds the lock, whether alive or not; None when nobody does."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def is_alive(self) -> bool:
        """True when a process that still runs, or one on another machine, holds the lock."""
        owner = self.owner()
        return owner is not None and (owner.get("host") != platform.node() or _lives(owner))

    def _judge(self, force: bool) -> None:
        owner = self.owner()
        # A torn lock is a crash between creating and writing it; give a living writer a moment.
        if owner is None:
            time.sleep(0.05)
            owner = self.owner()
        if owner is None or force:
            return
        if owner.get("host") != platform.node():
            raise LockedError(
                f"{self._path.parent} is open on the machine {owner.get('host')}.",
                hint="Close it there; if that machine is gone, remove the lock.",
                **owner,
                removable=True,
            )
        if _lives(owner):
            raise LockedError(
                f"{self._path.parent} is open in another window or shell (process {owner.get('pid')}).",
                hint="Close it there first.",
                **owner,
                removable=False,
            )
        _log.info("The lock of process %s, which is gone, is taken over.", owner.get("pid"))

    def __enter__(self) -> FolderLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process of this machine at a time judge a folder's lock.

    Otherwise two that find the same stale lock remove it one after the other, and the second removes the first one's
    new lock with it. The system ends this hold when the process dies, so it is never stale itself.
    """
    if os.name != "posix":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without such holds
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _owner() -> dict[str, Any]:  # Any: JSON values
    return {"host": platform.node(), "pid": os.getpid(), "began": _began(os.getpid()), "time": time.time()}


def _lives(owner: dict[str, Any]) -> bool:  # Any: JSON values
    pid = int(owner.get("pid", 0))
    # One that was killed keeps its number, and can be signalled, until its parent has asked how it ended.
    if pid <= 0 or not _exists(pid) or _state(pid) in ("Z", "X"):
        return False
    began = _began(pid)
    # A number is used again after a restart: only the same start time is the same process.
    return began == 0.0 or not owner.get("began") or bool(began == owner["began"])


def _began(pid: int) -> float:
    """Return when a process began, in clock ticks since the machine started; 0 where the system does not tell."""
    with contextlib.suppress(ValueError, IndexError):
        return float(_facts(pid)[19])
    return 0.0


def _state(pid: int) -> str:
    """Return a process's state as one letter, empty where the system does not tell; Z is dead and not yet asked for."""
    return next(iter(_facts(pid)), "")


def _facts(pid: int) -> list[str]:
    """Return what Linux says of a process after its name; nothing elsewhere."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return text.rpartition(")")[2].split()
    return []


def _exists(pid: int) -> bool:
    if sys.platform == "win32":
        # os.kill(pid, 0) would send Ctrl+C there.
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
