"""A disk that is full or read-only: one clear error, and what was there before stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import run as command
from engine.core.errors import WriteError
from engine.core.events import EpochFinished, Event
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from engine.project.bundle import Project
from engine.project.codec import from_plain
from engine.project.runs import RunFolder
from tests.support.disks import SmallDisk
from tests.support.tables import block_recipe, write_blocks


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk", kilobytes=600)
    yield made
    made.close()


def _job(kind: str, sink: Any = None, **arguments: Any) -> JobResult:
    return run_inline(JobSpec(kind, arguments, "test"), **({"sink": sink} if sink else {}))


def _said(done: JobResult) -> str:
    assert done.status == "failed"
    assert done.error is not None
    return f"{done.error['code']}: {done.error['message']} {done.error['hint']}"


def _state_on(folder: Path) -> Any:
    return json.loads((folder / "project.json").read_text(encoding="utf-8"))["state"]


def test_a_project_on_a_full_disk_keeps_its_old_state_and_saves_the_newest_when_there_is_room(disk: SmallDisk) -> None:
    project = Project.create(disk.place / "p.kith")
    project.store({"step": 1})
    disk.fill()
    for step in (2, 3):
        with pytest.raises(WriteError, match=r"project\.json cannot be written: No space left .* Make room"):
            project.store({"step": step, "long": "x" * 9000})
    assert _state_on(project.folder) == {"step": 1}
    assert not list(project.folder.glob(".*"))
    disk.free()
    project.save()
    assert _state_on(project.folder)["step"] == 3
    project.close()


def test_a_project_on_a_read_only_disk_is_not_opened_and_not_changed(disk: SmallDisk) -> None:
    folder = disk.place / "p.kith"
    project = Project.create(folder)
    project.store({"step": 1})
    disk.allow_writing(False)
    with pytest.raises(WriteError, match="Read-only file system"):
        project.store({"step": 2})
    disk.allow_writing(True)
    project.close()
    disk.allow_writing(False)
    with pytest.raises(WriteError, match="Read-only file system"):
        Project.open(folder)
    with pytest.raises(WriteError, match="Read-only file system"):
        Project.create(disk.place / "new.kith")
    disk.allow_writing(True)
    opened = Project.open(folder)
    assert opened.state == {"step": 1}
    opened.close()


def test_an_import_onto_a_full_disk_leaves_no_half_dataset(disk: SmallDisk, tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "data", nodes=200)
    data = from_plain(block_recipe(files)).data.model_dump(mode="json")
    out = disk.place / "data"
    out.mkdir()
    disk.fill()
    said = _said(_job("import_data", data=data, out=str(out)))
    assert said.startswith("write: ")
    assert "No space left" in said
    assert not list(out.iterdir())
    disk.free()
    done = _job("import_data", data=data, out=str(out))
    assert done.status == "finished"
    assert [path.name for path in out.iterdir()] == [done.result["dataset"]]  # type: ignore[index]


def test_a_run_whose_disk_fills_up_stops_with_one_error_and_resumes_to_the_same_numbers(
    disk: SmallDisk, tmp_path: Path
) -> None:
    files = write_blocks(tmp_path / "data")
    recipe: dict[str, Any] = block_recipe(files, pretrain="dgi", epochs=30)
    recipe["finetune"]["training"] = {"epochs": 30, "checkpoint_seconds": 0.0}
    assert _job("run", recipe=recipe, out=str(tmp_path / "whole")).status == "finished"
    out = disk.place / "run"

    def fill(event: Event) -> None:
        if isinstance(event, EpochFinished) and (event.stage, event.epoch) == ("finetune", 12):
            disk.fill()

    said = _said(_job("run", fill, recipe=recipe, out=str(out)))
    assert said.startswith("write: ")
    assert "progress.safetensors cannot be written" in said
    assert "Make room" in said
    assert RunFolder(out).status() in ("failed", "interrupted")
    disk.free()
    resumed = _job("run", out=str(out), resume=True)
    assert resumed.status == "finished", resumed.error
    assert (out / "predictions.csv").read_bytes() == (tmp_path / "whole" / "predictions.csv").read_bytes()
    assert RunFolder(out).status() == "finished"


def test_an_export_onto_a_full_or_read_only_disk_leaves_the_old_file(disk: SmallDisk, tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "data", nodes=200)
    run = tmp_path / "run"
    assert _job("run", recipe=block_recipe(files, epochs=2), out=str(run)).status == "finished"
    for to in ("csv", "parquet"):
        disk.free()
        target = disk.place / f"out.{to}"
        target.write_bytes(b"old")
        arguments = {"run": str(run), "what": "predictions", "to": to, "out": str(target)}
        disk.fill()
        said = _said(_job("export", **arguments))
        assert said.startswith("export: ")
        assert "cannot be written" in said
        disk.allow_writing(False)
        assert "Read-only" in _said(_job("export", **arguments))
        disk.allow_writing(True)
        assert target.read_bytes() == b"old"


def test_the_shell_says_in_one_sentence_that_a_place_is_read_only(
    disk: SmallDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = write_blocks(tmp_path / "data")
    disk.allow_writing(False)
    for words in (
        ["suggest", *map(str, files), "--target", "team", "--out", str(disk.place / "r.toml")],
        ["suggest", *map(str, files), "--target", "team", "--out", str(disk.place / "deep" / "r.toml")],
    ):
        assert command(words) == 2
        said = capsys.readouterr().err
        assert "Read-only file system" in said
        assert "Traceback" not in said


@pytest.mark.skipif(os.name != "posix", reason="the system has no limit on the size of files")
def test_a_file_that_the_system_cuts_short_is_never_put_in_place(tmp_path: Path) -> None:
    """Without root: the system refuses files above 4 kB, as a quota does."""
    code = """
import resource, sys
from pathlib import Path
from engine.cli.main import run as command
from engine.core.errors import WriteError
from engine.project.bundle import Project
project = Project.create(Path(sys.argv[1]))
project.store({"step": 1})
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    project.store({"step": 2, "long": "x" * 9000})
except WriteError as error:
    print(error)
"""
    folder = tmp_path / "p.kith"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert "project.json cannot be written: File too large." in done.stdout
    assert _state_on(folder) == {"step": 1}
    assert not list(folder.glob(".*"))
