"""Which train molecules have a structure most like that of the one that is looked at; asked for when wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.kit.later import np
from app.kit.translate import tr

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session

_HOW_MANY = 5
_REMEMBERED = 200  # molecules whose answer is kept


@dataclass(frozen=True, slots=True)
class Relative:
    """A train molecule. Args: row: its number among the items. similarity: of both structures, 0 to 1."""

    row: int
    similarity: float


class Relatives(QObject):
    """Answers for one molecule at a time; a newer question takes the place of one that is not answered."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._found: dict[int, list[Relative]] = {}
        self._run: Path | None = None
        self._job: Job | None = None
        self._asked: int | None = None
        session.run_changed.connect(self._on_run_changed)

    @property
    def can_ask(self) -> bool:
        """Whether the run in view has predicted molecules in view."""
        run, dataset = self._session.run, self._session.dataset
        has_run = run is not None and run.predictions is not None
        return has_run and dataset is not None and dataset.are_molecules

    def of(self, row: int) -> list[Relative] | None:
        """Return the most alike train molecules of an item, the nearest first; None while they are not known."""
        return self._found.get(row)

    def ask(self, row: int) -> None:
        """Ask for the train molecules nearest to an item."""
        run, dataset = self._session.run, self._session.dataset
        if run is None or dataset is None or not self.can_ask or row in self._found or row == self._asked:
            return
        self._asked = row
        arguments = {"run": str(run.folder), "ids": [str(dataset.node_ids[row])], "count": _HOW_MANY}
        self._job = self._session.jobs.submit(
            "similarity", arguments, title=tr("Looking for the nearest"), topic="relatives", then=self._on_over
        )

    def _on_over(self, job: Job) -> None:
        dataset = self._session.dataset
        if job is not self._job or self._asked is None or dataset is None:
            return
        row, self._asked = self._asked, None
        if job.state == "finished" and job.result is not None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            near = job.result["items"][0]["nearest"]
            places = [np.flatnonzero(dataset.node_ids == one["id"]) for one in near]
            self._found[row] = [
                Relative(int(place[0]), float(one["similarity"]))
                for one, place in zip(near, places, strict=True)
                if len(place)
            ]
            self.changed.emit()

    @Slot()
    def _on_run_changed(self) -> None:
        run = self._session.run
        folder = run.folder if run is not None else None
        if folder != self._run:
            self._run = folder
            self._found, self._asked = {}, None
            self.changed.emit()
