import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.events import JobFinished, JobStarted
from engine.jobs.executors.process import Ended, ProcessExecutor, Received
from engine.jobs.spec import JobSpec


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[ProcessExecutor]:
    executor = ProcessExecutor(tmp_path, log=tmp_path / "worker.log")
    executor.start()
    yield executor
    executor.close()


def _until_end(executor: ProcessExecutor, seconds: float = 60.0) -> list[Received | Ended]:
    """Collect answers until a job or the child ends."""
    answers: list[Received | Ended] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = executor.receive(0.5)
        if answer is None:
            continue
        answers.append(answer)
        if isinstance(answer, Ended) or isinstance(answer.event, JobFinished):
            return answers
    raise AssertionError(f"no end within {seconds} s: {answers}")


def test_the_parent_side_loads_neither_torch_nor_the_heavy_libraries() -> None:
    code = (
        "import sys, engine.jobs.executors.process, engine.project.bundle, engine.project.codec\n"
        "heavy = {'torch', 'numba', 'networkx', 'sklearn', 'pandas', 'PySide6'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_one_child_takes_several_jobs_and_each_has_its_start_and_its_end(executor: ProcessExecutor) -> None:
    for name in ("first", "second"):
        executor.submit(JobSpec("no_such_job", {}, name))
        started, finished = _until_end(executor)
        assert isinstance(started, Received)
        assert isinstance(started.event, JobStarted)
        assert isinstance(finished, Received)
        assert isinstance(finished.event, JobFinished)
        assert finished.job == name
        assert finished.event.status == "failed"
        assert finished.event.error is not None
        assert finished.event.error["code"] == "recipe.component"


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_child_killed_from_outside_is_told_as_a_signal_and_can_start_again(executor: ProcessExecutor) -> None:
    executor.submit(JobSpec("catalogue", {}, "doomed"))
    assert executor.pid is not None
    while not isinstance(executor.receive(0.2), Received):
        pass
    os.kill(executor.pid, signal.SIGKILL)
    ended = _until_end(executor)[-1]
    assert isinstance(ended, Ended)
    assert ended.reason == "signal"
    assert ended.job == "doomed"
    assert ended.error is not None
    assert ended.error.code == "job.worker.signal"
    executor.start()
    executor.submit(JobSpec("no_such_job", {}, "again"))
    assert isinstance(_until_end(executor)[-1], Received)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_for_the_log_does_not_hold_the_child_up(tmp_path: Path) -> None:
    executor = ProcessExecutor(tmp_path, log=Path("/dev/full"))
    executor.start()
    # Each failure is a line in the log; a pipe that nobody empties holds 64 kB.
    name = "no_such_job_" + "x" * 2000
    try:
        for number in range(60):
            executor.submit(JobSpec(name, {}, f"job {number}"))
            assert isinstance(_until_end(executor)[-1], Received)
    finally:
        executor.close()


def test_a_log_that_has_grown_to_its_cap_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"x" * (4 << 20))
    executor = ProcessExecutor(tmp_path, log=log)
    executor.start()
    executor.submit(JobSpec("no_such_job", {}, "one"))
    _until_end(executor)
    executor.close()
    assert 0 < log.stat().st_size < 10_000


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_child_that_gives_no_sign_is_told_as_hung(tmp_path: Path) -> None:
    executor = ProcessExecutor(tmp_path, hung_seconds=2.5)
    executor.start()
    executor.submit(JobSpec("no_such_job", {}, "first"))
    _until_end(executor)
    assert executor.pid is not None
    os.kill(executor.pid, signal.SIGSTOP)
    ended = _until_end(executor)[-1]
    assert isinstance(ended, Ended)
    assert ended.reason == "hung"
    executor.close()


def test_kill_and_close_are_told_without_an_error(tmp_path: Path) -> None:
    executor = ProcessExecutor(tmp_path)
    executor.start()
    executor.kill()
    killed = _until_end(executor)[-1]
    assert killed == Ended("killed", None, "", killed.log_tail)  # type: ignore[union-attr]
    executor.start()
    executor.close()
    closed = _until_end(executor)[-1]
    assert isinstance(closed, Ended)
    assert closed.reason == "closed"
    assert closed.error is None


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")
def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom engine.jobs.executors.process import ProcessExecutor\n"
        f"executor = ProcessExecutor(Path({str(tmp_path)!r}))\nexecutor.start()\nprint(executor.pid, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, 0)
            if Path(f"/proc/{child}/stat").exists() and " Z " in Path(f"/proc/{child}/stat").read_text():
                return
            time.sleep(0.1)
            continue
        return
    raise AssertionError("the child lives on without its parent")
