"""Projects that are made, moved and opened again."""

import tomllib
from pathlib import Path

import pytest

from app.session import projects
from engine.core.errors import LockedError, ProjectError


@pytest.fixture
def project(tmp_path: Path):
    made = projects.create_unnamed(tmp_path / "home", "cañon/1")
    yield made
    made.close()


def _run(project, *paths: str) -> Path:
    run = project.runs_folder / "20260101-000000-abcdef"
    run.mkdir()
    tables = "\n".join(f'[[data.tables]]\npath = "{path}"\n' for path in paths)
    (run / "recipe.toml").write_text(tables, encoding="utf-8")
    return run


def test_two_projects_made_in_the_same_second_get_folders_of_their_own(tmp_path: Path) -> None:
    made = [projects.create_unnamed(tmp_path, "a") for _ in range(2)]
    assert made[0].folder != made[1].folder
    for project in made:
        assert projects.is_project(project.folder)
        project.close()


def test_a_moved_project_has_its_new_name_and_its_runs_still_find_their_files(project, tmp_path: Path) -> None:
    edges = tmp_path / "edges.csv"
    edges.write_text("a,b\n", encoding="utf-8")
    _run(project, "../../../../../edges.csv", "../../data/inside.csv", "/abs/nodes.csv")
    assert (project.runs_folder / "20260101-000000-abcdef" / "../../../../../edges.csv").resolve() == edges
    moved = projects.move(project, tmp_path / "deep" / "deeper" / "still" / "mine")
    try:
        assert (moved.name, moved.folder.name) == ("mine", "mine.kith")
        run = moved.runs_folder / "20260101-000000-abcdef"
        tables = tomllib.loads((run / "recipe.toml").read_text(encoding="utf-8"))["data"]["tables"]
        assert (run / tables[0]["path"]).resolve() == edges
        assert [table["path"] for table in tables[1:]] == ["../../data/inside.csv", "/abs/nodes.csv"]
    finally:
        moved.close()


def test_a_project_is_not_moved_over_something_else(project, tmp_path: Path) -> None:
    (tmp_path / "taken.kith").mkdir()
    with pytest.raises(ProjectError, match="there already"):
        projects.move(project, tmp_path / "taken")
    assert projects.is_project(project.folder)


def test_an_open_project_is_not_opened_twice(project) -> None:
    with pytest.raises(LockedError):
        projects.open_folder(project.folder)
