"""Places of nodes in the plane: the graph's layout and the projection of a run's embeddings, computed by jobs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.bridge.told import events
from app.kit.later import np
from app.kit.translate import tr
from app.session.commands import Change
from engine.core.atomic import replacing

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

    from app.bridge.job_controller import JobController
    from app.bridge.jobs import Job
    from app.session.frames import DatasetFrame, RunFrame
    from app.session.pins import Pins
    from app.session.selection import Selection

Plain = dict[str, Any]  # Any: JSON values
_USUAL = "force"


class Pictures(QObject):
    """Asks for layouts and projections, and reads each better version as it comes.

    `positions` and `embedding` are float32 [N, 2] in dataset order, or None.

    Args: selection: who stays in place when a layout goes on.
    """

    positions_changed = Signal()
    embedding_changed = Signal()
    placing_changed = Signal()  # a layout begins or ends
    failed = Signal(object)  # error as plain data

    def __init__(
        self,
        jobs: JobController,
        undo_stack: QUndoStack,
        selection: Selection,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._jobs = jobs
        self._undo_stack = undo_stack
        self.positions: NDArray[np.float32] | None = None
        self.embedding: NDArray[np.float32] | None = None
        self.layout_type = _USUAL
        self.layout_options: dict[str, Plain] = {}  # by layout: what was chosen other than as it is usual
        self.projection_type = "tsne"
        self.layout_job: Job | None = None
        self._ended: Job | None = None  # a layout in whose place other places were put
        self.projection_job: Job | None = None
        self._dataset: DatasetFrame | None = None
        self._run: RunFrame | None = None
        self._pins: Pins | None = None
        self._moved: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []  # for places that are being read
        self._readers = {name: Background(self) for name in ("positions", "embedding")}
        self._readers["positions"].finished.connect(self._on_positions)
        self._readers["embedding"].finished.connect(self._on_embedding)
        self._writer = Background(self)
        self._exporter = Background(self)
        self._exporter.finished.connect(self._on_exported)
        jobs.job_event.connect(self._on_job_event)

    def hold(self, pins: Pins) -> None:
        """Keep what is pinned in place, too, when a layout goes on."""
        self._pins = pins

    def look_for(self, folder: Path, type: str) -> None:
        """Show a layout of a dataset that is about to be opened, where it is stored there; else the usual one.

        Args: folder: of the dataset. type: key of a layout, as a project remembers it.
        """
        is_stored = type.isidentifier() and (folder / f"positions-{type}.npy").is_file()
        self.layout_type = type if is_stored else _USUAL

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

    def set_option(self, name: str, value: object) -> None:
        """Choose an option of the layout, undoable; the graph is laid out with it at once."""
        type = self.layout_type
        before = dict(self.layout_options.get(type, {}))
        if self._dataset is not None and before.get(name) != value:
            after = (type, {**before, name: value})
            self._undo_stack.push(Change(tr("Choose how nodes are placed"), (type, before), after, self._take_options))

    def _take_options(self, chosen: tuple[str, Plain]) -> None:
        type, options = chosen
        self.layout_options[type] = options
        self.place(type, anew=True)

    def go_on(self) -> None:
        """Go on from the places as they are, undoable.

        Pinned and selected nodes stay, the others come to rest between them.
        """
        if self.positions is not None:
            before = (self.layout_type, self.positions)
            held = self._selection.mask.copy() if self._pins is None else self._selection.mask | self._pins.mask
            after = (self.positions, held)
            self._undo_stack.push(Change(tr("Continue the layout"), before, after, self._put_or_go_on))

    def _put_or_go_on(self, state: tuple[Any, Any]) -> None:  # Any: as `_put` has it, or places and who is held
        if isinstance(state[0], str):
            self._put(state)
            return
        if self._dataset is None or len(state[0]) != self._dataset.num_nodes:
            return
        folder = self._dataset.folder
        for name, array in (("start", state[0]), ("held", state[1])):
            _write(array, folder / f"positions-{name}.npy")
        self.layout_type = "force"
        self._submit("force", {name: str(folder / f"positions-{name}.npy") for name in ("start", "held")})

    def stop_layout(self) -> None:
        """End the layout that goes on, and keep the places as they are now."""
        if self.is_placing and self.layout_job is not None:
            self._jobs.cancel(self.layout_job)

    @property
    def is_placing(self) -> bool:
        """Whether a layout goes on."""
        return self.layout_job is not None and not self.layout_job.is_over

    def load_places(self, file: Path) -> None:
        """Put the nodes where a table of ids, x and y has them, undoable."""
        if self._dataset is not None:
            before = (self.layout_type, self.positions)
            after = ("places", {"file": str(file)})
            self._undo_stack.push(Change(tr("Places from a file"), before, after, self._put_or_load))

    def _put_or_load(self, state: tuple[str, Any]) -> None:  # Any: as `_put` has it, or options of a layout
        if isinstance(state[1], dict):
            self._take_options((state[0], state[1]))
        else:
            self._put(state)

    def as_embedding(self) -> None:
        """Put the nodes where the embedding has them, undoable, as wide as the picture was."""
        found = self.embedding
        if found is None or self._dataset is None or len(found) != self._dataset.num_nodes:
            return
        spread = float(found.std()) or 1.0
        wide = float(self.positions.std()) if self.positions is not None else spread
        places = np.ascontiguousarray(found * np.float32((wide or spread) / spread))
        before = (self.layout_type, self.positions)
        self._undo_stack.push(Change(tr("Places of the embedding"), before, ("places", places), self._put))

    def save_places(self, path: Path) -> None:
        """Write a table of ids, x and y, in the background; a failure is told."""
        if self.positions is not None and self._dataset is not None:
            ids, positions = self._dataset.node_ids, self.positions
            self._exporter.submit(lambda: _write_table(ids, positions, path), tag=path)

    @Slot(object)
    def _on_exported(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            text = tr("The places could not be written to {path}.", path=outcome.tag)
            self.failed.emit({"message": text, "hint": tr("Choose another place.")})

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
            self._ended = self.layout_job
            self._jobs.cancel(self.layout_job)
        self.layout_job = None
        self._readers["positions"].drop()
        self._moved = []
        self.layout_type, self.positions = type, positions
        self._store()
        self.positions_changed.emit()

    def _store(self) -> None:
        if self._dataset is not None and self.positions is not None:
            positions, path = self.positions, self._dataset.folder / f"positions-{self.layout_type}.npy"
            self._writer.submit(lambda: _write(positions, path))

    def put_places(self, nodes: NDArray[np.int64], places: NDArray[np.float32]) -> None:
        """Put some nodes elsewhere; not a step. A layout that goes on ends, the other places stay as they are then.

        Where the places of another layout are still being read, the nodes are moved in those.

        Args: nodes: their numbers, int64 [K]. places: float32 [K, 2].
        """
        if self._readers["positions"].busy and not self.is_placing:
            self._moved.append((nodes, places))
        elif self.positions is not None and int(nodes.max(initial=-1)) < len(self.positions):
            positions = self.positions.copy()
            positions[nodes] = places
            self._put((self.layout_type, positions))

    def place(self, type: str, *, anew: bool = False) -> None:
        """Lay the graph out. Args: type: key of a layout. anew: although a stored one is there."""
        if self._dataset is None:
            return
        self.layout_type = type
        path = self._dataset.folder / f"positions-{type}.npy"
        if path.exists() and not anew:
            self._read("positions", path)
            return
        self._submit(type, {"options": dict(self.layout_options.get(type, {}))})

    def _submit(self, type: str, more: Plain) -> None:
        assert self._dataset is not None
        folder = self._dataset.folder
        arguments = {
            "folder": str(folder),
            "type": type,
            "seed": 0,
            "out": str(folder / f"positions-{type}.npy"),
            **more,
        }
        self.layout_job = self._jobs.submit(
            "layout", arguments, title=tr("Laying the graph out"), topic="layout", then=self._on_job_over
        )
        self.placing_changed.emit()

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
        self.layout_job = self._ended = None
        self._moved = []
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
        self.placing_changed.emit()
        if job.state == "failed":
            self.failed.emit(job.error)
        elif job.state == "cancelled" and job is self._ended:
            self._store()  # its last picture may have come over what was put in its place
        elif job.state == "finished":
            self._read("positions" if job is self.layout_job else "embedding", Path(job.arguments["out"]))

    @Slot(object)
    def _on_job_event(self, told: tuple[Job, events.Event]) -> None:
        job, event = told
        if isinstance(event, events.ArtefactWritten) and not job.is_over:
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
        waiting, self._moved = self._moved, []
        for nodes, places in waiting:
            self.put_places(nodes, places)

    @Slot(object)
    def _on_embedding(self, outcome: Outcome) -> None:
        found = _checked(outcome, -1)
        is_current = self._run is not None and isinstance(outcome.tag, Path) and outcome.tag.parent == self._run.folder
        if found is not None and is_current:
            self.embedding = found
            self.embedding_changed.emit()


def _write_table(ids: NDArray[np.object_], positions: NDArray[np.float32], path: Path) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "x", "y"))
        writer.writerows((one, f"{x:.6g}", f"{y:.6g}") for one, (x, y) in zip(ids, positions.tolist(), strict=True))


def _write(positions: NDArray[Any], path: Path) -> None:  # Any: float32, or bool
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
