import json
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import DataError, UnknownComponentError
from engine.core.events import Event, JobFinished, JobStarted, Progress
from engine.jobs import _base
from engine.jobs._base import Job, execute, find_job, job_kinds
from engine.jobs.spec import JobContext, JobSpec


class OutOfMemoryError(RuntimeError):
    """Called as torch calls its own."""


class Trial(Job):
    """Ends as it is told."""

    key = "trial"
    label = "Trial"

    class Config(ConfigBase):
        end: str = option("well", "How.")
        folder: str | None = option(None, "Folder of the record.")

    def record(self, arguments: Any, folder: Path, stack: ExitStack) -> Path | None:
        return None if arguments.folder is None else Path(arguments.folder)

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:
        context.sink(Progress(1, 2, "steps"))
        ends: dict[str, Exception] = {
            "bug": ZeroDivisionError("division by zero"),
            "cancelled": Cancelled(),
            "error": DataError("The table is empty.", hint="Fill it."),
            "memory": MemoryError("Unable to allocate 9 GiB"),
            "gpu": OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        }
        if arguments.end in ends:
            raise ends[arguments.end]
        return {"stopped": arguments.end == "stopped", "folder": str(context.folder)}


@pytest.fixture(autouse=True)
def _trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_base, "find_job", lambda kind: Trial)


def _execute(heard: list[Event], **arguments: Any) -> Any:
    return execute(JobSpec("trial", arguments, "one"), heard.append, CancelToken(), Path("here"))


@pytest.mark.parametrize(
    ("end", "status", "code"),
    [
        ("well", "finished", None),
        ("stopped", "stopped", None),
        ("cancelled", "cancelled", None),
        ("error", "failed", "data"),
        ("memory", "failed", "job.memory"),
        ("gpu", "failed", "train.memory"),
        ("bug", "failed", "bug"),
    ],
)
def test_however_it_ends_there_is_one_start_and_one_end(end: str, status: str, code: str | None) -> None:
    heard: list[Event] = []
    result = _execute(heard, end=end)
    assert result.status == status
    assert (result.error or {}).get("code") == code
    assert isinstance(heard[0], JobStarted)
    assert isinstance(heard[-1], JobFinished)
    assert [type(event) for event in heard].count(JobFinished) == 1
    assert (heard[-1].status, heard[-1].error) == (status, result.error)


def test_a_wrong_argument_ends_the_job_before_it_begins() -> None:
    heard: list[Event] = []
    result = _execute(heard, ennd="well")
    assert result.error["code"] == "recipe.option"
    assert not any(isinstance(event, Progress) for event in heard)


def test_a_bug_leaves_its_trace_in_the_log_and_not_in_the_message(tmp_path: Path) -> None:
    result = _execute([], end="bug", folder=str(tmp_path))
    assert "Traceback" not in json.dumps(result.error)
    assert "ZeroDivisionError" in (tmp_path / "log.txt").read_text(encoding="utf-8")


def test_the_record_tells_the_same_story_as_the_sink(tmp_path: Path) -> None:
    heard: list[Event] = []
    _execute(heard, folder=str(tmp_path))
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in heard]


def test_a_line_torn_by_a_crash_does_not_swallow_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b'{"event": "Progr')
    _execute([], folder=str(tmp_path))
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines[0] == '{"event": "Progr'
    assert json.loads(lines[1])["event"] == "JobStarted"


def test_a_listener_that_fails_does_not_stop_the_work(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: Event) -> None:
        raise ValueError("no")

    with caplog.at_level(logging.CRITICAL):
        result = execute(JobSpec("trial", {}, "one"), broken, CancelToken(), Path("here"))
    assert result.status == "finished"


def test_every_file_of_the_folder_is_a_job_that_explains_itself() -> None:
    for kind in job_kinds():
        job = find_job(kind)
        assert job.key == kind
        assert job.label
        assert "Source:" in (job.__doc__ or "")


def test_an_unknown_job_names_a_close_one() -> None:
    with pytest.raises(UnknownComponentError, match='Did you mean "predict"'):
        find_job("pedict")
