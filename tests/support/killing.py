"""Kill a working window with -9 at random moments, and see that it opens again with the last complete state.

Used by `tests/flows/test_kill_window.py` with a few kills and by `tests/bench/kill_window.py` with many.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.living_window import ROOT, recipe
from tests.support.tables import write_blocks

SECONDS = 180.0  # most that a window may take for one step on a machine that does other things too
ORPHAN_SECONDS = 15.0  # Most that a child may live after its window: two seconds, and the rest for slow machines.
# How long each kind of work goes on at most before the kill, in seconds.
WORK = {"import": 6.0, "edits": 2.5, "run": 7.0}


@dataclass
class Told:
    """What a test or a bench says at the end."""

    kills: dict[str, int] = field(default_factory=dict)
    reopened: int = 0
    runs: int = 0
    cut_off: int = 0
    temporary: int = 0
    slowest_child: float = 0.0

    def plain(self) -> dict[str, Any]:
        """Return the figures for a JSON line."""
        return {
            "kills": dict(self.kills),
            "reopened": self.reopened,
            "runs": self.runs,
            "cut_off": self.cut_off,
            "half_written_files_left_aside": self.temporary,
            "slowest_child_seconds": round(self.slowest_child, 2),
        }


class Killer:
    """One home whose window is killed again and again.

    Args: folder: empty. seed: of the moments and of what the window does. nodes: of the generated graph.
    """

    def __init__(self, folder: Path, seed: int = 0, nodes: int = 120) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.files = write_blocks(folder / "data", nodes=nodes)
        self._logs = folder / "logs"
        self._logs.mkdir()
        self._draw = random.Random(seed)
        self._number = 0
        self._before: dict[str, Any] | None = None  # what project.json held after the last kill
        self._project: Path | None = None
        self._kept = 0  # the highest count that the window has seen on the disk
        self.told = Told()

    def kill_once(self, act: str) -> None:
        """Open the window, compare it with what the kill before left, let it work, kill it, look at the disk."""
        window, log = self._start(act)
        try:
            self._compare(self._line(window, log, "opened"))
            self._line(window, log, "acting")
            time.sleep(self._draw.uniform(0.0, WORK[act]))
            assert window.poll() is None, f"the window ended by itself: {self._log_of(log)}"
        finally:
            children = _children(window.pid)
            window.kill()
            if self._draw.random() < 0.5:  # as when the machine goes down: nobody has time to tidy up
                for child in children:
                    os.kill(child, signal.SIGKILL)
            died = time.monotonic()
            window.wait()
        self.told.kills[act] = self.told.kills.get(act, 0) + 1
        self._wait_for(children, died)
        self._look(log)

    def finish(self) -> list[Path]:
        """Open once more, resume every run, close; return the folders of all runs, finished by then."""
        window, log = self._start("finish")
        try:
            opened = self._line(window, log, "opened")
            self._compare(opened)
            self._line(window, log, "closed")
            assert window.wait(SECONDS) == 0, self._log_of(log)
        finally:
            window.kill()
            window.wait()
        self._check_disk()
        for line in _lines(log):
            if line["what"] == "ran":
                assert line["state"] == "finished", line
        assert self._project is not None
        assert not (self._project / "lock").exists()
        self.told.temporary += len(list(self._project.rglob(".*")))
        found = sorted((self._project / "runs").iterdir())
        self.told.runs = len(found)
        return found

    def reference(self, folder: Path) -> Path:
        """Do the window's run without any interruption, in the shell's way; return its folder."""
        plan = folder / "recipe.json"
        plan.write_text(json.dumps(recipe(self.files)), encoding="utf-8")
        code = (
            "import json, sys; from engine.project.codec import from_plain; import engine; "
            "engine.run(from_plain(json.load(open(sys.argv[1], encoding='utf-8'))), sys.argv[2])"
        )
        done = [sys.executable, "-c", code, str(plan), str(folder / "run")]
        subprocess.run(done, cwd=ROOT, env=_environment(), check=True, timeout=SECONDS)
        return folder / "run"

    def _start(self, act: str) -> tuple[subprocess.Popen[bytes], Path]:
        self._number += 1
        log = self._logs / f"{self._number:03d}-{act}.jsonl"
        words = [str(self.home), *map(str, self.files), "--act", act, "--seed", str(self._draw.randrange(10**6))]
        command = [sys.executable, "-P", str(ROOT / "tests/support/living_window.py"), *words, "--log", str(log)]
        with log.with_suffix(".txt").open("wb") as output:
            return subprocess.Popen(command, env=_environment(), stdout=output, stderr=output), log

    def _line(self, window: subprocess.Popen[bytes], log: Path, what: str) -> dict[str, Any]:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            ended = window.poll() is not None
            for line in _lines(log):
                if line["what"] == what:
                    return line
            assert not ended, f"the window ended by itself before it was {what}: {self._log_of(log)}"
            time.sleep(0.02)
        raise AssertionError(f"the window was not {what} within {SECONDS:.0f} s: {self._log_of(log)}")

    def _log_of(self, log: Path) -> str:
        said = log.read_text(encoding="utf-8")[-2000:] if log.exists() else ""
        return said + log.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")[-3000:]

    def _compare(self, opened: dict[str, Any]) -> None:
        """The window shows what the disk held, and had nothing to complain about."""
        problems = [said for said in opened["said"] if said["level"] == "problem"]
        assert not problems, problems
        self.told.reopened += bool(self.told.kills)
        assert opened["project"] == (str(self._project) if self._project else "")
        if self._before is None:
            return
        state = self._before["state"]
        assert opened["draft"] == (state.get("draft") or {})
        assert opened["data"] == state.get("data")
        assert opened["files"] == state.get("files", [])
        assert opened["dataset"] == (state.get("dataset") or "")
        assert opened["nodes"] == (0 if not state.get("dataset") else len(self.files[0].read_text().splitlines()) - 1)
        assert self._project is not None
        here = {path.parent.name for path in (self._project / "runs").glob("*/recipe.toml")}
        assert {run["name"] for run in opened["runs"]} == here
        for run in opened["runs"]:
            finished = (self._project / "runs" / run["name"] / "metrics.json").exists()
            # One that was killed between its last file and the last line of its log has all results, and is resumable.
            assert run["can_resume"] == (run["status"] != "finished"), run
            assert finished or run["status"] != "finished", run
            self.told.cut_off += run["status"] == "running"
        if state.get("run") in here:
            assert opened["run"] == state["run"]

    def _wait_for(self, children: list[int], died: float) -> None:
        while left := [pid for pid in children if _lives(pid)]:
            assert time.monotonic() - died < ORPHAN_SECONDS, f"children outlived their window: {left}"
            time.sleep(0.02)
        if children:
            self.told.slowest_child = max(self.told.slowest_child, time.monotonic() - died)

    def _look(self, log: Path) -> None:
        """Remember what lies on the disk now that nobody writes, and check that it is whole."""
        self._project, self._before = self._open_project(), None
        if self._project is None:
            return
        self._before = json.loads((self._project / "project.json").read_text(encoding="utf-8"))
        kept = max((line["number"] for line in _lines(log) if line["what"] == "kept"), default=0)
        if kept:
            now = self._before["state"]["draft"]["finetune"]["training"]["patience"]
            assert now >= kept, "an older state came over a newer one"
        self._check_disk()

    def _open_project(self) -> Path | None:
        """Return the project that the settings name; None when none was open."""
        path = self.home / "settings.ini"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        found = next((line[5:] for line in lines if line.startswith("open=")), "")
        name = found.replace('\\"', '"').strip('"')
        return Path(name) if name else None

    def _check_disk(self) -> None:
        """Every file that counts is whole: JSON, arrays, tables, weights; only the last line of a log may be torn."""
        assert self._project is not None
        self.told.temporary += len(list(self._project.rglob(".*")))
        for path in _visible(self._project, "*.json"):
            json.loads(path.read_text(encoding="utf-8"))
        for path in _visible(self._project, "events.jsonl"):
            for line in path.read_bytes().split(b"\n")[:-1]:
                assert not line or json.loads(line), path
        for path in _visible(self._project, "*.npy"):
            np.load(path, allow_pickle=False)
        for path in _visible(self._project, "*.parquet"):
            assert path.read_bytes()[-4:] == b"PAR1", path
        for path in _visible(self._project, "manifest.json"):
            weights = path.with_name("weights.safetensors")
            expected = json.loads(path.read_text(encoding="utf-8"))["sha256"]
            assert hashlib.sha256(weights.read_bytes()).hexdigest() == expected, path
        for path in (self._project / "data").iterdir():
            if not path.name.startswith("."):
                there = {found.name for found in path.iterdir()}
                assert {"summary.json", "data.json", "nodes.parquet", "indptr.npy", "indices.npy"} <= there


def numbers(run: Path) -> dict[str, Any]:
    """Return a run's metrics without seconds, the only values in which two equal runs may differ."""
    found: dict[str, Any] = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    for row in found["runs"]:
        row.pop("seconds")
    return found


def _environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def _lines(log: Path) -> list[dict[str, Any]]:
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_bytes().split(b"\n")[:-1]]


def _visible(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.rglob(pattern) if not any(part.startswith(".") for part in path.parts[-4:])]


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(facts[1]) == pid:
            found.append(int(path.parent.name))
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
