"""A session with the graph made by hand; nothing in it starts a child process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bridge.background import wait_for_background
from app.bridge.job_controller import JobController
from app.kit import theme
from app.kit.settings import Settings
from app.session.session import Session
from tests.support import pictures


def _no_executor(lane: str) -> object:
    raise AssertionError(f"a view test must not start work, and asked for the lane {lane}")


class Given:
    """A session, and the steps that fill it as the program would."""

    def __init__(self, session: Session, qtbot: object) -> None:
        self.session = session
        self._qtbot = qtbot

    def dataset(self) -> None:
        """Show the graph with its layout."""
        self.session.dataset = pictures.dataset()
        self.session._history.reset(9)
        with self._qtbot.waitSignal(self.session.facts.changed, timeout=5_000):
            self.session.dataset_changed.emit()
        self.session.pictures.positions = pictures.XY
        self.session.positions_changed.emit()

    def run(self, *, with_metrics: bool = True, with_points: bool = True) -> None:
        """Show a run of it."""
        self.session.running.run = pictures.run(with_metrics=with_metrics)
        with self._qtbot.waitSignal(self.session.facts.changed, timeout=5_000):
            self.session.run_changed.emit()
        if with_points:
            self.session.pictures.embedding = pictures.XY[:, ::-1].copy()
            self.session.embedding_changed.emit()

    def selected(self) -> list[int]:
        """Return the selected nodes."""
        return self.session.selection.indices().tolist()


@pytest.fixture
def given(qtbot, qapp, tmp_path: Path) -> Iterator[Given]:
    theme.apply(qapp, "dark")
    session = Session(JobController(_no_executor), Settings(), tmp_path)
    yield Given(session, qtbot)
    session.jobs.close()
    wait_for_background()
    session.deleteLater()
