"""Which nodes a run's encoder takes for most alike to the one that is looked at; asked for when somebody wants it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.kit.translate import tr

if TYPE_CHECKING:
    from app.bridge.jobs import Job
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values
_HOW_MANY = 10
_REMEMBERED = 200  # nodes whose answer is kept


@dataclass(frozen=True, slots=True)
class Alike:
    """A node that is near. `node`: its number. `cosine`: of both embeddings, at most 1."""

    node: int
    cosine: float


class Nearest(QObject):
    """Answers for one node at a time; a newer question takes the place of one that is not answered."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._found: dict[int, list[Alike]] = {}
        self._run: Path | None = None
        self._job: Job | None = None
        self._asked: int | None = None
        self.error: Plain | None = None
        session.run_changed.connect(self._on_run_changed)

    @property
    def can_ask(self) -> bool:
        """Whether the run in view has embeddings of the graph in view."""
        run, dataset = self._session.run, self._session.dataset
        return run is not None and dataset is not None and run.embeddings_path is not None

    def of(self, node: int) -> list[Alike] | None:
        """Return what is nearest to a node, the most alike first; None while it is not known."""
        return self._found.get(node)

    def ask(self, node: int) -> None:
        """Ask for what is nearest to a node."""
        run, dataset = self._session.run, self._session.dataset
        if run is None or dataset is None or not self.can_ask or node in self._found or node == self._asked:
            return
        self._asked, self.error = node, None
        arguments = {"run": str(run.folder), "nodes": [str(dataset.node_ids[node])], "k": _HOW_MANY}
        self._job = self._session.jobs.submit(
            "nearest", arguments, title=tr("Looking for the nearest"), topic="nearest", then=self._on_over
        )

    def _on_over(self, job: Job) -> None:
        if job is not self._job or self._asked is None:
            return
        node, self._asked = self._asked, None
        if job.state == "finished" and job.result is not None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            near = job.result["nodes"][0]["nearest"]
            self._found[node] = [Alike(int(one["row"]), float(one["cosine"])) for one in near]
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
