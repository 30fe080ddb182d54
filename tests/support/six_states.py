"""Bring a real window to six states and take its picture in each: for `make_states` and the test beside it.

Welcome, import, explore, training, inspect with a selection, comparison. Two trainings of the company sample, its
column that gives the answer away left out, are made once by `prepare`; every other window opens a copy of that project,
and the run that goes on replays the first one's events up to its middle and stays there.
"""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEventLoop, QSettings
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app import bootstrap
from app.bridge.background import Background, wait_for_background
from app.kit import settings as keys
from app.kit import theme
from app.kit.settings import Settings
from engine.core import events
from engine.core.resources import resource
from tests.support.executors import Came, InThread, started
from tests.support.sight import seen_wrong

if TYPE_CHECKING:
    from engine.jobs.spec import JobSpec

GIVES_AWAY = "cost_centre"
_SHARE = 0.7  # of a run's events that the run which goes on has told
_EPOCHS = 40


class _UntilTheMiddle(InThread):
    """Real jobs; where there are events of another run, a run tells those instead, and goes on for ever."""

    def __init__(self, folder: Path, told: Sequence[dict[str, Any]]) -> None:
        super().__init__(folder)
        self._told = told

    def submit(self, spec: JobSpec) -> None:
        if spec.kind != "run" or not self._told:
            super().submit(spec)
            return
        self._waiting.put(Came(spec.id, started(spec)))
        for plain in self._told:
            event = events.from_plain({**plain, "job": spec.id})
            if event is not None:
                self._waiting.put(Came(spec.id, event))


class Showing:
    """A window in a home of its own, and the steps that lead it to the states. Serves the event loop itself."""

    def __init__(
        self,
        application: QApplication,
        home: Path,
        language: str,
        *,
        project: Path | None = None,
        tables: Path | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._application = application
        self._language = language
        self._tables = tables or home / "company"
        self._project = project
        settings = Settings(QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat))
        settings.set(keys.LANGUAGE, language)
        settings.set(keys.THEME, "dark")
        if project is not None:
            settings.set(keys.RECENT, [str(project)])
        told = _told(project) if project is not None else []
        self.start = bootstrap.Start([], settings, home, lambda lane: _UntilTheMiddle(home, told))
        self.window, self.session = self.start.window, self.start.session
        opened: list[bool] = []
        self.window.shown_whole.connect(lambda: opened.append(True))
        self.start.show()
        self.until(lambda: bool(opened) and bool(self.session.catalogue), "the window")

    def until(self, reached: Callable[[], object], what: str, seconds: float = 120.0) -> None:
        """Serve the event loop until something holds. Raises: TimeoutError: it does not."""
        end = time.monotonic() + seconds
        while not reached():
            self._application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")

    def spin(self, seconds: float) -> None:
        """Serve the event loop for a while."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end, "nothing", seconds + 60)

    def quiet(self) -> None:
        """Wait until no job but a run goes on, and nothing is read."""
        session = self.session
        self.until(
            lambda: (
                all(job.kind == "run" for job in session.jobs.active())
                and not any(one.busy for one in session.findChildren(Background))
            ),
            "the jobs",
        )

    def go_to(self, state: str) -> None:
        """Bring the window to a state. Args: state: welcome, import, explore, training, inspect or comparison."""
        {
            "welcome": self.quiet,
            "import": self._import,
            "explore": self._explore,
            "inspect": self._inspect,
            "comparison": self._compare,
            "training": self._train,
        }[state]()

    def _import(self) -> None:
        """Have two tables dropped on the window."""
        self.session.add_files(tables(self._tables))
        self.until(lambda: self.session.importing.is_ready, "the preview")

    def _explore(self) -> None:
        """See the graph laid out."""
        self._open()
        self.window.show_station("explore")
        self.session.selection.clear()

    def _inspect(self) -> None:
        """Select the most frequent mistake."""
        self._open()
        self.until(lambda: self.session.run is not None and self.session.embedding is not None, "the embedding")
        self.window.show_station("inspect")
        self.session.selection.select(_most_frequent_mistake(self.session).tolist())

    def _compare(self) -> None:
        """Have two runs over each other."""
        self._open()
        self.until(lambda: len(self.session.comparing.frames()) > 1, "the runs")
        self.session.selection.clear()
        self.window.show_view("compare")

    def _train(self) -> None:
        """Have a run that goes on."""
        self._open()
        self.window.show_station("finetune")
        self.session.running.start()
        self.until(lambda: self.session.training.live and self.session.training.live.curves, "the first epochs")
        self.spin(1.0)

    def _open(self) -> None:
        if self._project is not None and self.session.dataset is None:
            self.session.open_project(self._project)
        self.until(lambda: self.session.positions is not None, "the places")
        self.quiet()

    def arrange(self, state: str, wide: int, high: int) -> None:
        """Give the window a size in logical pixels, and the panels the places that they have in it at a first start."""
        self.window.setGeometry(0, 0, wide, high)
        self.spin(0.1)
        if state != "welcome":
            self.window.docks.reset()
        if state == "comparison":
            self.window.show_view("compare")
        self.spin(0.1)

    def take(self, choice: str, file: Path) -> list[str]:
        """Write the window's picture in a theme. Returns: what a machine sees to be wrong in it."""
        self.session.settings.set(keys.THEME, choice)
        if theme.tokens().name != choice:  # it dresses every widget anew, which takes seconds
            theme.apply(self._application, choice)  # type: ignore[arg-type]
        self._still().save(str(file))
        return seen_wrong(self.window)

    def _still(self) -> QImage:
        """Return the picture once it does not change any more, or after some seconds; a run tells its time."""
        self.spin(0.3)
        before = self.window.grab().toImage()
        for _ in range(8):
            self.spin(0.3)
            after = self.window.grab().toImage()
            if after == before:
                break
            before = after
        return before

    def close(self) -> None:
        """Close the window."""
        self.window.close()
        self.window.deleteLater()
        self.start.deleteLater()
        wait_for_background()


def prepare(application: QApplication, home: Path, company: Path) -> Path:
    """Import the tables, train twice with another encoder, and return the project's folder; about two minutes.

    Args: company: where the tables lie; the project names them, and is named after their folder.
    """
    showing = Showing(application, home, "en", tables=company)
    session = showing.session
    showing.go_to("import")
    session.preparing.import_all()
    showing.until(lambda: session.positions is not None, "the graph")
    session.preparing.choose_target("department")
    showing.until(lambda: session.draft.target == "department", "the recipe")
    showing.quiet()
    for stage in ("pretrain", "finetune"):
        session.draft.set(f"{stage}.training.epochs", _EPOCHS)
    for encoder in (session.draft.plain["encoder"], {"type": "gin"}):
        session.draft.set("encoder", encoder)
        session.running.start()
        showing.until(lambda: not session.training.is_running, "the run", 600)
        live = session.training.live
        if live is None or live.job.state != "finished":
            raise RuntimeError(f"the training ended as it should not: {live and live.job.error}")
        time.sleep(1.0)  # runs are named by the second
    showing.until(lambda: session.embedding is not None, "the embedding")
    showing.quiet()
    project = session.project
    assert project is not None
    folder = project.folder
    showing.close()
    return folder


def copied(project: Path, folder: Path) -> Path:
    """Return a copy of a project, in a folder, that a window may change."""
    target = folder / project.name
    shutil.copytree(project, target, ignore=shutil.ignore_patterns("lock"))
    return target


def tables(folder: Path) -> list[Path]:
    """Return the sample's tables, people without the column that names their department."""
    folder.mkdir(parents=True, exist_ok=True)
    messages = folder / "messages.csv"
    messages.write_bytes(resource("samples/company/messages.csv").read_bytes())
    people = folder / "people.csv"
    with resource("samples/company/people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    left_out = rows[0].index(GIVES_AWAY)
    with people.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row[:left_out] + row[left_out + 1 :] for row in rows])
    return [people, messages]


def _told(project: Path) -> list[dict[str, Any]]:
    """Return the events of the project's first run up to its middle, without its beginning and end."""
    runs = sorted((project / "runs").glob("*/events.jsonl"))
    lines = [json.loads(line) for line in runs[0].read_text(encoding="utf-8").splitlines()] if runs else []
    return [
        line for line in lines[: int(_SHARE * len(lines))] if line.get("event") not in ("JobStarted", "JobFinished")
    ]


def _most_frequent_mistake(session: Any) -> np.ndarray:  # Any: the window's session
    predicted = session.run.predictions[f"predicted_{session.run.target}"].astype(str).to_numpy()
    true = session.dataset.nodes[session.run.target].astype(str).to_numpy()
    pairs = np.array([f"{one}\n{other}" if one != other else "" for one, other in zip(true, predicted, strict=True)])
    kinds, counts = np.unique(pairs[pairs != ""], return_counts=True)
    return np.flatnonzero(pairs == kinds[counts.argmax()])
