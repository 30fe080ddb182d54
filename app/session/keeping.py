"""The open project and what it remembers, saved as one goes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge.background import Background, Outcome
from app.kit import settings as keys
from app.kit.throttle import Throttle
from app.session import projects
from engine.core.errors import EngineError

if TYPE_CHECKING:
    from app.kit.settings import Settings
    from engine import Project

Plain = dict[str, Any]  # Any: JSON values
_log = logging.getLogger(__name__)
_AUTOSAVE_MS = 400
_RECENT_KEPT = 12


class Keeper(QObject):
    """Owns the project folder. `state` is what the project remembers for the window, replaced and never changed.

    `not_saved` carries the error when saving fails for the first time, `saved_again` comes when it works once more.

    Args:
        home: folder for projects that have no place of their own yet.
        collect: returns what the window shows now, as JSON values.
    """

    changed = Signal()
    not_saved = Signal(object)  # Exception
    saved_again = Signal()

    def __init__(
        self, home: Path, settings: Settings, collect: Callable[[], Plain], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.home = home
        self.project: Project | None = None
        self.state: Plain = {}
        self._settings = settings
        self._collect = collect
        self._fails = False  # the last save failed, and the user knows
        self._writer = Background(self)
        self._writer.finished.connect(self._on_written)
        self._autosave = Throttle(self.save_soon, _AUTOSAVE_MS, self)

    @property
    def has_place(self) -> bool:
        """Whether the user gave the project a place of its own."""
        return self.project is not None and self.home not in self.project.folder.parents

    def remember(self, **values: Any) -> None:  # Any: JSON values
        """Put values into the state."""
        self.state = {**self.state, **values}

    def enter(self, project: Project) -> None:
        """Make a project the open one; what was remembered before it had a folder goes into it."""
        self.project = project
        self._fails = False
        self.state = {**self.state, **project.state}
        folder = str(project.folder)
        self._settings.set(keys.OPEN_PROJECT, folder)
        recent = [name for name in self._settings.get(keys.RECENT) if name != folder and Path(name).is_dir()]
        self._settings.set(keys.RECENT, [folder, *recent][:_RECENT_KEPT])
        self._settings.flush()  # a crash from now on finds the way back
        self.changed.emit()

    def create(self, name: str) -> None:
        """Make a project without a place of its own, and open it. Raises: ProjectError: the folder cannot be made."""
        self.enter(projects.create_unnamed(self.home, name))

    def move(self, target: Path, name: str) -> Project:
        """Give the open project a place; without one, make it first.

        Args: name: of a project that has to be made.
        Raises: ProjectError, WriteError: it stays where it was.
        """
        project = self.project or projects.create_unnamed(self.home, name)
        self._autosave.cancel()
        self.remember(**self._collect())
        project.store(self.state)
        project = projects.move(project, target)
        self.enter(project)
        return project

    def leave(self) -> None:
        """Save the open project and close it."""
        self._autosave.cancel()
        self.save_now()
        if self.project is not None:
            self.project.close()
        self.project = None
        self.state = {}

    def request_save(self) -> None:
        """Save soon, and not more often than a disk likes."""
        self._autosave.request()

    @Slot()
    def save_soon(self) -> None:
        """Save in the background, now."""
        if self.project is None:
            return
        self.remember(**self._collect())
        self.project.keep(self.state)
        self._writer.submit(self.project.save)

    def save_now(self) -> bool:
        """Save in this thread; to be used when the window closes. Returns: whether that went well."""
        if self.project is None:
            return True
        self.remember(**self._collect())
        try:
            self.project.store(self.state)
        except EngineError as error:
            self._tell(error)
            return False
        return True

    @Slot(object)
    def _on_written(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._tell(outcome.error)
        elif self._fails:
            self._fails = False
            self.saved_again.emit()

    def _tell(self, error: Exception) -> None:
        """Tell once that saving fails, until it works again: every edit tries anew."""
        _log.warning("The project cannot be saved: %s", error)
        if not self._fails:
            self._fails = True
            self.not_saved.emit(error)
