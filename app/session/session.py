"""What the user is working on, and the only thing that views are given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from app.bridge.background import Background, Outcome
from app.kit import settings as keys
from app.kit.later import np
from app.kit.sayings import said
from app.kit.translate import tr
from app.session import projects
from app.session.catalogue import suiting
from app.session.comparing import Comparing
from app.session.drafts import RecipeDraft
from app.session.drawings import Drawings
from app.session.explaining import Explaining
from app.session.facts import Facts
from app.session.filtering import Filtering
from app.session.frames import read_dataset
from app.session.importing import ImportDraft
from app.session.message import Level, Message
from app.session.named import NamedSelections
from app.session.nearest import Nearest
from app.session.own_columns import OwnColumns
from app.session.pictures import Pictures
from app.session.pins import Pins
from app.session.preparing import Preparing
from app.session.relatives import Relatives
from app.session.remembering import Remembering
from app.session.running import Running
from app.session.runs import RunList
from app.session.score_curves import ScoreCurves
from app.session.searching import Searching
from app.session.selecting import Selecting, SelectionHistory
from app.session.selection import Selection
from app.session.spaces import Spaces
from app.session.statistics import Statistics
from app.session.style import Style
from app.session.training import Training
from engine.core.errors import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.bridge.array_process import ArrayProcess
    from app.bridge.job_controller import JobController
    from app.bridge.jobs import Job
    from app.kit.settings import Settings
    from app.session.frames import DatasetFrame, RunFrame
    from engine import Project

Plain = dict[str, Any]  # Any: JSON values


class Session(QObject):
    """The open project, the dataset and run in view, the recipe being edited, the shared selection.

    Views read the attributes when a signal says that they changed, and call methods; they never write attributes.

    Args: home: folder for projects that have no place of their own yet. renderer: draws large graphs, for all canvases.
    """

    project_changed = Signal()
    dataset_changed = Signal()
    positions_changed = Signal()
    embedding_changed = Signal()
    run_changed = Signal()
    recipe_changed = Signal()
    runs_changed = Signal()
    catalogue_changed = Signal()
    notice = Signal(object)  # Message
    lock_found = Signal(object)  # (Path, EngineError): a project's lock that may be removed when the user says so
    station_requested = Signal(object)  # str
    view_requested = Signal(object)  # str: key of a view to bring to the front
    job_event = Signal(object)  # (Job, Event)
    command_requested = Signal(object)  # str: key of a command of the window
    export_requested = Signal()
    files_requested = Signal()
    target_requested = Signal()

    def __init__(
        self,
        jobs: JobController,
        settings: Settings,
        home: Path,
        parent: QObject | None = None,
        *,
        renderer: ArrayProcess | None = None,
    ) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.renderer = renderer
        self.settings = settings
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(500)
        self.selection = Selection(self)
        self.draft = RecipeDraft(self.undo_stack, self)
        self.importing = ImportDraft(jobs, self.undo_stack, self)
        self.training = Training(jobs, self)
        self.pictures = Pictures(jobs, self.undo_stack, self.selection, self)
        self.pins = Pins(self.selection, self.pictures, self.undo_stack, self)
        self.runs = RunList(self)
        self.comparing = Comparing(self.runs, self)
        self.searching = Searching(jobs, self.draft, self._search_folder, self)
        self.named = NamedSelections(self.selection, self.undo_stack, self)
        self.own_columns = OwnColumns(self.undo_stack, self)
        self.statistics = Statistics(self)
        self.style = Style(self.undo_stack, self)
        self.facts = Facts(self)
        self.filtering = Filtering(self)
        self.explaining = Explaining(self, jobs)
        self.nearest = Nearest(self)
        self.relatives = Relatives(self)
        self.spaces = Spaces(self)
        self.drawings = Drawings(self)
        self.score_curves = ScoreCurves(self)
        self.catalogue: Plain = {}  # empty until the child has sent it
        self.dataset: DatasetFrame | None = None
        self.station = "data"
        self._history = SelectionHistory(self.selection, self.undo_stack, self)
        self._remembering = Remembering(self, home, settings)
        self._keeper = self._remembering.keeper
        self.selecting = Selecting(self)
        self.preparing = Preparing(self, self._keeper)
        self.running = Running(self, self._keeper)
        self._reader = Background(self)
        self._reader.finished.connect(self._on_dataset_read)
        self._connect()

    def _connect(self) -> None:
        self.draft.changed.connect(self._on_draft_changed)
        self.importing.changed.connect(self._keeper.request_save)
        self.running.changed.connect(self._on_run_changed)
        self.pictures.positions_changed.connect(self.positions_changed)
        self.pictures.embedding_changed.connect(self.embedding_changed)
        self.pictures.failed.connect(self.say_error)
        self.searching.failed.connect(self.say_error)
        self.runs.changed.connect(self.runs_changed)
        for kept in (self.selection, self.named, self.own_columns, self.pins, self.filtering, self.style):
            kept.changed.connect(self._keeper.request_save)
        self._keeper.changed.connect(self._on_project_changed)
        self._keeper.not_saved.connect(self._on_not_saved)
        self._keeper.saved_again.connect(self._on_saved_again)
        self.jobs.job_event.connect(self.job_event)
        self.jobs.child_ended.connect(self.say_error)

    @property
    def project(self) -> Project | None:
        """The open project's folder, made at the first import."""
        return self._keeper.project

    @property
    def run(self) -> RunFrame | None:
        """The run in view."""
        return self.running.run

    @property
    def positions(self) -> NDArray[np.float32] | None:
        """Places of the nodes on the graph canvas, float32 [N, 2]; None until the layout has begun."""
        return self.pictures.positions

    @property
    def embedding(self) -> NDArray[np.float32] | None:
        """The run's node embeddings projected to the plane, float32 [N, 2]."""
        return self.pictures.embedding

    # Words to the user

    def say(self, level: Level, text: str, hint: str = "", detail: str = "") -> None:
        """Tell the user something once."""
        self.notice.emit(Message(level, text, hint, detail))

    @Slot(object)
    def say_error(self, error: EngineError | Plain | None) -> None:
        """Tell what an error says."""
        plain = error.to_plain() if isinstance(error, EngineError) else (error or {})
        self.say("problem", str(plain.get("message", "")), str(plain.get("hint", "")), str(plain.get("details", "")))

    def go_to(self, station: str) -> None:
        """Ask the shell to show a station."""
        self.station_requested.emit(station)

    def show_view(self, key: str) -> None:
        """Ask the shell to bring a view to the front."""
        self.view_requested.emit(key)

    def note_station(self, station: str) -> None:
        """Remember which station is shown."""
        if station != self.station:
            self.station = station
            self._keeper.request_save()

    # The catalogue

    def fetch_catalogue(self) -> None:
        """Ask the child what can be picked."""
        # The train child loads torch anyway, which the catalogue of components needs; previews need not wait for it.
        self.jobs.submit(
            "catalogue", {}, lane="train", title=tr("Loading the catalogue"), topic="catalogue", then=self._on_catalogue
        )

    def components(self, kind: str) -> list[Plain]:
        """Return the catalogue's entries of one kind ("encoder", "objective" …) that are for the open data."""
        return suiting(self.catalogue.get("kinds", {}).get(kind, []), self.dataset)

    # Projects

    def new_project(self) -> None:
        """Close what is open; the next import makes a project."""
        self._leave_project()
        self._forget_results()
        self.importing.restore([], None)
        self.draft.load({})
        self.undo_stack.clear()
        self.settings.set(keys.OPEN_PROJECT, "")
        self.project_changed.emit()
        self.go_to("data")

    def open_project(self, folder: Path, *, force: bool = False) -> bool:
        """Open a project as it was left.

        Args: force: although another machine holds its lock.
        Returns: whether that went well; if not, the user was told, or is asked about the lock.
        """
        try:
            project = projects.open_folder(folder, force=force)
        except EngineError as error:
            if error.details.get("removable"):
                self.lock_found.emit((folder, error))
                return False
            self.say_error(error)
            return False
        self._leave_project()
        self._forget_results()
        self.undo_stack.clear()
        self._keeper.enter(project)
        self._remembering.restore()
        return True

    def save_as(self, target: Path) -> bool:
        """Give the project a place and a name. Returns: whether that went well; if not, the user was told."""
        if self.jobs.active():
            self.say("warning", tr("Work is going on in this project."), tr("Wait until it is done, or stop it first."))
            return False
        try:
            project = self._keeper.move(target, tr("Untitled"))
        except EngineError as error:
            self.say_error(error)
            return False
        self._remembering.restore()
        self.say("good", tr("Saved as {name}.", name=str(project.folder)))
        return True

    @property
    def is_saved(self) -> bool:
        """Whether the user gave the project a place of its own."""
        return self._keeper.has_place

    def save_now(self) -> bool:
        """Save in this thread. Returns: whether that went well; if not, the user was told."""
        return self._keeper.save_now()

    def close(self) -> None:
        """Save, and give the lock back."""
        self._keeper.leave()

    # Importing

    def add_files(self, files: Sequence[Path]) -> None:
        """Take files that were dropped or chosen.

        A project folder is opened. On the import sheet files join those that are there; elsewhere, with a graph in
        view, they begin a new project.
        """
        for path in files:
            if path.is_dir() and projects.is_project(path):
                self.open_project(path)
                return
        fresh = self.dataset is not None and self.station != "data"
        if fresh:
            self.new_project()
        if not self.sample:
            self.settings.set(keys.LAST_FOLDER, str(files[0].parent))
        self.importing.start(files, fresh=fresh)
        self.go_to("data")

    def open_sample(self, files: Sequence[Path], story: Plain) -> None:
        """Import a sample in a new project. Args: story: its title, story, trap, target and split."""
        self.new_project()
        told = {name: str(story[name]) for name in ("title", "story", "trap", "trap_column", "target", "split")}
        self._keeper.remember(sample=told)
        self.add_files(files)

    @property
    def sample(self) -> Plain:
        """The story of the sample that this project is made of; empty for the user's own data."""
        found: Plain = self._keeper.state.get("sample") or {}
        return found

    # Answers

    def _on_catalogue(self, job: Job) -> None:
        if job.result is not None:
            self.catalogue = job.result
            self.catalogue_changed.emit()
            if self.embedding is None:
                self._show_embedding()
        elif job.error is not None:
            self.say_error(job.error)

    @Slot(object)
    def _on_dataset_read(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.say("problem", tr("The dataset of this project cannot be read: {error}", error=str(outcome.error)))
            return
        dataset: DatasetFrame = outcome.value
        is_new = self.dataset is None or self.dataset.fingerprint != dataset.fingerprint
        has_same_nodes = self.dataset is not None and self.dataset.nodes_key == dataset.nodes_key != ""
        if is_new and has_same_nodes and not self._remembering.selection:
            self._remembering.selection = self.selection.indices().tolist()
        self.dataset = dataset
        self.statistics.show_dataset(dataset)
        if is_new:
            self.running.forget(foreign_only=True)
            self._history.reset(dataset.num_nodes)
            self._remembering.show_made()
        wanted = self._remembering.take_selection()
        if wanted:
            self._history.restore(wanted)
        self.dataset_changed.emit()
        self.pictures.show_dataset(dataset)
        self.preparing.suggest_for(dataset)

    @Slot()
    def _on_run_changed(self) -> None:
        self.run_changed.emit()
        self._show_embedding()

    def _show_embedding(self) -> None:
        if self.run is not None:
            self.pictures.show_run(self.run, [str(entry["key"]) for entry in self.components("projection")])

    @Slot()
    def _on_draft_changed(self) -> None:
        self.recipe_changed.emit()
        self._keeper.request_save()

    def _search_folder(self) -> Path | None:
        """Return where a search from the draft lies."""
        if self.project is None or self.draft.is_empty:
            return None
        return self.project.folder / "searches" / self.draft.stamp

    # Keeping

    @Slot()
    def _on_project_changed(self) -> None:
        if self.project is not None:
            self.runs.scan(self.project)
        self.project_changed.emit()

    def _leave_project(self) -> None:
        if self.training.is_running:
            self.training.cancel()
        self._keeper.leave()

    def _forget_results(self) -> None:
        self._reader.drop()
        self.running.forget()
        self.dataset = None
        self.preparing.forget()
        self.pictures.forget()
        self.statistics.show_dataset(None)
        self._remembering.forget_made()
        self.filtering.restore([])
        self.style.restore({})
        self.searching.forget()
        self.runs.forget()
        self._history.reset(0)
        self.dataset_changed.emit()
        self.run_changed.emit()

    def read_dataset(self, folder: Path) -> None:
        """Show a dataset as soon as it is read."""
        self._reader.submit(lambda: read_dataset(folder))

    @Slot(object)
    def _on_not_saved(self, error: Exception) -> None:
        message, hint = (error.message, error.hint) if isinstance(error, EngineError) else (str(error), "")
        self.say("problem", tr("The project cannot be saved: {error}", error=said(message)), hint)

    @Slot()
    def _on_saved_again(self) -> None:
        self.say("good", tr("The project is saved again."))
