"""Questions to a run about one item at a time, asked when somebody wants the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from app.kit.translate import tr

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
Answer = TypeVar("Answer")
_REMEMBERED = 200  # items whose answer is kept


class Asking(QObject, Generic[Answer]):
    """Answers for one item at a time; a newer question takes the place of one that is not answered.

    A subclass names the `kind` of job, and says what it is told and what is read from its result.
    """

    kind: ClassVar[str]

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._found: dict[int, list[Answer]] = {}
        self._run: Path | None = None
        self._job: Job | None = None
        self._asked: int | None = None
        self.error: Plain | None = None
        session.run_changed.connect(self._on_run_changed)

    @property
    def can_ask(self) -> bool:
        """Whether the run and the data in view can answer."""
        raise NotImplementedError

    def arguments(self, item: int) -> Plain:
        """Return what the job is told beside the run. Args: item: its row."""
        raise NotImplementedError

    def read(self, result: Plain) -> list[Answer]:
        """Return the answer from a job's result, the most alike first."""
        raise NotImplementedError

    def of(self, item: int) -> list[Answer] | None:
        """Return what is most alike to an item, the nearest first; None while it is not known."""
        return self._found.get(item)

    def ask(self, item: int) -> None:
        """Ask for what is nearest to an item."""
        run = self._session.run
        if run is None or not self.can_ask or item in self._found or item == self._asked:
            return
        self._asked, self.error = item, None
        told = {"run": str(run.folder), **self.arguments(item)}
        title = tr("Looking for the nearest")
        self._job = self._session.jobs.submit(self.kind, told, title=title, topic=self.kind, then=self._on_over)

    def _on_over(self, job: Job) -> None:
        if job is not self._job or self._asked is None:
            return
        item, self._asked = self._asked, None
        if job.state == "finished" and job.result is not None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[item] = self.read(job.result)
        elif job.state == "failed":
            self.error = job.error
        self.changed.emit()

    @Slot()
    def _on_run_changed(self) -> None:
        run = self._session.run
        folder = run.folder if run is not None else None
        if folder != self._run:
            self._run = folder
            self._found, self._asked, self.error = {}, None, None
            self.changed.emit()
