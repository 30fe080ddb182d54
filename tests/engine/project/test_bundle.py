import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.core.errors import CorruptError, LockedError, ProjectError, VersionError
from engine.project.bundle import Project
from engine.project.lock import FolderLock


def _run_in(project: Project, name: str = "20260101-120000-abc123") -> Path:
    folder = project.runs_folder / name
    folder.mkdir(parents=True)
    (folder / "recipe.toml").write_text("version = 1\n", encoding="utf-8")
    return folder


def test_a_project_reopens_as_it_was(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "mine.kith", "Mine")
    project.store({"station": "inspect", "draft": {"名": [1, 2.5, None]}})
    project.close()
    again = Project.open(tmp_path / "mine.kith")
    assert again.name == "Mine"
    assert again.id == project.id
    assert again.state == {"station": "inspect", "draft": {"名": [1, 2.5, None]}}
    again.close()


def test_the_state_handed_out_is_a_copy(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    project.store({"list": [1]})
    project.state["list"].append(2)
    assert project.state == {"list": [1]}
    project.close()


def test_a_folder_that_holds_something_else_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ProjectError, match="not empty"):
        Project.create(tmp_path)
    with pytest.raises(ProjectError, match="is not a project"):
        Project.open(tmp_path)


def test_a_removed_run_comes_back_whole(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    folder = _run_in(project)
    project.remove_run(folder.name)
    assert project.runs() == []
    assert project.trash() == [folder.name]
    project.restore_run(folder.name)
    assert [run.path for run in project.runs()] == [folder]
    assert sorted(path.name for path in folder.iterdir()) == ["recipe.toml"]
    project.close()


def test_a_picture_drawn_after_the_run_was_removed_does_not_keep_it_from_coming_back(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    folder = _run_in(project)
    project.remove_run(folder.name)
    folder.mkdir()
    (folder / "projection-tsne.npy").write_bytes(b"late")
    project.restore_run(folder.name)
    assert sorted(path.name for path in folder.iterdir()) == ["recipe.toml"]
    project.remove_run(folder.name)
    again = _run_in(project, folder.name)
    with pytest.raises(ProjectError, match="already"):
        project.restore_run(again.name)
    project.close()


def test_a_running_run_is_not_removed(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    folder = _run_in(project)
    owner = {"host": platform.node(), "pid": os.getppid(), "time": 0}
    (folder / "lock").write_text(json.dumps(owner), encoding="utf-8")
    with pytest.raises(LockedError):
        project.remove_run(folder.name)
    assert folder.is_dir()
    project.close()


def test_emptying_the_trash_is_for_good(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    folder = _run_in(project)
    project.remove_run(folder.name)
    project.empty_trash()
    assert project.trash() == []
    with pytest.raises(ProjectError):
        project.restore_run(folder.name)
    project.close()


def test_two_at_once_are_refused_and_a_dead_owner_is_not_in_the_way(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    with pytest.raises(LockedError) as caught:
        Project.open(tmp_path / "p")
    assert caught.value.details["pid"] == os.getpid()
    project.close()
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    stale = {"host": platform.node(), "pid": gone.pid, "time": 0}
    (tmp_path / "p" / "lock").write_text(json.dumps(stale), encoding="utf-8")
    Project.open(tmp_path / "p").close()


def test_a_number_that_another_process_has_now_is_not_the_owner(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    plain = json.loads((tmp_path / "lock").read_text(encoding="utf-8"))
    if not plain["began"]:
        pytest.skip("this system does not tell when a process began")
    (tmp_path / "lock").write_text(json.dumps({**plain, "began": plain["began"] - 100}), encoding="utf-8")
    assert not FolderLock(tmp_path).is_alive()


def test_a_lock_from_another_machine_is_refused_until_it_is_forced(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    (tmp_path / "p" / "lock").write_text(json.dumps({"host": "elsewhere", "pid": 1, "time": 0}), encoding="utf-8")
    with pytest.raises(LockedError) as caught:
        Project.open(tmp_path / "p")
    assert caught.value.details["removable"] is True
    Project.open(tmp_path / "p", force=True).close()


def test_a_newer_project_and_a_damaged_one_are_told_apart(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    path = tmp_path / "p" / "project.json"
    plain = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**plain, "version": 99}), encoding="utf-8")
    with pytest.raises(VersionError):
        Project.open(tmp_path / "p")
    path.write_text('{"version": 1', encoding="utf-8")
    with pytest.raises(CorruptError):
        Project.open(tmp_path / "p")


def test_datasets_count_once_they_are_complete(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    for name in ("whole", "half"):
        (project.data_folder / name).mkdir()
    (project.data_folder / "whole" / "summary.json").write_text("{}", encoding="utf-8")
    assert project.datasets() == ["whole"]
    project.close()


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_a_project_killed_while_saving_reopens_with_a_complete_state(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    Project.create(folder).close()
    code = (
        "import itertools\nfrom pathlib import Path\nfrom engine.project.bundle import Project\n"
        f"project = Project.open(Path({str(folder)!r}))\nprint('open', flush=True)\n"
        "for n in itertools.count():\n    project.store({'n': n, 'again': n, 'filling': 'x' * 20000})\n"
    )
    for attempt in range(8):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.02 + 0.013 * attempt)
            child.send_signal(signal.SIGKILL)
        project = Project.open(folder)
        assert project.state["n"] == project.state["again"]
        assert len(project.state["filling"]) == 20000
        assert not list(folder.glob(".*"))
        project.close()
