"""Project folders as the window makes, opens and moves them; the folder itself is the engine's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine import Project

SUFFIX = ".kith"


def is_project(folder: Path) -> bool:
    """Whether a dropped folder is a project."""
    return (folder / "project.json").is_file()


def open_folder(folder: Path, *, force: bool = False) -> Project:
    """Open a project folder. Raises: ProjectError: of the kinds that `engine.Project.open` names."""
    from engine import Project

    return Project.open(folder, force=force)


def create_unnamed(home: Path, name: str) -> Project:
    """Make a project that the user has not given a place yet, so that everything is saved from the start.

    Args: home: the program's own data folder. name: shown until the user gives another.
    Raises: ProjectError: the folder cannot be made.
    """
    from engine import Project

    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{_safe(name)}"
    folder = home / "projects" / f"{stem}{SUFFIX}"
    number = 1
    while folder.exists():
        number += 1
        folder = home / "projects" / f"{stem}-{number}{SUFFIX}"
    return Project.create(folder, name)


def move(project: Project, target: Path) -> Project:
    """Move an open project to the place that the user chose, and call it as the place is called.

    Raises: ProjectError: something is there already. WriteError: the disk refuses; the project stays where it was.
    """
    target = target if target.suffix == SUFFIX else target.with_name(target.name + SUFFIX)
    project.move(target)
    project.rename(target.stem)
    return project


def _safe(name: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in "-_ " else "-" for letter in name).strip()
    return kept[:40] or "project"
