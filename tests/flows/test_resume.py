"""A run in the shell that is killed again and again ends with the files of one that nobody interrupted."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import run as command
from engine.core.events import CheckpointSaved
from engine.project.codec import from_plain, write_recipe
from engine.project.runs import RunFolder
from tests.support.tables import block_recipe, write_blocks

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
SECONDS = 180.0


def _start(*words: str) -> subprocess.Popen[str]:
    whole = [sys.executable, "-m", "engine", "run", *words]
    return subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _snapshots(run: RunFolder) -> int:
    return sum(isinstance(event, CheckpointSaved) for event in run.events())


def _numbers(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    for row in found["runs"]:
        row.pop("seconds")
    return found


@pytest.mark.slow
def test_a_run_killed_several_times_and_resumed_ends_with_the_same_numbers_and_bytes(tmp_path: Path) -> None:
    recipe: dict[str, Any] = block_recipe(write_blocks(tmp_path / "data"), pretrain="dgi", epochs=250, seeds=(0, 1))
    for stage in ("pretrain", "finetune"):
        recipe[stage]["training"]["checkpoint_seconds"] = 0.02
    path = tmp_path / "recipe.toml"
    write_recipe(from_plain(recipe), path)
    draw, run, killed = random.Random(5), RunFolder(tmp_path / "cut"), 0
    for number in range(3):
        words = ["--resume", str(run.path)] if number else [str(path), "--out", str(run.path)]
        before = _snapshots(run)
        child = _start(*words)
        end = time.monotonic() + SECONDS
        while _snapshots(run) <= before and child.poll() is None:
            assert time.monotonic() < end, "no snapshot was saved"
            time.sleep(0.02)
        time.sleep(draw.uniform(0.0, 0.6))
        child.kill()
        said = child.communicate()[0]
        if child.returncode == 0:
            break  # a quick machine was done before the kill
        assert child.returncode == -signal.SIGKILL, said
        killed += 1
        assert run.status() == "interrupted"
    assert killed > 0
    last = _start("--resume", str(run.path))
    said = last.communicate(timeout=SECONDS)[0]
    assert last.returncode == 0, said
    assert command(["run", str(path), "--out", str(tmp_path / "whole")]) == 0
    assert run.status() == "finished"
    assert _numbers(run.path) == _numbers(tmp_path / "whole")
    for name in ("predictions.csv", "embeddings.parquet", "report.json", "schema.json"):
        assert (run.path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not list(run.path.rglob(".*")), "half-written files were left behind"
    assert not (run.path / "lock").exists()
