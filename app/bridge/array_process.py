"""A child process that answers questions about arrays: for sums too long for the window and too quick for a job.

The window's interpreter must not share its lock with a compiler: while numba is imported and compiles in a thread of
the window, every call into Qt may wait its turn. In a process of its own that costs the window nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import app

if TYPE_CHECKING:
    import subprocess

    from app.bridge.wire import Message

_PIPE_BYTES = 1 << 20  # a picture of four megabytes then takes a few turns instead of sixty
_PATIENCE = 2.0


class ProcessGoneError(Exception):
    """The process ended, could not be started, or refused the question."""


class ArrayProcess:
    """Runs `python -m module` when it is first asked. Questions come from any thread and are answered one by one.

    Args: module: reads messages from its input and answers each, see `wire`.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self.is_ready = False
        self.generation = 0  # how often it was started: what an earlier one was told, the next does not know

    @property
    def pid(self) -> int:
        """Its process id, 0 while there is none."""
        return 0 if self._child is None else self._child.pid

    def warm(self) -> None:
        """Start the process and wait until it can answer at once. Raises: ProcessGoneError: that failed."""
        with self._lock:
            if self.is_ready and self._child is not None and self._child.poll() is None:
                return
            from app.bridge.wire import Message  # numpy, not before the first paint

            self._start()
            self._exchange(Message({"do": "warm"}))
            self.is_ready = not self._closed

    def ask(self, question: Message, generation: int) -> Message:
        """Return the answer.

        Args: generation: the one whose memory the question relies on.
        Raises: ProcessGoneError: it is gone, was started anew meanwhile, or refuses.
        """
        with self._lock:
            if generation != self.generation or self._child is None:
                raise ProcessGoneError("another process answers now")
            return self._exchange(question)

    def close(self) -> None:
        """End the process at once: it holds nothing that could be lost."""
        self._closed = True
        if self._child is not None:
            self._child.kill()  # whoever waits for an answer now finds the pipe at its end
        with self._lock:
            self._end()

    def _start(self) -> None:
        if self._closed:
            raise ProcessGoneError("the window is being closed")
        import subprocess  # not before the first paint

        self._end()
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment(),
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise ProcessGoneError(str(error)) from error
        self.generation += 1
        for pipe in (self._child.stdin, self._child.stdout):
            _widen(pipe)

    def _end(self) -> None:
        self.is_ready = False
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _exchange(self, question: Message) -> Message:
        child = self._child
        if self._closed or child is None:
            raise ProcessGoneError("the window is being closed")
        from app.bridge.wire import receive, send

        assert child.stdin is not None
        assert child.stdout is not None
        try:
            send(child.stdin, question)
            answer = receive(child.stdout)
        except (OSError, ValueError) as error:
            self.is_ready = False
            raise ProcessGoneError(str(error)) from error
        if answer is None:
            self.is_ready = False
            raise ProcessGoneError(f"{self._module} ended with {child.poll()}")
        if "error" in answer.header:
            raise ProcessGoneError(str(answer.header["error"]))
        return answer

    def _environment(self) -> dict[str, str]:
        import platformdirs  # not before the first paint

        home = str(Path(app.__file__).resolve().parents[1])
        paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        chosen = {
            "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait must not spin
            "NUMBA_CACHE_DIR": str(Path(platformdirs.user_cache_dir("kith", appauthor=False)) / "numba"),
        }
        return {**chosen, **os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def _widen(pipe: object) -> None:
    """Let a pipe hold more at once, where the system allows it."""
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)  # type: ignore[attr-defined]
