"""Threads that wait for each other sleep after a moment: OpenMP hears of it before torch loads it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.core.memory import WAITING
from engine.jobs.executors.process import _environment

# The shell sets it, then something loads torch.
_SHELL = "from engine.cli.main import run; run(['components']); import torch; torch.ones(9).sum()"


def _heard(environment: dict[str, str]) -> dict[str, str]:
    """Return what GNU's OpenMP says it was told, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _SHELL],
        env={**environment, "OMP_DISPLAY_ENV": "VERBOSE"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(re.findall(r"(\w+) = '([^']*)'", done.stderr))


def _without_waiting() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in WAITING}


_is_gnus = pytest.mark.skipif(
    not list((Path(torch.__file__).parent / "lib").glob("libgomp*")), reason="torch has another OpenMP here"
)


@_is_gnus
def test_the_shell_tells_openmp_how_to_wait_before_torch_loads_it() -> None:
    heard = _heard(_without_waiting())
    assert {name: heard[name] for name in WAITING} == WAITING


@_is_gnus
def test_who_set_it_otherwise_is_not_overruled() -> None:
    assert _heard({**_without_waiting(), "GOMP_SPINCOUNT": "7"})["GOMP_SPINCOUNT"] == "7"


def test_the_window_s_child_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in WAITING:
        monkeypatch.delenv(name, raising=False)
    assert WAITING.items() <= _environment().items()
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    assert _environment()["GOMP_SPINCOUNT"] == "7"
