"""What a command shows: text or JSON on standard output, progress and complaints on standard error."""

from __future__ import annotations

import json
import logging
import signal
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from engine.core.cancel import CancelToken
from engine.core.events import EpochFinished, Event, Notice, Progress, StageStarted
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec

DONE, BUG, BAD_INPUT, STOPPED = 0, 1, 2, 3
_BAR = 24
_REDRAW_SECONDS = 0.1


class Terminal:
    """One command's voice.

    Args: as_json: one JSON object on standard output and nothing for people.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._bar = _Bar()
        # Warnings of the engine's log reach people as messages and notices; the log itself is in the run folder.
        logging.getLogger("engine").addHandler(logging.NullHandler())
        logging.lastResort = None

    def say(self, text: str = "") -> None:
        """Print a line for people."""
        if not self.as_json:
            print(text)

    def give(self, result: Mapping[str, Any]) -> None:  # Any: JSON values
        """Print the result for machines."""
        if self.as_json:
            print(json.dumps(result, ensure_ascii=False))

    def complain(self, error: Mapping[str, Any]) -> None:  # Any: JSON values
        """Print what went wrong: where, and what to do."""
        self._bar.clear()
        if self.as_json:
            print(json.dumps({"status": "failed", "error": error}, ensure_ascii=False))
        print(f"{error['message']} {error.get('hint', '')}".strip(), file=sys.stderr)

    def job(self, kind: str, arguments: Mapping[str, Any], *, gentle: bool = False) -> JobResult:  # Any: JSON values
        """Run a job here with a progress bar.

        Args: gentle: Ctrl+C stops first (keeps the best) and cancels the second time; otherwise it cancels at once.
        """
        token = CancelToken()
        with self._interruptible(token, gentle):
            result = run_inline(JobSpec(kind, arguments, uuid.uuid4().hex[:12]), sink=self._show, cancel=token)
        self._bar.clear()
        return result

    def code(self, result: JobResult) -> int:
        """Complain where there is reason to, and return the exit code of a job."""
        if result.error is not None:
            self.complain(result.error)
            return BUG if result.error["code"] == "bug" else BAD_INPUT
        if result.status in ("stopped", "cancelled"):
            return STOPPED
        return DONE

    def _show(self, event: Event) -> None:
        if self.as_json:
            return
        if isinstance(event, Notice):
            self._bar.clear()
            print(f"{'! ' if event.level == 'warning' else '· '}{event.text}", file=sys.stderr)
        else:
            self._bar.take(event)

    @contextmanager
    def _interruptible(self, token: CancelToken, gentle: bool) -> Iterator[None]:
        def interrupt(number: int, frame: FrameType | None) -> None:
            if gentle and not token.is_stopping:
                token.stop()
                text = "Stopping after this epoch; the best is kept. Press Ctrl+C again to end at once."
            else:
                token.cancel()
                text = "Ending at the next step; what was saved is kept."
            self._bar.clear()
            print(text, file=sys.stderr)

        before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Bar:
    """One line that is drawn again and again on a terminal, and once a stage where there is none."""

    def __init__(self) -> None:
        self._stage: StageStarted | None = None
        self._progress: Progress | None = None
        self._metrics = ""
        self._began = 0.0
        self._drawn = 0.0
        self._is_shown = False
        self._is_terminal = sys.stderr.isatty()

    def take(self, event: Event) -> None:
        """Take an event and draw when it is time."""
        if isinstance(event, StageStarted):
            self._stage, self._progress, self._metrics = event, None, ""
            self._began = time.monotonic()
            if not self._is_terminal:
                print(_title(event), file=sys.stderr)
        elif isinstance(event, Progress):
            self._progress = event
        elif isinstance(event, EpochFinished):
            self._metrics = _metrics(event)
        now = time.monotonic()
        if self._is_terminal and self._stage is not None and now - self._drawn >= _REDRAW_SECONDS:
            self._drawn = now
            print(f"\r\x1b[2K{self._line(now)}", end="", file=sys.stderr, flush=True)
            self._is_shown = True

    def clear(self) -> None:
        """Take the line away, so that text can follow."""
        if self._is_shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
            self._is_shown = False

    def _line(self, now: float) -> str:
        assert self._stage is not None
        parts = [_title(self._stage)]
        progress = self._progress
        if progress is not None and progress.total > 0:
            share = min(1.0, progress.done / progress.total)
            filled = round(share * _BAR)
            parts.append("█" * filled + "░" * (_BAR - filled))
            parts.append(f"{progress.done:.0f}/{progress.total:.0f} {progress.unit}")
            if 0 < share < 1:
                left = (now - self._began) * (1 - share) / share
                parts.append(f"{int(left) // 60}:{int(left) % 60:02d} left at most")
        return "  ".join([*parts, self._metrics])[:160]


def _title(stage: StageStarted) -> str:
    place = [stage.name]
    if stage.split is not None:
        place.append(f"split {stage.split}")
    if stage.seed is not None:
        place.append(f"seed {stage.seed}")
    return f"[{stage.index + 1}/{stage.count}] {', '.join(place)}"


def _metrics(event: EpochFinished) -> str:
    shown = {name: value for name, value in event.metrics.items() if name == "train_loss" or name.startswith("valid_")}
    return "  ".join(f"{name} {value:.3f}" for name, value in list(shown.items())[:2])
