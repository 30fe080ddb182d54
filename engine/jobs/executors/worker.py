"""The child that does the sums: takes jobs on its standard input, answers with events, ends with its pipe."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from engine.core.cancel import CancelToken
from engine.core.events import Event, to_plain
from engine.core.memory import give_memory_back, keep_memory
from engine.jobs._base import execute
from engine.jobs.executors.frames import read_frame, write_frame
from engine.jobs.spec import JobSpec

BEAT_SECONDS = 1.0
# Seconds between the loss of the pipe and the end: time for a running job to reach its next check.
_GRACE = 2.0
_NICENESS = 5

_log = logging.getLogger(__name__)


class Worker:
    """One child process: a thread reads requests, a thread beats the heart, this thread runs the jobs.

    Args: requests: pipe to read from. answers: pipe to write to; nothing else may write there.
    """

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests = requests
        self._answers = answers
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()  # Any: JSON values
        # A job's token exists from the moment its request is read: a Stop that follows closely must find it.
        self._tokens: dict[str, CancelToken] = {}

    def serve(self) -> None:
        """Take requests until the pipe closes or a shutdown arrives."""
        self._send({"type": "ready", "pid": os.getpid(), "python": sys.version.split()[0]})
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        threading.Thread(target=self._beat, name="heart", daemon=True).start()
        while (request := self._waiting.get()) is not None:
            if request["type"] == "warm" and not self._waiting.empty():
                self._waiting.put(request)  # whoever waits for an answer comes first
            elif request["type"] == "warm":
                self._warm()
            else:
                self._run(request)

    def _warm(self) -> None:
        """Import what the first run needs; without it that run only begins later."""
        from engine.jobs.executors.warming import warm, warm_pictures

        try:
            warm()
            if self._waiting.empty():
                warm_pictures()
        except Exception:  # noqa: BLE001 - a boundary: the run itself tells what is wrong
            _log.exception("Warming up failed.")

    def _run(self, request: dict[str, Any]) -> None:  # Any: JSON values
        spec = JobSpec(request["kind"], request["arguments"], request["id"])
        token = self._tokens[spec.id]

        def sink(event: Event) -> None:
            self._send({"type": "event", "job": spec.id, "event": to_plain(event)})

        try:
            execute(spec, sink, token, Path(request["folder"]))
        finally:
            self._tokens.pop(spec.id, None)
            give_memory_back()

    def _read(self) -> None:
        try:
            while (request := read_frame(self._requests)) is not None:
                if not self._take(request):
                    return
        except (OSError, ValueError) as error:
            _log.error("The request pipe broke: %s", error)
        self._leave()

    def _take(self, request: dict[str, Any]) -> bool:  # Any: JSON values
        """Handle one request; false when it was the last."""
        kind = request["type"]
        if kind == "job":
            self._tokens[request["id"]] = CancelToken()
            self._waiting.put(request)
        elif kind == "warm":
            self._waiting.put(request)
        elif kind in ("stop", "cancel"):
            token = self._tokens.get(request["id"])
            if token is not None:
                (token.stop if kind == "stop" else token.cancel)()
        elif kind == "shutdown":
            self._leave()
            return False
        return True

    def _leave(self) -> None:
        """End the process soon: whoever asked for the work is gone, and files are whole at every moment."""
        for token in list(self._tokens.values()):
            token.cancel()
        self._waiting.put(None)
        timer = threading.Timer(_GRACE, os._exit, (0,))
        timer.daemon = True
        timer.start()

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            self._send({"type": "beat", "resident": _resident_bytes(), "free": _free_bytes()})

    def _send(self, message: dict[str, Any]) -> None:  # Any: JSON values
        with self._lock, contextlib.suppress(OSError, ValueError):  # the parent is gone: the reading thread sees it too
            write_frame(self._answers, message)


def main() -> None:
    """Set the process up and serve."""
    faulthandler.enable()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not land among the messages.
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICENESS)
    keep_memory()
    Worker(sys.stdin.buffer, answers).serve()
    logging.shutdown()
    # Pools of torch and numba may hold threads that never join; every file is written and closed by now.
    os._exit(0)


def _resident_bytes() -> int:
    """Return the process's memory, 0 where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _free_bytes() -> int:
    """Return the memory that the system could still give, -1 where it does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return -1


if __name__ == "__main__":
    main()
