"""A whole window whose executors replay recorded answers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from app import bootstrap
from app.bridge.background import wait_for_background
from app.kit.settings import Settings
from tests.support.executors import InThread, Scripted, answers

RECORDED = Path(__file__).parents[1] / "recorded"


class Opened:
    """A window in a home of its own."""

    def __init__(self, qtbot, home: Path, real: bool) -> None:
        self.home = home
        catalogue = json.loads((RECORDED / "catalogue.json").read_text(encoding="utf-8"))
        self._script = answers({"catalogue": catalogue})
        self._qtbot = qtbot
        self._real = real
        self.starts: list[bootstrap.Start] = []

    def open(self, *files: Path) -> bootstrap.Start:
        """Show the window, and wait until every view is in place."""
        settings = Settings(QSettings(str(self.home / "settings.ini"), QSettings.Format.IniFormat))

        def make(lane: str) -> object:
            return InThread(self.home) if self._real else Scripted(self._script)

        start = bootstrap.Start(list(files), settings, self.home, make)
        self.starts.append(start)
        with self._qtbot.waitSignal(start.window.shown_whole, timeout=30_000):
            start.show()
        self._qtbot.waitUntil(lambda: bool(start.session.catalogue), timeout=30_000)
        return start

    def close(self) -> None:
        """Close every window that is still open."""
        for start in self.starts:
            start.window.close()
            start.window.deleteLater()
            start.deleteLater()
        wait_for_background()
        self.starts = []


@pytest.fixture
def opened(qtbot, qapp, tmp_path: Path) -> Iterator[Opened]:
    """Windows with recorded answers; jobs that were not recorded never end."""
    made = Opened(qtbot, tmp_path, real=False)
    yield made
    made.close()


@pytest.fixture
def opened_for_real(qtbot, qapp, tmp_path: Path) -> Iterator[Opened]:
    """Windows whose jobs are real and run in the lanes' threads."""
    made = Opened(qtbot, tmp_path, real=True)
    yield made
    made.close()
