"""The process that does the work is killed while the window trains: the window lives, says so, and goes on with it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6", reason="runs with the tests of the window")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QPushButton

from app import bootstrap
from app.bridge.background import wait_for_background
from app.kit.settings import Settings
from engine.project.runs import RunFolder
from tests.support.tables import block_recipe, write_blocks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system"),
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),
]
SECONDS = 120_000


class Window:
    """The real window with its real children, whose process numbers are known."""

    def __init__(self, home: Path, qtbot: Any) -> None:
        self._qtbot = qtbot
        self._executors: dict[str, Any] = {}
        make = bootstrap.process_executors(home)

        def noted(lane: Any) -> Any:
            self._executors[lane] = make(lane)
            return self._executors[lane]

        home.mkdir()
        settings = Settings(QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat))
        self.start = bootstrap.Start([], settings, home, noted)
        self.session = self.start.session
        self.window = self.start.window
        self.said: list[Any] = []
        self.session.notice.connect(self.said.append)

    def open(self) -> None:
        """Show it, and wait until it is whole."""
        with self._qtbot.waitSignal(self.window.shown_whole, timeout=SECONDS):
            self.start.show()
        self._qtbot.waitUntil(lambda: bool(self.session.catalogue), timeout=SECONDS)

    def take_in(self, files: list[Path]) -> None:
        """Drop files and import them."""
        self.session.add_files(files)
        self._qtbot.waitUntil(lambda: self.session.importing.is_ready, timeout=SECONDS)
        self.session.preparing.import_all()
        self._qtbot.waitUntil(lambda: self.session.dataset is not None, timeout=SECONDS)

    def run_until(self, stage: str, epoch: int) -> None:
        """Let the run that goes on come to an epoch of a stage."""

        def there() -> bool:
            live = self.session.training.live
            assert live is not None
            assert not live.job.is_over, live.job.error
            curves = [points for name, points in live.curves.items() if name.startswith(stage)]
            return any(points and points[-1][0] >= epoch for metrics in curves for points in metrics.values())

        self._qtbot.waitUntil(there, timeout=SECONDS)

    def until_over(self) -> None:
        """Let the run end, and the window show what became of it."""
        live = self.session.training.live
        self._qtbot.waitUntil(lambda: live.job.is_over, timeout=SECONDS)
        self._qtbot.waitUntil(lambda: self.info() is not None and self.session.run is not None, timeout=SECONDS)

    def info(self) -> Any:
        """Return what the list of runs says of the live run."""
        live = self.session.training.live
        return next((info for info in self.session.runs.all if info.folder == live.folder), None)

    def kill(self, lane: str) -> int:
        """Kill a lane's child with -9; return its process number."""
        pid = self._executors[lane].pid
        os.kill(pid, signal.SIGKILL)
        return int(pid)

    def has_new_child(self, lane: str, old: int) -> bool:
        """Whether a lane has a living child that is not the old one."""
        executor = self._executors[lane]
        return executor.is_alive and executor.pid != old

    def close(self) -> None:
        """Close as a person does."""
        self.window.close()
        self.window.deleteLater()
        self.start.deleteLater()
        wait_for_background()


@pytest.fixture
def opened(tmp_path: Path, qtbot: Any, qapp: Any) -> Iterator[Window]:
    made = Window(tmp_path / "home", qtbot)
    try:
        made.open()
        yield made
    finally:
        made.close()


def _recipe(files: list[Path]) -> dict[str, Any]:
    plain: dict[str, Any] = block_recipe(files, pretrain="dgi", epochs=120)
    for stage in ("pretrain", "finetune"):
        plain[stage]["training"]["checkpoint_seconds"] = 0.05
    return plain


def _numbers(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    for row in found["runs"]:
        row.pop("seconds")
    return found


def test_a_killed_child_is_told_in_words_and_resume_ends_with_the_same_numbers(
    opened: Window, qtbot: Any, tmp_path: Path
) -> None:
    files = write_blocks(tmp_path / "data")
    opened.take_in(files)
    session, window = opened.session, opened.window
    session.draft.replace(_recipe(files))
    window.show_station("finetune")
    session.running.start()
    folder = session.training.live.folder
    resume = window.docks.views["run_monitor"].findChild(QPushButton, "resume")

    for stage, epoch in (("pretrain", 30), ("finetune", 20)):
        opened.run_until(stage, epoch)
        killed = opened.kill("train")
        opened.until_over()
        error = session.training.live.job.error
        assert session.training.live.job.state == "failed"
        assert error["code"] == "job.worker.signal"
        assert "SIGKILL" in error["message"]
        assert "can be resumed" in error["hint"]
        assert opened.said[-1].text == error["message"]
        assert RunFolder(folder).status() == "interrupted"
        assert opened.info().can_resume
        qtbot.waitUntil(lambda: opened.has_new_child("train", killed), timeout=SECONDS)  # noqa: B023
        qtbot.waitUntil(resume.isVisible, timeout=SECONDS)
        qtbot.mouseClick(resume, Qt.MouseButton.LeftButton)
        assert session.training.is_running

    opened.until_over()
    assert session.training.live.job.state == "finished", session.training.live.job.error
    assert RunFolder(folder).status() == "finished"
    qtbot.waitUntil(lambda: not opened.info().can_resume, timeout=SECONDS)
    for metrics in session.training.live.curves.values():
        for points in metrics.values():
            epochs = [epoch for epoch, _ in points]
            assert epochs == sorted(set(epochs))

    session.running.delete(folder.name)
    session.running.start()
    opened.until_over()
    whole = session.training.live.folder
    assert session.training.live.job.state == "finished"
    session.undo_stack.undo()
    assert _numbers(folder) == _numbers(whole)
    assert (folder / "predictions.csv").read_bytes() == (whole / "predictions.csv").read_bytes()


def test_a_killed_run_that_only_pretrains_is_resumed_to_that_end(opened: Window, qtbot: Any, tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "data")
    opened.take_in(files)
    session = opened.session
    session.draft.replace(_recipe(files))
    session.running.pretrain()
    folder = session.training.live.folder
    opened.run_until("pretrain", 20)
    opened.kill("train")
    opened.until_over()
    session.running.resume(folder)
    opened.until_over()
    assert session.training.live.job.state == "finished", session.training.live.job.error
    assert (folder / "seeds/part-0/pretrain/manifest.json").exists()
    assert not (folder / "seeds/part-0/scratch").exists()


def test_an_idle_child_that_is_killed_is_told_once_and_the_next_job_gets_a_new_one(
    opened: Window, qtbot: Any, tmp_path: Path
) -> None:
    files = write_blocks(tmp_path / "data")
    opened.take_in(files)
    qtbot.waitUntil(lambda: not opened.session.jobs.active(), timeout=SECONDS)
    before = len(opened.said)
    killed = opened.kill("quick")
    qtbot.waitUntil(lambda: len(opened.said) > before, timeout=SECONDS)
    assert "SIGKILL" in opened.said[-1].text
    opened.session.importing.set_role(str(files[0]), "age", "ignore")
    qtbot.waitUntil(lambda: opened.session.importing.is_ready, timeout=SECONDS)
    assert opened.has_new_child("quick", killed)
    assert len(opened.said) == before + 1


def test_a_child_killed_while_it_imports_fails_the_import_and_the_next_try_succeeds(
    opened: Window, qtbot: Any, tmp_path: Path
) -> None:
    files = write_blocks(tmp_path / "data", nodes=300)
    session = opened.session
    session.add_files(files)
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    session.preparing.import_all()
    opened.kill("quick")
    qtbot.waitUntil(lambda: session.preparing.job.is_over, timeout=SECONDS)
    assert session.preparing.error["code"] == "job.worker.signal"
    assert session.dataset is None
    session.preparing.import_all()
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=SECONDS)
    assert session.dataset.num_nodes == 300
