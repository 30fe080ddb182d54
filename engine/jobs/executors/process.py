"""Run jobs in a child process and tell apart how it can end. Nothing here loads Qt or torch.

The caller keeps one thread at `receive`; `submit`, `stop`, `cancel` and `kill` may come from another.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import engine
from engine.core.errors import WorkerError
from engine.core.events import Event, from_plain
from engine.core.memory import WAITING
from engine.jobs.executors.frames import read_frame, write_frame
from engine.jobs.spec import JobSpec

EndReason = Literal["closed", "killed", "error", "signal", "memory", "hung"]
_LOG_BYTES = 4 << 20
_TAIL_LINES = 40
# The heart's thread needs the interpreter: a long call that keeps it to itself is silent, not dead.
_HUNG_SECONDS = 60.0
_NEARLY_FULL = 0.03


@dataclass(frozen=True, slots=True)
class Ended:
    """The child is gone.

    Args:
        reason: closed (shut down as asked), killed (by `kill`), error (it exited by itself), signal, memory, hung.
        error: what to tell the user, None when it was asked for.
        job: id of the job that was running, empty when none was.
        log_tail: the last lines the child wrote to its log.
    """

    reason: EndReason
    error: WorkerError | None = None
    job: str = ""
    log_tail: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """An event of a job."""

    job: str
    event: Event


class ProcessExecutor:
    """One child process for one lane; it takes several jobs, one after another.

    Args:
        folder: where relative paths of jobs start.
        warm: import torch at once, so that the first run begins without a wait.
        log: file that gets what the child prints, up to 4 MB; nothing is kept when None.
        hung_seconds: silence of the heart after which the child counts as hung and is killed.
    """

    def __init__(
        self, folder: Path, *, warm: bool = False, log: Path | None = None, hung_seconds: float = _HUNG_SECONDS
    ) -> None:
        self._folder = folder
        self._warm = warm
        self._log = log
        self._hung_seconds = hung_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()  # Any: JSON values
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._write_lock = threading.Lock()
        self._running: list[str] = []
        self._asked: EndReason | None = None
        self._last_sign = 0.0
        self._last_beat: dict[str, Any] = {}  # Any: JSON values
        self._kills_before = 0

    @property
    def is_alive(self) -> bool:
        """True while the child lives."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the child, None before `start`."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the child, or start it anew after it ended.

        Raises: WorkerError: the system does not let it start.
        """
        if self.is_alive:
            return
        self._join()
        self._messages = queue.SimpleQueue()
        self._tail.clear()
        self._running = []
        self._asked = None
        self._last_beat = {}
        self._kills_before = _memory_kills()
        try:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.jobs.executors.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._folder,
                env=_environment(),
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise WorkerError(
                f"The process that does the work cannot start: {error}.", code="job.worker.start"
            ) from error
        self._child = child
        self._last_sign = time.monotonic()
        assert child.stdout is not None
        assert child.stderr is not None
        self._threads = [
            threading.Thread(target=_pump, args=(child.stdout, self._messages), name="worker events", daemon=True),
            threading.Thread(target=self._drain, args=(child.stderr,), name="worker log", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        if self._warm:
            self._send({"type": "warm"})

    def submit(self, spec: JobSpec) -> None:
        """Hand over a job; its id must be new.

        Raises: WorkerError: the child is gone; `receive` says how, `start` begins anew.
        """
        if not spec.id:
            raise ValueError("a job needs an id, or its answers cannot be told from another's")
        self._running.append(spec.id)
        message = {
            "type": "job",
            "id": spec.id,
            "kind": spec.kind,
            "arguments": dict(spec.arguments),
            "folder": str(self._folder),
        }
        if not self._send(message):
            raise WorkerError(
                "The process that does the work is gone.", code="job.worker.gone", hint="Start the job again."
            )

    def stop(self, job: str) -> None:
        """Ask a job to end after this epoch and keep the best."""
        self._send({"type": "stop", "id": job})

    def cancel(self, job: str) -> None:
        """Ask a job to end at the next batch."""
        self._send({"type": "cancel", "id": job})

    def kill(self) -> None:
        """End the child at once; `receive` then returns Ended with reason killed."""
        self._asked = "killed"
        if self._child is not None:
            self._child.kill()

    def receive(self, timeout: float) -> Received | Ended | None:
        """Return the next event, how the child ended, or None when nothing came within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                message = self._messages.get(timeout=max(0.0, min(deadline - time.monotonic(), 1.0)))
            except queue.Empty:
                if self._is_hung():
                    self._asked = "hung"
                    if self._child is not None:
                        self._child.kill()
                    self._last_sign = time.monotonic()
                if time.monotonic() >= deadline:
                    return None
                continue
            if message is None:
                return self._end()
            self._last_sign = time.monotonic()
            found = self._understood(message)
            if found is not None:
                return found

    def close(self, timeout: float = 3.0) -> None:
        """Shut the child down and wait for it; it is killed when it takes longer than `timeout` seconds."""
        child = self._child
        if child is None:
            return
        self._asked = self._asked or "closed"
        self._send({"type": "shutdown"})
        with contextlib.suppress(OSError):
            if child.stdin is not None:
                child.stdin.close()
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self._join()

    def _understood(self, message: dict[str, Any]) -> Received | None:  # Any: JSON values
        if message["type"] == "beat":
            self._last_beat = message
        if message["type"] != "event":
            return None
        job = message["job"]
        event = from_plain(message["event"])
        if message["event"]["event"] == "JobFinished" and job in self._running:
            self._running.remove(job)
        return None if event is None else Received(job, event)

    def _is_hung(self) -> bool:
        return self.is_alive and self._asked is None and time.monotonic() - self._last_sign > self._hung_seconds

    def _end(self) -> Ended:
        child = self._child
        assert child is not None
        code = child.wait()
        self._join()
        self._messages.put(None)  # whoever asks again gets the same answer
        job = self._running[0] if self._running else ""
        tail = "\n".join(self._tail)
        if self._asked in ("closed", "killed"):
            return Ended(self._asked, None, job, tail)
        reason, error = self._explained(code)
        return Ended(reason, error, job, tail)

    def _explained(self, code: int) -> tuple[EndReason, WorkerError]:
        resume = "What was saved is kept: the run can be resumed."
        if self._asked == "hung":
            text = f"The process that does the work gave no sign for {self._hung_seconds:.0f} seconds and was ended."
            return "hung", WorkerError(text, code="job.worker.hung", hint=resume)
        if code == -getattr(signal, "SIGKILL", 9) and self._memory_was_short():
            text = "The process that does the work was ended by the system, probably because memory ran out."
            hint = f"Choose a smaller width, or close other programs. {resume}"
            return "memory", WorkerError(text, code="job.worker.memory", hint=hint, **self._last_beat_details())
        if code < 0:
            name = _signal_name(-code)
            text = f"The process that does the work was ended from outside or crashed ({name})."
            return "signal", WorkerError(text, code="job.worker.signal", hint=resume, signal=name)
        text = f"The process that does the work ended by itself with code {code}."
        return "error", WorkerError(text, code="job.worker.error", hint=f"The log has the details. {resume}", exit=code)

    def _memory_was_short(self) -> bool:
        if _memory_kills() > self._kills_before:
            return True
        free, resident = int(self._last_beat.get("free", -1)), int(self._last_beat.get("resident", 0))
        return 0 <= free < _NEARLY_FULL * max(resident + free, 1)

    def _last_beat_details(self) -> dict[str, Any]:  # Any: JSON values
        return {name: self._last_beat[name] for name in ("resident", "free") if name in self._last_beat}

    def _send(self, message: dict[str, Any]) -> bool:  # Any: JSON values
        child = self._child
        if child is None or child.stdin is None:
            return False
        with self._write_lock:
            try:
                write_frame(child.stdin, message)
            except (OSError, ValueError):
                return False
        return True

    def _drain(self, pipe: IO[bytes]) -> None:
        """Copy the child's log, up to its cap, and remember the last lines.

        A full disk ends the copy and never the reading: a child whose pipe nobody empties would stand still.
        """
        written = 0
        with contextlib.ExitStack() as stack:
            file: IO[bytes] | None = None
            with contextlib.suppress(OSError):
                file = stack.enter_context(self._open_log()) if self._log else None
            for line in iter(lambda: pipe.readline(1 << 16), b""):
                self._tail.append(line.decode("utf-8", "replace").rstrip())
                if file is not None and written < _LOG_BYTES:
                    with contextlib.suppress(OSError):
                        file.write(line)
                    written += len(line)
            pipe.close()

    def _open_log(self) -> IO[bytes]:
        """Open the log to go on where it ends, unbuffered; one that has reached its cap begins anew."""
        assert self._log is not None
        is_full = self._log.exists() and self._log.stat().st_size >= _LOG_BYTES
        return self._log.open("wb" if is_full else "ab", buffering=0)

    def _join(self) -> None:
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5.0)
        self._threads = []
        if self._child is not None and self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()


def _pump(pipe: IO[bytes], messages: queue.SimpleQueue[dict[str, Any] | None]) -> None:  # Any: JSON values
    """Hand the child's messages over one by one, and None when there are no more."""
    with contextlib.suppress(OSError, ValueError):
        while (message := read_frame(pipe)) is not None:
            messages.put(message)
    pipe.close()
    messages.put(None)


def _environment() -> dict[str, str]:
    """Return the child's environment: the same engine, numba's cache in the user's folder, threads that sleep."""
    import platformdirs

    home = str(Path(engine.__file__).resolve().parents[1])
    paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    chosen = {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONIOENCODING": "utf-8",
        "NUMBA_CACHE_DIR": str(Path(platformdirs.user_cache_dir("kith", appauthor=False)) / "numba"),
        **WAITING,
    }
    return {**chosen, **os.environ, "PYTHONPATH": chosen["PYTHONPATH"]}


def _memory_kills() -> int:
    """Return how many processes this system has ended for want of memory, 0 where it does not tell."""
    kills = 0
    for place in ("/proc/vmstat", "/sys/fs/cgroup/memory.events"):
        with contextlib.suppress(OSError, ValueError):
            for line in Path(place).read_text(encoding="ascii").splitlines():
                name, _, value = line.partition(" ")
                if name == "oom_kill":
                    kills += int(value)
    return kills


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
