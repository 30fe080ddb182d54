"""Project folders as the window makes, opens and moves them; the folder itself is the engine's."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.atomic import write_text

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
    was = project.folder
    project.move(target)
    for run in project.runs():
        _keep_paths(run.path, was / "runs" / run.path.name, was)
    project.rename(target.stem)
    return project


def _keep_paths(run: Path, was: Path, project: Path) -> None:
    """Let a moved run's recipe find its files again: it names them relative to itself.

    Args: run: where the run lies now. was: where it lay. project: the old folder; what lies inside it moved along.
    """
    import tomllib

    recipe = run / "recipe.toml"
    text = recipe.read_text(encoding="utf-8")
    for table in tomllib.loads(text).get("data", {}).get("tables", []):
        path = str(table.get("path", ""))
        there = Path(os.path.normpath(was / path))
        if Path(path).is_absolute() or there.is_relative_to(project):
            continue
        now = Path(os.path.relpath(there, run)).as_posix()
        text = text.replace(json.dumps(path, ensure_ascii=False), json.dumps(now, ensure_ascii=False))
    write_text(recipe, text)


def _safe(name: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in "-_ " else "-" for letter in name).strip()
    return kept[:40] or "project"
