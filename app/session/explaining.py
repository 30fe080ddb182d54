"""Which prediction is being explained, and what the engine found to count for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.kit.later import np
from app.kit.translate import tr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.bridge.job_controller import JobController
    from app.bridge.jobs import Job
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


class Explaining(QObject):
    """Asks for the reasons of one node's prediction. A newer question takes the place of one that is not answered.

    `node` is what was asked about, `target` the column of several that is explained, None for the first, `result` the
    answer of the explain job, `error` what went wrong instead.
    """

    changed = Signal()

    def __init__(self, session: Session, jobs: JobController) -> None:
        super().__init__(session)
        self._session = session
        self._jobs = jobs
        self.node: int | None = None
        self.type = "edge_mask"
        self.target: str | None = None
        self.result: Plain | None = None
        self.error: Plain | None = None
        self._job: Job | None = None
        self._run: Path | None = None
        session.run_changed.connect(self._on_run_changed)
        session.dataset_changed.connect(self._on_run_changed)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._job is not None and not self._job.is_over

    @property
    def can_explain(self) -> bool:
        """Whether there is a run with predictions of the graph in view."""
        session = self._session
        return session.run is not None and session.run.predictions is not None and session.dataset is not None

    @property
    def targets(self) -> list[str]:
        """Names of the target columns that can be explained."""
        return [str(name) for name in (self.result or {}).get("targets", ())]

    def explain(self, node: int, type: str | None = None, target: str | None = None) -> None:
        """Ask for the reasons of a node's prediction.

        Args: type: key of an explainer. target: one of several target columns. None: the last one.
        """
        run, dataset = self._session.run, self._session.dataset
        if run is None or dataset is None or not self.can_explain:
            return
        self.node, self.result, self.error, self._run = node, None, None, run.folder
        self.type, self.target = type or self.type, target or self.target
        self._session.selection.set_current(node)
        level = "graph" if dataset.is_collection else "node"
        arguments = {"run": str(run.folder), level: str(dataset.node_ids[node]), "type": self.type}
        if self.target is not None:
            arguments["target"] = self.target
        self._job = self._jobs.submit(
            "explain", arguments, title=tr("Explaining a prediction"), topic="explain", then=self._on_over
        )
        self.changed.emit()

    def clear(self) -> None:
        """Explain nothing."""
        if self._job is not None and self.is_busy:
            self._jobs.cancel(self._job)
        if self.node is not None:
            self.node, self.result, self.error, self._job = None, None, None, None
            self.changed.emit()

    @property
    def of_graph(self) -> bool:
        """Whether what is explained is a whole graph."""
        return self.result is not None and "graph" in self.result

    @property
    def of_number(self) -> bool:
        """Whether what is explained is a number, which parts raise or lower, and no class."""
        return isinstance((self.result or {}).get("predicted"), float)

    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the nodes of each edge that counts, [M, 2], and its score from 0 to 1, [M]."""
        # The edges within a graph of a collection join no items.
        edges = [] if self.of_graph else (self.result or {}).get("edges", [])
        found = [edge for edge in edges if edge["score"] > 0]
        place = self._places({name for edge in found for name in (edge["source"], edge["target"])})
        known = [edge for edge in found if edge["source"] in place and edge["target"] in place]
        ends = np.array([[place[edge["source"]], place[edge["target"]]] for edge in known], dtype=np.int64)
        scores = np.array([edge["score"] for edge in known], dtype=np.float64)
        return ends.reshape(-1, 2), scores / scores.max() if len(scores) else scores

    def _places(self, ids: set[str]) -> dict[str, int]:
        """Return the node of each id: all of them lie within a few edges of the node, so no table of all is needed."""
        dataset = self._session.dataset
        if dataset is None or self.node is None:
            return {}
        found: dict[str, int] = {}
        seen = np.zeros(0, dtype=np.int64)
        reached = np.array([self.node], dtype=np.int64)
        while len(reached) and len(found) < len(ids):
            found |= {str(dataset.node_ids[i]): i for i in reached.tolist() if str(dataset.node_ids[i]) in ids}
            seen = np.union1d(seen, reached)
            rows = [dataset.indices[dataset.indptr[i] : dataset.indptr[i + 1]] for i in reached.tolist()]
            reached = np.setdiff1d(np.concatenate(rows), seen).astype(np.int64)
        return found

    def _on_over(self, job: Job) -> None:
        if job is not self._job:
            return
        if job.state == "finished":
            self.result = job.result
        elif job.state == "failed":
            self.error = job.error
        else:
            self.node = None
        self.changed.emit()

    @Slot()
    def _on_run_changed(self) -> None:
        run = self._session.run
        if run is None or run.folder != self._run:
            self.target = None  # another run may predict other columns
            self.clear()
