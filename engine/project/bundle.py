"""The project folder: what it holds, saved as you go, reopened as it was after a crash."""

from __future__ import annotations

import errno
import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.core.atomic import sync_folder, write_json
from engine.core.errors import CorruptError, ProjectError, VersionError, WriteError
from engine.project.lock import FolderLock
from engine.project.runs import RunFolder

_log = logging.getLogger(__name__)
VERSION = 1
_FILE = "project.json"
_FOLDERS = ("data", "runs", "trash")


class Project:
    """An open project: a folder with project.json, a lock, `data/<fingerprint>/`, `runs/<time>-<id>/` and `trash/`.

    Every change is on disk when the call returns. `state` is whatever the window wants to find again (station,
    dataset and run in view, the recipe draft), as JSON values.
    """

    def __init__(self, folder: Path, plain: Mapping[str, Any], lock: FolderLock) -> None:  # Any: JSON values
        self.folder = folder
        self._plain = dict(plain)
        self._lock = lock
        self._is_closed = False
        self._saving = threading.Lock()

    @classmethod
    def create(cls, folder: Path, name: str = "") -> Project:
        """Make a new project in a folder that is empty or does not exist.

        Raises: ProjectError: the folder holds something else. WriteError: it cannot be written.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ProjectError(f"{folder} is not empty.", hint="Choose a new name or an empty folder.")
        try:
            for part in _FOLDERS:
                (folder / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError.of(folder, error) from error
        lock = FolderLock(folder)
        lock.acquire()
        plain = {
            "version": VERSION,
            "id": secrets.token_hex(8),
            "name": name or folder.stem,
            "created": time.time(),
            "state": {},
        }
        project = cls(folder, plain, lock)
        project.save()
        return project

    @classmethod
    def open(cls, folder: Path, *, force: bool = False) -> Project:
        """Open an existing project; what a crash left half-done is cleaned away.

        Args: force: take the lock from another machine.
        Raises:
            ProjectError: this is no project. LockedError: another program has it open.
            VersionError: a newer program wrote it. CorruptError: project.json is damaged.
            WriteError: the folder is read-only.
        """
        plain = _read(folder)
        lock = FolderLock(folder)
        lock.acquire(force=force)
        project = cls(folder, plain, lock)
        project._recover()
        return project

    @property
    def name(self) -> str:
        """Name on screen."""
        return str(self._plain["name"])

    @property
    def id(self) -> str:
        """Unique name that stays when the folder moves."""
        return str(self._plain["id"])

    @property
    def state(self) -> dict[str, Any]:  # Any: JSON values
        """A copy of what the window stored."""
        found: dict[str, Any] = json.loads(json.dumps(self._plain.get("state", {})))  # Any: JSON values
        return found

    @property
    def data_folder(self) -> Path:
        """Where imported datasets lie."""
        return self.folder / "data"

    @property
    def runs_folder(self) -> Path:
        """Where runs lie."""
        return self.folder / "runs"

    def rename(self, name: str) -> None:
        """Change the name on screen; the folder keeps its own."""
        self._plain = {**self._plain, "name": name}
        self.save()

    def store(self, state: Mapping[str, Any]) -> None:  # Any: JSON values
        """Replace the window's state and save."""
        self.keep(state)
        self.save()

    def keep(self, state: Mapping[str, Any]) -> None:  # Any: JSON values
        """Replace the window's state; the next `save` writes it. The values must not be changed in place afterwards."""
        self._plain = {**self._plain, "state": dict(state)}

    def save(self) -> None:
        """Write project.json whole; from any thread, the newest state wins. A closed project is not written any more.

        Raises: WriteError: the disk is full, or does not let it be written; the state of before is still there.
        """
        with self._saving:
            if not self._is_closed:
                write_json(self.folder / _FILE, self._plain)

    def datasets(self) -> list[str]:
        """Return the fingerprints of the complete datasets, oldest first."""
        found = [path.parent for path in self.data_folder.glob("*/summary.json")]
        return [folder.name for folder in sorted(found, key=lambda folder: folder.stat().st_mtime)]

    def runs(self) -> list[RunFolder]:
        """Return the runs, oldest first; their names begin with the time."""
        found = (path.parent for path in self.runs_folder.glob("*/recipe.toml"))
        return [RunFolder(path) for path in sorted(found)]

    def new_run(self) -> Path:
        """Return a fresh folder name for a run, `<time>-<short id>`; the run job makes it."""
        return self.runs_folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"

    def remove_run(self, name: str) -> None:
        """Move a run to the trash, from where `restore_run` brings it back.

        Raises: ProjectError: there is no such run. LockedError: it is running.
        """
        run = RunFolder(self.runs_folder / name)
        run.check()
        run.lock().acquire()
        self._move(run.path, self.folder / "trash" / name)
        (self.folder / "trash" / name / "lock").unlink(missing_ok=True)

    def restore_run(self, name: str) -> None:
        """Bring a removed run back.

        Raises: ProjectError: the trash does not hold it.
        """
        self._move(self.folder / "trash" / name, self.runs_folder / name)

    def trash(self) -> list[str]:
        """Return the names of removed runs."""
        return sorted(path.name for path in (self.folder / "trash").glob("*/"))

    def empty_trash(self) -> None:
        """Remove the runs in the trash for good."""
        for name in self.trash():
            shutil.rmtree(self.folder / "trash" / name, ignore_errors=True)

    def move(self, target: Path) -> None:
        """Move the whole folder to a place that does not exist yet.

        Raises: ProjectError: something is there. WriteError: the disk refuses; everything is where it was.
        """
        if target.exists():
            raise ProjectError(f"{target} is there already.", hint="Choose another name.")
        making = target.with_name(f".{target.name}.making")
        with self._saving:
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                _rename_or_copy(self.folder, making, target)
            except OSError as error:
                shutil.rmtree(making, ignore_errors=True)
                raise WriteError.of(target, error) from error
            left, self.folder = self.folder, target
            self._lock.follow(target)
        shutil.rmtree(left, ignore_errors=True)

    def close(self) -> None:
        """Give the folder back to others; what is being saved in another thread is waited for."""
        with self._saving:
            self._is_closed = True
            self._lock.release()

    def _move(self, source: Path, target: Path) -> None:
        if not source.is_dir():
            raise ProjectError(
                f"There is no run {source.name} in {source.parent.name}.", hint="Look at the list again."
            )
        if target.exists():
            if RunFolder(target).recipe_path.exists():
                raise ProjectError(
                    f"There is a run {target.name} in {target.parent.name} already.", hint="Delete it first."
                )
            # A picture that was still being drawn when the run was taken away; it is drawn anew when asked for.
            shutil.rmtree(target)
        target.parent.mkdir(exist_ok=True)
        source.rename(target)
        sync_folder(target.parent)
        sync_folder(source.parent)

    def _recover(self) -> None:
        """Remove temporary files that a killed process left behind; whole files are never touched."""
        for part in _FOLDERS:
            (self.folder / part).mkdir(exist_ok=True)
        for pattern in (".*", "data/.*", "data/*/.*", "runs/.*"):
            for left in self.folder.glob(pattern):
                _log.info("%s, left by an interrupted save, is removed.", left.name)
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        for folder in self.runs_folder.iterdir():
            run = RunFolder(folder)
            # Killed before its recipe was in place: there is nothing to show or to go on with.
            if folder.is_dir() and not run.recipe_path.exists() and not run.lock().is_alive():
                shutil.rmtree(folder, ignore_errors=True)


def _rename_or_copy(source: Path, making: Path, target: Path) -> None:
    """Rename; to another disk, copy beside the target and rename there, so that no half of a project is ever seen."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copytree(source, making)
        making.rename(target)
    sync_folder(target.parent)


def is_project(folder: Path) -> bool:
    """Whether a folder looks like a project."""
    return (folder / _FILE).is_file()


def _read(folder: Path) -> dict[str, Any]:  # Any: JSON values
    path = folder / _FILE
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ProjectError(
            f"{folder} is not a project: it holds no {_FILE}.", hint="Choose a folder that the program made."
        ) from error
    except (OSError, ValueError) as error:
        raise CorruptError(f"{path} is damaged: {error}.", hint="Restore it from a backup.") from error
    if not isinstance(plain, dict) or not isinstance(plain.get("version"), int) or "id" not in plain:
        raise CorruptError(f"{path} is damaged: it does not describe a project.", hint="Restore it from a backup.")
    if plain["version"] > VERSION:
        raise VersionError(
            f"{folder.name} was written by a newer version of this program.", hint="Update the program to open it."
        )
    return plain
