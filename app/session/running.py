"""The runs of the open project as the user works with them: begin, go on, look at, take away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.kit.translate import tr
from app.session.commands import Change
from app.session.frames import RunFrame, read_run
from engine.core.errors import EngineError

if TYPE_CHECKING:
    from app.session.keeping import Keeper
    from app.session.session import Session
    from app.session.training import LiveRun

Plain = dict[str, Any]  # Any: JSON values


class Running(QObject):
    """Begins, resumes, opens and deletes runs. `run` is the one in view, None for none.

    Args: session: whose recipe is trained. keeper: remembers which run was trained from which recipe.
    """

    changed = Signal()  # another run is in view, or more of it

    def __init__(self, session: Session, keeper: Keeper) -> None:
        super().__init__(session)
        self.run: RunFrame | None = None
        self._session = session
        self._keeper = keeper
        self._reader = Background(self)
        self._reader.finished.connect(self._on_read)
        session.training.run_ended.connect(self._on_ended)

    def start(self) -> None:
        """Train by the recipe in view."""
        if self._can_start():
            self._start(pretrained_from=self.pretrained_source())

    def pretrain(self) -> None:
        """Do only what needs no labels: the encoder, and the probe of its embeddings."""
        if self._can_start():
            self._start(until="pretrain")

    def resume(self, folder: Path) -> None:
        """Go on with a run that did not end, to where it was meant to go."""
        training = self._session.training
        if not training.is_running:
            curves = self.run.curves if self.run is not None and self.run.folder == folder else {}
            training.resume(folder, curves, until=self._keeper.state.get("goals", {}).get(folder.name, "end"))

    def open(self, folder: Path) -> None:
        """Show a run's results."""
        self._reader.submit(lambda: read_run(folder))

    def open_foreign(self, folder: Path) -> None:
        """Show a run that was made outside this project; it needs the project's own data to show beside it."""
        if (folder / "recipe.toml").exists():
            self.open(folder)
            self._session.go_to("inspect")
        else:
            text = tr("{folder} is not a run: it holds no recipe.toml.", folder=str(folder))
            self._session.say("problem", text, tr("Choose the folder that `run --out` wrote."))

    def delete(self, name: str) -> None:
        """Put a run into the project's trash, undoable."""
        live = self._session.training.live
        is_live = self._session.training.is_running and live is not None and live.folder.name == name
        if self._session.project is not None and not is_live:
            change = Change(tr("Delete run {name}", name=name), (name, True), (name, False), self._put)
            self._session.undo_stack.push(change)

    def forget(self, *, foreign_only: bool = False) -> None:
        """Have no run in view. Args: foreign_only: keep one of this project."""
        if foreign_only:
            project = self._session.project
            if self.run is None or (project is not None and self.run.folder.parent == project.runs_folder):
                return
        else:
            self._reader.drop()
        self.run = None

    @property
    def is_of_draft(self) -> bool:
        """Whether the run in view was trained by the recipe in view; a run of unknown recipe counts as such."""
        if self.run is None:
            return False
        stamp = self._keeper.state.get("trained", {}).get(self.run.folder.name)
        return stamp is None or stamp == self._session.draft.stamp

    def pretrained_source(self) -> Path | None:
        """Return the newest run of this project whose pretrained encoders fit the draft, if there is one."""
        wanted = _encoder_parts(self._session.draft.plain)
        if wanted is None:
            return None
        for info in self._session.runs.all:
            is_like = self._keeper.state.get("pretrainings", {}).get(info.name) == wanted
            # The list is read in the background: a run that was just deleted is in it a moment longer.
            if info.has_pretrained and is_like and info.folder.is_dir():
                return info.folder
        return None

    def _can_start(self) -> bool:
        session = self._session
        return session.project is not None and not session.draft.is_empty and not session.training.is_running

    def _start(self, *, until: str = "end", pretrained_from: Path | None = None) -> None:
        project, draft = self._session.project, self._session.draft
        assert project is not None
        folder = project.new_run()
        # Which pretraining a run did, as the draft said it; the stored recipe leaves defaults out.
        done = {**self._keeper.state.get("pretrainings", {}), folder.name: _encoder_parts(draft.plain)}
        # The run is in view from its first moment: after a crash it is there, with Resume.
        goals = {**self._keeper.state.get("goals", {}), folder.name: until}
        trained = {**self._keeper.state.get("trained", {}), folder.name: draft.stamp}
        self._keeper.remember(pretrainings=done, goals=goals, trained=trained, run=folder.name)
        self._keeper.save_soon()
        self._session.training.start(draft.plain, folder, until=until, pretrained_from=pretrained_from)

    @Slot(object)
    def _on_read(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._session.say("problem", tr("The run cannot be read: {error}", error=str(outcome.error)))
            return
        self.run = outcome.value
        assert self.run is not None
        if self._session.project is not None:
            self._keeper.remember(run=self.run.folder.name)
            self._keeper.request_save()
        self.changed.emit()

    @Slot(object)
    def _on_ended(self, live: LiveRun) -> None:
        state = live.job.state
        if (live.folder / "recipe.toml").exists():
            self.open(live.folder)
        if self._session.project is not None:
            self._session.runs.scan(self._session.project)
        if state == "failed":
            self._session.say_error(live.job.error)
        elif state == "stopped":
            self._session.say("info", tr("Stopped; the best so far is kept."))
        elif state == "cancelled":
            self._session.say("info", tr("Cancelled. The run can be resumed."))

    def _put(self, state: tuple[str, bool]) -> None:
        name, present = state
        project = self._session.project
        if project is None:
            return
        try:
            (project.restore_run if present else project.remove_run)(name)
        except EngineError as error:
            self._session.say_error(error)
        if not present and self.run is not None and self.run.folder.name == name:
            self.run = None
            self._session.pictures.forget_run()
            self.changed.emit()
        elif present and self.run is None:
            self.open(project.runs_folder / name)
        self._session.runs.scan(project)


def _encoder_parts(recipe: Plain) -> str | None:
    """Return what a pretrained encoder depends on, comparable; None for a recipe without pretraining."""
    if not recipe.get("pretrain"):
        return None
    runtime = recipe.get("runtime") or {}
    parts = [recipe.get("data"), recipe.get("encoder"), recipe["pretrain"], runtime.get("seeds")]
    return json.dumps(parts, sort_keys=True)
