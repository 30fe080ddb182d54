"""Places of nodes in the plane: the graph's layout and the projection of a run's embeddings, computed by jobs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.kit.later import np
from app.kit.translate import tr
from app.session.commands import Change
from engine.core.atomic import replacing
from engine.core.events import ArtefactWritten, Event

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

    from app.bridge.job_controller import JobController
    from app.bridge.jobs import Job
    from app.session.frames import DatasetFrame, RunFrame

Plain = dict[str, Any]  # Any: JSON values


class Pictures(QObject):
    """Asks for layouts and projections, and reads each better version as it comes.

    `positions` and `embedding` are float32 [N, 2] in dataset order, or None.
    """

    positions_changed = Signal()
    embedding_changed = Signal()
    failed = Signal(object)  # error as plain data

    def __init__(self, jobs: JobController, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._undo_stack = undo_stack
        self.positions: NDArray[np.float32] | None = None
        self.embedding: NDArray[np.float32] | None = None
        self.layout_type = "force"
        self.projection_type = "tsne"
        self.layout_job: Job | None = None
        self.projection_job: Job | None = None
        self._dataset: DatasetFrame | None = None
        self._run: RunFrame | None = None
        self._readers = {name: Background(self) for name in ("positions", "embedding")}
        self._readers["positions"].finished.connect(self._on_positions)
        self._readers["embedding"].finished.connect(self._on_embedding)
        self._writer = Background(self)
        jobs.job_event.connect(self._on_job_event)

    def show_dataset(self, dataset: DatasetFrame) -> None:
        """Show a dataset's layout: the stored one, or a new one."""
        if self._dataset is None or self._dataset.fingerprint != dataset.fingerprint:
            self.positions = None
            self._dataset = dataset
            # The graphs of a collection are looked at one by one, not all of them in one plane.
            if not dataset.is_collection:
                self.place(self.layout_type)
        self._dataset = dataset

    def show_run(self, run: RunFrame, projections: Sequence[str]) -> None:
        """Show the projection of a run's embeddings: the stored one, or a new one.

        Args: projections: keys that the engine offers; the one chosen last is kept where it is among them.
        """
        self._run = run
        self.embedding = None
        self.embedding_changed.emit()
        if run.embeddings_path is not None and projections:
            self.project(self.projection_type if self.projection_type in projections else projections[0])

    def choose(self, type: str) -> None:
        """Lay the graph out another way, undoable. Args: type: key of a layout."""
        if type != self.layout_type and self._dataset is not None:
            self._undo_stack.push(Change(tr("Choose another layout"), self.layout_type, type, self.place))

    def place_anew(self) -> None:
        """Compute the places again; undoing brings those of before back."""
        if self._dataset is not None:
            before = (self.layout_type, self.positions)
            self._undo_stack.push(Change(tr("Lay out again"), before, (self.layout_type, None), self._put))

    def _put(self, state: tuple[str, NDArray[np.float32] | None]) -> None:
        type, positions = state
        if positions is None or self._dataset is None or len(positions) != self._dataset.num_nodes:
            self.place(type, anew=True)
            return
        if self.layout_job is not None and not self.layout_job.is_over:
            self._jobs.cancel(self.layout_job)
        self.layout_job = None
        self._readers["positions"].drop()
        self.layout_type, self.positions = type, positions
        path = self._dataset.folder / f"positions-{type}.npy"
        self._writer.submit(lambda: _write(positions, path))
        self.positions_changed.emit()

    def place(self, type: str, *, anew: bool = False) -> None:
        """Lay the graph out. Args: type: key of a layout. anew: although a stored one is there."""
        if self._dataset is None:
            return
        self.layout_type = type
        path = self._dataset.folder / f"positions-{type}.npy"
        if path.exists() and not anew:
            self._read("positions", path)
            return
        arguments = {"folder": str(self._dataset.folder), "type": type, "seed": 0, "out": str(path)}
        self.layout_job = self._jobs.submit(
            "layout", arguments, title=tr("Laying the graph out"), topic="layout", then=self._on_job_over
        )

    def project(self, type: str, *, anew: bool = False) -> None:
        """Project the run's embeddings. Args: type: key of a projection. anew: although a stored one is there."""
        if self._run is None:
            return
        self.projection_type = type
        path = self._run.folder / f"projection-{type}.npy"
        if path.exists() and not anew:
            self._read("embedding", path)
            return
        arguments = {"run": str(self._run.folder), "type": type, "seed": 0, "out": str(path)}
        self.projection_job = self._jobs.submit(
            "projection", arguments, title=tr("Projecting the embeddings"), topic="projection", then=self._on_job_over
        )

    def forget(self) -> None:
        """Have no pictures."""
        for reader in self._readers.values():
            reader.drop()
        if self.layout_job is not None and not self.layout_job.is_over:
            self._jobs.cancel(self.layout_job)
        self.layout_job = None
        self._dataset = None
        self.positions = None
        self.positions_changed.emit()
        self.forget_run()

    def forget_run(self) -> None:
        """Have no projection, and none on its way: its file would bring a deleted run's folder back."""
        if self.projection_job is not None and not self.projection_job.is_over:
            self._jobs.cancel(self.projection_job)
        self.projection_job = None
        self._run = None
        self.embedding = None
        self.embedding_changed.emit()

    def _on_job_over(self, job: Job) -> None:
        if job.state == "failed":
            self.failed.emit(job.error)
        elif job.state == "finished":
            self._read("positions" if job is self.layout_job else "embedding", Path(job.arguments["out"]))

    @Slot(object)
    def _on_job_event(self, told: tuple[Job, Event]) -> None:
        job, event = told
        if isinstance(event, ArtefactWritten) and not job.is_over:
            if job is self.layout_job:
                self._read("positions", Path(job.arguments["out"]))
            elif job is self.projection_job:
                self._read("embedding", Path(job.arguments["out"]))

    def _read(self, what: str, path: Path) -> None:
        self._readers[what].submit(lambda: np.load(path, allow_pickle=False), tag=path)

    @Slot(object)
    def _on_positions(self, outcome: Outcome) -> None:
        found = _checked(outcome, self._dataset.num_nodes if self._dataset is not None else -1)
        if found is not None:
            self.positions = found
            self.positions_changed.emit()

    @Slot(object)
    def _on_embedding(self, outcome: Outcome) -> None:
        found = _checked(outcome, -1)
        is_current = self._run is not None and isinstance(outcome.tag, Path) and outcome.tag.parent == self._run.folder
        if found is not None and is_current:
            self.embedding = found
            self.embedding_changed.emit()


def _write(positions: NDArray[np.float32], path: Path) -> None:
    with replacing(path) as temporary:
        np.save(temporary, positions, allow_pickle=False)


def _checked(outcome: Outcome, rows: int) -> NDArray[np.float32] | None:
    """Return float32 [rows, 2], or None for a file that is not it (half-way through being replaced, foreign)."""
    found = outcome.value
    if outcome.error is not None or getattr(found, "ndim", 0) != 2 or found.shape[1] != 2:
        return None
    if rows >= 0 and len(found) != rows:
        return None
    return np.ascontiguousarray(found, dtype=np.float32)
