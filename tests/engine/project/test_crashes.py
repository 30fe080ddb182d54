"""What a killed process leaves behind is cleared away, and never counts as something whole."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import LockedError, WriteError
from engine.core.events import JobFinished, JobStarted
from engine.jobs._base import _event_log
from engine.project.bundle import Project
from engine.project.lock import FolderLock
from engine.project.runs import RunFolder


def _state(folder: Path) -> Any:
    return json.loads((folder / "project.json").read_text(encoding="utf-8"))["state"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells the state of a process")
def test_a_killed_process_that_nobody_has_asked_for_holds_no_lock(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from engine.project.lock import FolderLock; "
    code += "FolderLock(Path(sys.argv[1])).acquire(); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        assert FolderLock(tmp_path).is_alive()
        with pytest.raises(LockedError):
            FolderLock(tmp_path).acquire()
        owner.kill()
        deadline = time.monotonic() + 10
        # Not waited for: to the system it is there until its parent asks how it ended.
        while FolderLock(tmp_path).is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(owner.pid, 0)
        FolderLock(tmp_path).acquire()


def test_of_many_that_find_a_stale_lock_at_once_one_takes_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    for _ in range(20):
        stale = {"host": platform.node(), "pid": gone.pid, "time": 0}
        (tmp_path / "lock").write_text(json.dumps(stale), encoding="utf-8")
        taken: list[FolderLock] = []
        start = threading.Barrier(6)

        def race(taken: list[FolderLock] = taken, start: threading.Barrier = start) -> None:
            lock = FolderLock(tmp_path)
            start.wait()
            try:
                lock.acquire()
            except LockedError:
                return
            taken.append(lock)

        racers = [threading.Thread(target=race) for _ in range(6)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert len(taken) == 1


def test_giving_back_a_lock_that_somebody_took_by_force_leaves_it_theirs(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    theirs = {"host": "elsewhere", "pid": 1, "time": 0}
    (tmp_path / "lock").write_text(json.dumps(theirs), encoding="utf-8")
    lock.release()
    assert FolderLock(tmp_path).owner() == theirs


def test_a_save_writes_the_newest_state_and_a_closed_project_is_not_written(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    project.keep({"step": 1})
    project.keep({"step": 2})
    project.save()
    assert _state(project.folder) == {"step": 2}
    project.close()
    project.keep({"step": 3})
    project.save()
    assert _state(project.folder) == {"step": 2}


def test_opening_clears_away_what_a_killed_process_had_begun(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    project.close()
    for path in (
        "data/.abc.making/indptr.npy",
        "data/abc/.positions-force.1-2.npy",
        "data/abc/summary.json",
        ".project.1-2.json",
        "runs/20260101-000000-aaaaaa/log.txt",
        "runs/20260101-000000-bbbbbb/recipe.toml",
    ):
        (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / path).write_text("{}", encoding="utf-8")
    opened = Project.open(project.folder)
    files = {path.relative_to(project.folder).as_posix() for path in project.folder.rglob("*") if path.is_file()}
    assert files == {"data/abc/summary.json", "runs/20260101-000000-bbbbbb/recipe.toml", "project.json", "lock"}
    opened.close()


def test_a_run_that_another_process_is_making_is_left_alone(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p")
    project.close()
    run = RunFolder(project.runs_folder / "20260101-000000-aaaaaa")
    run.path.mkdir()
    with run.lock():
        opened = Project.open(project.folder)
        assert run.path.is_dir()
    opened.close()


def test_a_project_moves_to_another_disk_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def other_disk(source: Path, target: Path) -> Path:
        if source.name == "p" and target.name == "q":
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", other_disk)
    project = Project.create(tmp_path / "p")
    project.store({"step": 1})
    project.move(tmp_path / "far" / "q")
    assert not (tmp_path / "p").exists()
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["q"]
    with pytest.raises(LockedError):
        Project.open(project.folder)
    project.store({"step": 2})
    assert _state(tmp_path / "far" / "q") == {"step": 2}
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WriteError):
        project.move(tmp_path / "file" / "r")
    project.store({"step": 3})
    assert _state(tmp_path / "far" / "q") == {"step": 3}
    project.close()


def test_a_torn_last_event_and_what_comes_after_it_are_told_apart(tmp_path: Path) -> None:
    with _event_log(tmp_path) as write:
        write(JobStarted("a", "run", 1.0))
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"event": "JobFini')
    with _event_log(tmp_path) as write:
        write(JobStarted("b", "run", 2.0))
        write(JobFinished("b", "stopped", 3.0))
    events = list(RunFolder(tmp_path).events())
    assert [type(event).__name__ for event in events] == ["JobStarted", "JobStarted", "JobFinished"]
    assert RunFolder(tmp_path).status() == "stopped"
