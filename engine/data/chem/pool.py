"""Ask something of many molecules: a row that hangs or crashes RDKit is named, and the rest goes on.

Up to two processes take chunks of rows. They are watched, not asked: while rows come and go nothing is paid for it.
"""

from __future__ import annotations

import mmap
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import engine
from engine.core.cancel import CancelToken
from engine.core.errors import WorkerError
from engine.core.events import EventSink, Progress, silent
from engine.data.chem.molecules import Outcome
from engine.data.chem.worker import IDLE, PLACE, receive, send

CHUNK = 128  # rows
# Of work that takes long a few rows at a time: what a row spoils is done again, and progress is told more often.
CHUNK_OF_SLOW = 8
_SLOW = frozenset({"descriptors"})
_FOR_TWO = 2000  # rows from which on a second process is worth its start
_LOOK = 0.1  # seconds between two looks at the processes
_START = 60.0  # seconds in which a process must have begun its first row
_SHORT = 3  # starts in a row that may fail


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back for B rows.

    Args:
        data: the answers one after another. offsets: int64 [B+1], where each begins; a row without one has no bytes.
        outcome: int8 [B], an `Outcome` each. reasons: row to RDKit's words, where it had any.
    """

    data: bytes
    offsets: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.int8]
    reasons: dict[int, str]

    def content(self, row: int) -> bytes:
        """Return the answer of one row."""
        return self.data[self.offsets[row] : self.offsets[row + 1]]

    @property
    def is_ok(self) -> npt.NDArray[np.bool_]:
        """Which rows have an answer, bool [B]."""
        return np.asarray(self.outcome == Outcome.OK)


def answer(
    kind: str,
    texts: Sequence[str | None],
    arguments: Mapping[str, Any] | None = None,  # Any: JSON values
    *,
    seconds: float = 10.0,
    processes: int | None = None,
    cancel: CancelToken | None = None,
    sink: EventSink = silent,
) -> Answers:
    """Ask one thing of each row.

    Args:
        kind: what is asked, a key of `row_work.KINDS`.
        texts: SMILES, None or blank for a row without.
        arguments: what that kind wants to know.
        seconds: how long one row may take before its process is ended and the row counts as hanging.
        processes: how many at most; 0 asks in this process, where a row that crashes RDKit ends it; None chooses.
        cancel: checked several times a second.
        sink: told of progress, in molecules.
    Raises: Cancelled: `cancel` was called. WorkerError: the processes cannot be started.
    """
    if processes is None:
        processes = 1 if len(texts) < _FOR_TWO else min(2, os.cpu_count() or 1)
    if not len(texts) or processes == 0:
        return _answers([_here(kind, texts, arguments or {})])
    with tempfile.TemporaryDirectory(prefix="kith-chem-") as folder:
        return _Pool(_Asked(kind, texts, arguments or {}, seconds), Path(folder)).run(
            processes, cancel or CancelToken(), sink
        )


@dataclass(slots=True)
class _Part:
    """What came back for some rows."""

    contents: bytes
    sizes: list[int]
    failed: dict[int, tuple[int, str]] = field(default_factory=dict)


def _here(kind: str, texts: Sequence[str | None], arguments: Mapping[str, Any]) -> _Part:  # Any: JSON values
    from engine.data.chem.row_work import Failed, work

    found = work(kind, texts, arguments, lambda row: None)
    contents = [b"" if isinstance(one, Failed) else one for one in found]
    failed = {row: (int(one.outcome), one.reason) for row, one in enumerate(found) if isinstance(one, Failed)}
    return _Part(b"".join(contents), [len(one) for one in contents], failed)


def _answers(parts: Sequence[_Part]) -> Answers:
    sizes = np.array([size for part in parts for size in part.sizes], np.int64)
    outcome = np.zeros(len(sizes), np.int8)
    reasons: dict[int, str] = {}
    base = 0
    for part in parts:
        for row, (code, reason) in part.failed.items():
            outcome[base + row] = code
            if reason:
                reasons[base + row] = reason
        base += len(part.sizes)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return Answers(b"".join(part.contents for part in parts), offsets, outcome, reasons)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of which rows, see `answer`."""

    kind: str
    texts: Sequence[str | None]
    arguments: Mapping[str, Any]  # Any: JSON values
    seconds: float

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return it without the rows."""
        return {"kind": self.kind, "arguments": dict(self.arguments), "seconds": self.seconds}


class _Pool:
    """Chunks that wait, processes that take them, and what came back."""

    def __init__(self, asked: _Asked, folder: Path) -> None:
        self.asked, self.folder = asked, folder
        self.size = CHUNK_OF_SLOW if asked.kind in _SLOW else CHUNK
        self.starts = range(0, len(asked.texts), self.size)
        self.waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for chunk in range(len(self.starts)):
            self.waiting.put(chunk)
        self.parts: dict[int, _Part] = {}
        self.trouble: WorkerError | None = None

    def run(self, processes: int, cancel: CancelToken, sink: EventSink) -> Answers:
        """Have every chunk answered."""
        total = len(self.asked.texts)
        readers = [_Reader(self, self.folder / f"place{number}") for number in range(min(processes, len(self.starts)))]
        try:
            while len(self.parts) < len(self.starts) and any(reader.is_alive() for reader in readers):
                cancel.check()
                sink(Progress(min(len(self.parts) * self.size, total), total, "molecules"))
                for reader in readers:
                    reader.look()
                readers[0].join(_LOOK) if len(readers) == 1 else time.sleep(_LOOK)
        finally:
            for reader in readers:
                reader.end()
        if self.trouble is not None:
            raise self.trouble
        sink(Progress(total, total, "molecules"))
        return _answers([self.parts[chunk] for chunk in range(len(self.starts))])

    def chunk(self, number: int) -> list[str | None]:
        """Return the rows of one chunk."""
        return list(self.asked.texts[self.starts[number] : self.starts[number] + self.size])


class _Reader(threading.Thread):
    """Drives one process: hands it chunks, starts it anew when a row was its end."""

    def __init__(self, pool: _Pool, place: Path) -> None:
        super().__init__(name=place.name, daemon=True)
        self._pool = pool
        place.write_bytes(PLACE.pack(0, IDLE))
        self._file = place.open("r+b")
        self._place = mmap.mmap(self._file.fileno(), PLACE.size)
        self._log = place.with_suffix(".log").open("w+b")
        self._process: subprocess.Popen[bytes] | None = None
        self._seen = (0, IDLE)
        self._since = time.monotonic()
        self._is_busy = self._was_hanging = self._is_ending = False
        self.start()

    def run(self) -> None:
        """Take chunks until none waits."""
        try:
            while not self._is_ending:
                chunk = self._pool.waiting.get_nowait()
                part = self._answered(chunk)
                if part is not None:
                    self._pool.parts[chunk] = part
        except queue.Empty:
            return
        except (OSError, WorkerError) as error:
            found = error if isinstance(error, WorkerError) else WorkerError(f"Molecules cannot be read: {error}.")
            self._pool.trouble = self._pool.trouble or found

    def look(self) -> None:
        """End the process when it has been at one row for too long."""
        now, asked = time.monotonic(), self._pool.asked
        seen = PLACE.unpack_from(self._place)
        if seen != self._seen or not self._is_busy:
            self._seen, self._since = seen, now
        elif now - self._since > (asked.seconds if seen[1] != IDLE else max(_START, asked.seconds)):
            self._was_hanging = True
            self._since = now
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """End process and thread, whatever they are at."""
        self._is_ending = True
        if self._process is not None:
            self._process.kill()
        self.join(5.0)
        self._close()
        self._place.close()
        self._file.close()
        self._log.close()

    def _answered(self, chunk: int) -> _Part | None:
        """Return the answers of a chunk, whatever its rows do to the process; None when the end was asked for."""
        rows = self._pool.chunk(chunk)
        spoilt: dict[int, tuple[int, str]] = {}
        failures = 0
        while not self._is_ending:
            part = self._asked(chunk, [None if row in spoilt else text for row, text in enumerate(rows)])
            if part is not None:
                part.failed.update(spoilt)
                return part
            _, row = PLACE.unpack_from(self._place)
            if row != IDLE:
                outcome = Outcome.HANGS if self._was_hanging else Outcome.CRASHES
                spoilt[row] = (int(outcome), "")
                failures = 0
            elif not self._is_ending:
                failures += 1
                if failures >= _SHORT:
                    raise WorkerError(
                        f"The process that reads molecules ends before it begins: {self._last_words()}.",
                        code="data.chem.worker",
                        hint="Check that RDKit is installed and that there is enough memory.",
                    )
        return None

    def _asked(self, chunk: int, texts: list[str | None]) -> _Part | None:
        """Return what the process answers, None when it is gone before it could."""
        if self._process is None:
            self._open()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        self._was_hanging, self._since, self._is_busy = False, time.monotonic(), True
        try:
            send(process.stdin, {**self._pool.asked.to_plain(), "chunk": chunk, "texts": texts})
            message = receive(process.stdout)
        except (OSError, ValueError):
            message = None
        self._is_busy = False
        if message is None:
            self._close()
            return None
        head, content = message
        failed = {int(row): (int(code), str(reason)) for row, (code, reason) in head["failed"].items()}
        return _Part(content, head["sizes"], failed)

    def _open(self) -> None:
        PLACE.pack_into(self._place, 0, 0, IDLE)
        home = str(Path(engine.__file__).resolve().parents[1])
        paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.data.chem.worker", str(self._file.name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONIOENCODING": "utf-8"},
        )

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        continue  # what was still to be sent has nowhere to go

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"
