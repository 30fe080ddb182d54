"""The curves of a run's scores against the truth, asked of the engine once for each part of the split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.kit.translate import tr

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


class ScoreCurves(QObject):
    """Answers of the curves job for the run in view, by part."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._found: dict[str, Plain] = {}
        self._run: Path | None = None
        self._job: Job | None = None
        self.error: Plain | None = None
        session.run_changed.connect(self._on_run_changed)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._job is not None and not self._job.is_over

    def of(self, part: str) -> Plain | None:
        """Return what the job said of a part; None while it is not known."""
        return self._found.get(part)

    def ask(self, part: str) -> None:
        """Ask for the curves of a part: train, valid, test or all."""
        run = self._session.run
        if run is None or run.predictions is None or part in self._found or self.error is not None:
            return
        if self._job is not None and not self._job.is_over and self._job.arguments["part"] == part:
            return
        arguments = {"run": str(run.folder), "part": part}
        self._job = self._session.jobs.submit(
            "curves", arguments, title=tr("Drawing curves"), topic="curves", then=self._on_over
        )
        self.changed.emit()

    def _on_over(self, job: Job) -> None:
        if job is not self._job or job.arguments["run"] != str(self._run):
            return
        if job.state == "finished" and job.result is not None:
            self._found[str(job.arguments["part"])] = job.result
        elif job.state == "failed":
            self.error = job.error
        self.changed.emit()

    @Slot()
    def _on_run_changed(self) -> None:
        run = self._session.run
        # A run that went on has other predictions under the same name.
        self._run = run.folder if run is not None else None
        self._found, self.error = {}, None
        self.changed.emit()
