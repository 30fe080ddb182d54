"""Rows that hang or crash the parser, made to do so by a start-up file that only these tests put on the path."""

import os
import time
from pathlib import Path

import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import WorkerError
from engine.core.events import Event, Progress
from engine.data.chem import pool
from engine.data.chem.molecules import Outcome
from engine.data.chem.pool import answer

_DANGEROUS = """
import os, time
from rdkit import Chem
_parse = Chem.MolFromSmiles
def parse(text):
    if text == "HANG":
        time.sleep(1000)
    if text == "CRASH":
        os.abort()
    return _parse(text)
Chem.MolFromSmiles = parse
"""


@pytest.fixture
def dangerous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the processes that read hang and crash at two words."""
    (tmp_path / "sitecustomize.py").write_text(_DANGEROUS)
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    # `engine` comes first on the path of the processes, and holds no such file.


def test_a_row_that_hangs_and_one_that_crashes_are_named_and_the_rest_is_read(dangerous: None) -> None:
    rows = ["CCO", "HANG", "C1CC", *["CC"] * 300, "CRASH", "CCC", "CRASH"]
    found = answer("graph", rows, seconds=0.5)
    told = {row: Outcome(code) for row, code in enumerate(found.outcome) if code != Outcome.OK}
    assert told == {1: Outcome.HANGS, 2: Outcome.UNREADABLE, 303: Outcome.CRASHES, 305: Outcome.CRASHES}
    assert found.content(304) == answer("graph", ["CCC"], processes=0).data


def test_cancel_ends_the_wait_for_a_row_that_hangs(dangerous: None) -> None:
    token = CancelToken()
    seen: list[Event] = []

    def sink(event: Event) -> None:
        seen.append(event)
        if len(seen) == 5:
            token.cancel()

    began = time.monotonic()
    with pytest.raises(Cancelled):
        answer("graph", ["HANG"], cancel=token, sink=sink)
    assert time.monotonic() - began < 8
    assert all(isinstance(event, Progress) and event.unit == "molecules" for event in seen)


def test_a_process_that_cannot_start_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(WorkerError, match="ends before it begins"):
        answer("graph", ["CC"])


def test_two_processes_keep_the_order_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "CHUNK", 3)
    rows = ["C" * (1 + number % 7) for number in range(50)]
    found = answer("graph", rows, processes=2)
    assert found.data == answer("graph", rows, processes=0).data
