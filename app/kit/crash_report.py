"""When something fails that nobody expected: keep the trace, tell the user, go on."""

from __future__ import annotations

import faulthandler
import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal

from PySide6.QtCore import qVersion

from app.kit.translate import tr

_log = logging.getLogger(__name__)
Listener = Callable[[Literal["problem"], str, str, str], None]


class _Reporter:
    """Writes one file for each failure and tells the listener; the same failure only once."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.listener: Listener | None = None
        self._seen: set[str] = set()

    def take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        _log.error("Unexpected failure:\n%s", text)
        if issubclass(kind, KeyboardInterrupt) or text in self._seen:
            return
        self._seen.add(text)
        where = self._write(text)
        if self.listener is not None:
            hint = tr("Your work is saved. The report is at {path}.", path=str(where)) if where else ""
            self.listener("problem", tr("Something went wrong in the window: {error}", error=str(error)), hint, text)

    def _write(self, text: str) -> Path | None:
        if self.folder is None:
            return None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{time.strftime('%Y%m%d-%H%M%S')}.txt"
            import platform  # not before the first paint

            head = f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}\n\n"
            path.write_text(head + text, encoding="utf-8")
        except OSError:
            _log.exception("The crash report could not be written.")
            return None
        return path


_reporter = _Reporter()


def install(folder: Path) -> None:
    """Report failures from now on. Args: folder: where the reports go; made when the first one is written."""
    _reporter.folder = folder
    sys.excepthook = _reporter.take
    if sys.stderr is not None:
        faulthandler.enable()


def set_listener(listener: Listener | None) -> None:
    """Say who tells the user. Args: listener: takes level, text, hint, detail."""
    _reporter.listener = listener
