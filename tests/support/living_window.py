"""A real window that works by itself until somebody kills it; `tests/support/killing.py` starts it.

`python living_window.py HOME NODES.csv EDGES.csv --act import|edits|run|finish --seed N --log FILE`. It opens as the
program does, with the settings and the project that HOME holds, writes one JSON line to FILE about what it found, and
then imports, edits or trains. `finish` resumes what can be resumed and closes the window.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QEventLoop, QSettings  # noqa: E402 - the checkout has to be found first

from app import bootstrap  # noqa: E402
from app.bridge.background import Background, wait_for_background  # noqa: E402
from app.kit.settings import Settings  # noqa: E402
from app.kit.throttle import Throttle  # noqa: E402
from app.session.drafts import value_at  # noqa: E402
from tests.support.tables import block_recipe  # noqa: E402

EPOCHS = 150
COUNTED = "finetune.training.patience"  # an option that edits count up, and that no run of this file uses


def recipe(files: list[Path]) -> dict[str, Any]:
    """Return the recipe of every run that the window does, as plain data; snapshots are taken many times a second."""
    plain: dict[str, Any] = block_recipe(files, pretrain="dgi", epochs=EPOCHS, seeds=(0, 1))
    for stage in ("pretrain", "finetune"):
        plain[stage]["training"] = {"epochs": EPOCHS, "checkpoint_seconds": 0.05}
    return plain


class Life:
    """What the window does, told line by line."""

    def __init__(self, home: Path, files: list[Path], seed: int, log: Path) -> None:
        self._files = files
        self._draw = random.Random(seed)
        self._log = log
        self._application = bootstrap.make_application(["kith"])
        settings = Settings(QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat))
        self.start = bootstrap.Start([], settings, home)
        self.session = self.start.session
        self._said: list[dict[str, str]] = []
        self.session.notice.connect(self._on_notice)
        self.start.show()

    def _on_notice(self, message: Any) -> None:
        self._said.append({"level": message.level, "text": message.text, "hint": message.hint})

    def tell(self, what: str, **more: Any) -> None:
        """Append one line; it is in the system's hands when this returns."""
        line = json.dumps({"what": what, "time": time.time(), **more}, ensure_ascii=False) + "\n"
        with self._log.open("ab", buffering=0) as file:
            file.write(line.encode())

    def until(self, reached: Callable[[], bool], seconds: float, what: str) -> None:
        """Serve the event loop until something holds."""
        end = time.monotonic() + seconds
        while not reached():
            self._application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.002)
            if time.monotonic() > end:
                self.tell("late", waited_for=what, said=self._said)
                raise SystemExit(f"{what} took longer than {seconds:.0f} s; said: {self._said}")

    def spin(self, seconds: float) -> None:
        """Serve the event loop for a while."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end, seconds + 60, "nothing")

    def open(self) -> None:
        """Wait until the window shows what it remembers, and tell it."""
        opened: list[bool] = []
        self.start.window.shown_whole.connect(lambda: opened.append(True))
        self.until(lambda: bool(opened), 120, "the window")
        self.until(lambda: not any(one.busy for one in self.session.findChildren(Background)), 120, "the reading")
        session, project = self.session, self.session.project
        self.spin(0.3)  # the monitor shows runs a moment later
        self.tell(
            "opened",
            project=str(project.folder) if project is not None else "",
            state=project.state if project is not None else {},
            draft=session.draft.plain,
            data=session.importing.data,
            files=session.importing.files,
            dataset=session.dataset.fingerprint if session.dataset is not None else "",
            nodes=session.dataset.num_nodes if session.dataset is not None else 0,
            run=session.run.folder.name if session.run is not None else "",
            runs=[
                {"name": info.name, "status": info.status, "can_resume": info.can_resume} for info in session.runs.all
            ],
            said=list(self._said),
        )

    def act(self, how: str) -> None:
        """Do one kind of work for ever."""
        if self.session.dataset is None and how != "import":
            self._import()
        {"import": self._imports, "edits": self._edits, "run": self._runs, "finish": self._finish}[how]()

    def _import(self) -> None:
        self.session.add_files(self._files)
        self.until(lambda: self.session.importing.is_ready, 120, "the preview")
        self._take_in()
        self.session.preparing.choose_target("team")
        self.until(lambda: not self.session.draft.is_empty, 120, "the recipe")

    def _take_in(self) -> None:
        self.session.preparing.import_all()
        job = self.session.preparing.job
        assert job is not None
        self.until(lambda: job.is_over, 120, "the import")
        self.until(lambda: self.session.dataset is not None, 60, "the dataset")

    def _imports(self) -> None:
        """Import in a new project, and again each time a role has changed."""
        self.tell("acting")
        if self.session.dataset is None or self._draw.random() < 0.3:
            self._import()
        for _ in range(1000):
            self.until(lambda: self.session.importing.is_ready, 120, "the preview")
            self._change_role()
            self.until(lambda: self.session.importing.is_ready, 120, "the preview")
            self._take_in()
            self.tell("imported", dataset=self.session.dataset.fingerprint)  # type: ignore[union-attr]

    def _change_role(self) -> None:
        column = self._draw.choice(["age", "city"])
        role = self._draw.choice(["feature", "ignore"])
        self.session.importing.set_role(str(self._files[0]), column, role)

    def _edits(self) -> None:
        """Count an option up, change roles in between, and tell which number the project file holds."""
        self.until(lambda: self.session.importing.is_ready, 120, "the preview")
        for throttle in self.session.findChildren(Throttle):
            throttle._interval = 5  # save nearly all the time, so that the kill meets a save
        self.session.draft.replace(recipe(self._files))
        assert self.session.project is not None
        path = self.session.project.folder / "project.json"
        self.tell("acting")
        begun = int(time.time() * 1000) % 1_000_000_000
        for number in range(begun, begun + 100_000):
            self.session.draft.set(COUNTED, number)
            if self._draw.random() < 0.05:
                self._change_role()
            if self._draw.random() < 0.1:
                self.session.selection.select(self._draw.sample(range(self.session.dataset.num_nodes), 20))  # type: ignore[union-attr]
            self.spin(0.01)
            kept = json.loads(path.read_text(encoding="utf-8"))["state"].get("draft", {})
            self.tell("kept", number=value_at(kept, COUNTED, 0))

    def _runs(self) -> None:
        """Resume a run or begin one, again and again; the first has begun when this is told."""
        self.session.draft.replace(recipe(self._files))
        while True:
            waiting = [info.folder for info in self.session.runs.all if info.can_resume]
            if waiting and self._draw.random() < 0.5:
                self._resume(self._draw.choice(waiting))
            else:
                self.session.running.start()
                self._wait_for_run()

    def _resume(self, folder: Path) -> None:
        self.session.running.resume(folder)
        self._wait_for_run()

    def _wait_for_run(self) -> None:
        live = self.session.training.live
        assert live is not None
        self.until(lambda: live.job.is_over or bool(live.stages), 120, "the first stage")
        self.tell("acting")
        self.until(lambda: live.job.is_over, 300, "the run")
        self.tell("ran", run=live.folder.name, state=live.job.state, error=live.job.error)
        self.until(lambda: not any(one.busy for one in self.session.findChildren(Background)), 60, "the reading")

    def _finish(self) -> None:
        """Resume everything once, close the window as a person does."""
        for info in list(self.session.runs.all):
            if info.can_resume:
                self._resume(info.folder)
        self.start.window.close()
        wait_for_background()
        self.tell("closed")


def main() -> int:
    """Live."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("files", nargs=2, type=Path)
    parser.add_argument("--act", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args()
    life = Life(arguments.home, arguments.files, arguments.seed, arguments.log)
    life.tell("born", pid=os.getpid())
    life.open()
    life.act(arguments.act)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
