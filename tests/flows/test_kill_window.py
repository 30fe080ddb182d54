"""The window is killed with -9 while it works: it opens again with the last complete state, and runs go on.

A few kills; `tests/bench/kill_window.py` does forty.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("PySide6", reason="runs with the tests of the window")

from tests.support.killing import Killer, numbers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for orphans in /proc"),
]


def test_a_window_killed_at_random_moments_opens_with_the_last_complete_state_and_its_runs_go_on(
    tmp_path: Path,
) -> None:
    killer = Killer(tmp_path, seed=3)
    for act in ("import", "edits", "run", "import", "run", "run"):
        killer.kill_once(act)
    runs = killer.finish()
    assert killer.told.reopened == 6
    reference = killer.reference(tmp_path)
    for run in runs:
        assert numbers(run) == numbers(reference)
        assert (run / "predictions.csv").read_bytes() == (reference / "predictions.csv").read_bytes()
