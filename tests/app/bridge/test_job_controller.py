"""Queueing, stopping, and what is said when a child goes away."""

from collections.abc import Iterator

import pytest

from app.bridge import job_controller
from app.bridge.job_controller import JobController
from engine.core.errors import WorkerError
from engine.core.events import Progress, StageStarted
from tests.support.executors import Scripted, answers, finished, started


class Lanes:
    """A controller with one scripted executor for each lane."""

    def __init__(self, script) -> None:
        self.made: dict[str, Scripted] = {}
        self._script = script
        self.controller = JobController(self._make)

    def _make(self, lane: str) -> Scripted:
        self.made[lane] = Scripted(self._script)
        return self.made[lane]


@pytest.fixture
def lanes(qtbot) -> Iterator[Lanes]:
    """`preview` is answered at once, every other job runs until it is stopped."""
    made = Lanes(answers({"preview": {"tables": []}}))
    yield made
    made.controller.close()


def test_a_job_tells_its_start_its_progress_and_its_result_once(qtbot) -> None:
    lanes = Lanes(
        lambda spec: [
            started(spec),
            StageStarted("read", 0, 1),
            Progress(5, 10, "rows"),
            finished(spec.id, result={"answer": 42}),
        ]
    )
    ends: list[object] = []
    lanes.controller.job_finished.connect(ends.append)
    job = lanes.controller.submit("preview", {"files": []}, then=ends.append)
    qtbot.waitUntil(lambda: len(ends) == 2, timeout=3000)
    assert (job.state, job.result, job.fraction, job.stage.name) == ("finished", {"answer": 42}, 0.5, "read")
    assert ends == [job, job]
    lanes.controller.close()


def test_a_lane_does_one_job_at_a_time_in_the_order_asked_and_the_other_lane_does_not_wait(qtbot, lanes) -> None:
    first = lanes.controller.submit("layout", {})
    second = lanes.controller.submit("preview", {})
    other = lanes.controller.submit("preview", {}, lane="train")
    qtbot.waitUntil(lambda: other.state == "finished", timeout=3000)
    assert (first.state, second.state) == ("running", "queued")
    lanes.controller.stop(first)
    qtbot.waitUntil(lambda: second.state == "finished", timeout=3000)
    assert first.state == "stopped"


def test_a_newer_job_of_the_same_topic_takes_the_place_of_one_that_waits(qtbot, lanes) -> None:
    lanes.controller.submit("layout", {})
    told: list[object] = []
    old = lanes.controller.submit("preview", {"number": 1}, topic="preview", then=told.append)
    new = lanes.controller.submit("preview", {"number": 2}, topic="preview", then=told.append)
    assert old.state == "cancelled"
    assert new.state == "queued"
    assert told == []


def test_work_that_does_not_answer_to_cancel_is_ended_in_time(qtbot, lanes, monkeypatch) -> None:
    monkeypatch.setattr(job_controller, "PATIENCE_SECONDS", 0.2)
    job = lanes.controller.submit("run", {}, lane="train")
    qtbot.waitUntil(lambda: ("submit", "run") in lanes.made.get("train", Scripted(None)).asked, timeout=3000)
    lanes.controller.cancel(job)
    assert job.state == "cancelling"
    qtbot.waitUntil(lambda: job.state == "cancelled", timeout=3000)
    assert ("kill", "") in lanes.made["train"].asked


@pytest.mark.parametrize(("stage", "is_ended"), [("floors", True), ("scratch", False)])
def test_stop_ends_a_silent_run_only_before_there_is_something_to_keep(
    qtbot, monkeypatch, stage: str, is_ended: bool
) -> None:
    monkeypatch.setattr(job_controller, "PATIENCE_SECONDS", 0.1)
    lanes = Lanes(lambda spec: [started(spec), StageStarted(stage, 0, 2)])
    job = lanes.controller.submit("run", {}, lane="train")
    qtbot.waitUntil(lambda: job.stage is not None, timeout=3000)
    lanes.made["train"].is_deaf = True
    lanes.controller.stop(job)
    if is_ended:
        qtbot.waitUntil(lambda: job.state == "cancelled", timeout=3000)
    else:
        qtbot.wait(500)
        assert job.state == "stopping"
    assert (("kill", "") in lanes.made["train"].asked) is is_ended
    lanes.controller.close()


def test_an_end_by_force_that_comes_too_late_leaves_the_next_job_alone(qtbot, lanes) -> None:
    first = lanes.controller.submit("preview", {}, lane="train")
    qtbot.waitUntil(lambda: first.state == "finished", timeout=3000)
    second = lanes.controller.submit("run", {}, lane="train")
    lanes.controller._lanes["train"].ask("kill", first.id)
    lanes.controller.stop(second)
    qtbot.waitUntil(lambda: second.state == "stopped", timeout=3000)
    assert ("kill", "") not in lanes.made["train"].asked


def test_a_child_that_dies_fails_its_job_with_words_and_the_next_job_gets_a_new_child(qtbot, lanes) -> None:
    job = lanes.controller.submit("run", {}, lane="train")
    qtbot.waitUntil(lambda: "train" in lanes.made and lanes.made["train"].is_alive, timeout=3000)
    error = WorkerError("It crashed.", code="job.worker.signal", hint="Resume it.")
    lanes.made["train"].end(error, job.id)
    qtbot.waitUntil(lambda: job.state == "failed", timeout=3000)
    assert job.error["code"] == "job.worker.signal"
    assert job.error["hint"] == "Resume it."
    after = lanes.controller.submit("preview", {}, lane="train")
    qtbot.waitUntil(lambda: after.state == "finished", timeout=3000)


def test_a_child_that_cannot_start_fails_the_job_instead_of_leaving_it_waiting(qtbot) -> None:
    def make(lane: str) -> Scripted:
        raise WorkerError("There is no room for another process.", code="job.worker.start")

    controller = JobController(make)
    job = controller.submit("preview", {})
    qtbot.waitUntil(lambda: job.is_over, timeout=3000)
    assert (job.state, job.error["code"]) == ("failed", "job.worker.start")
    controller.close()


def test_closing_ends_the_threads_while_a_job_runs(qtbot, lanes) -> None:
    lanes.controller.submit("run", {}, lane="train")
    qtbot.waitUntil(lambda: "train" in lanes.made, timeout=3000)
    lanes.controller.close()
    assert lanes.made["train"].closed
    assert not any(thread.isRunning() for thread in lanes.controller._lanes.values())


def test_a_real_child_reads_a_file_and_its_answer_reaches_the_window(qtbot, tmp_path) -> None:
    from app.bootstrap import process_executors

    (tmp_path / "edges.csv").write_text("a,b\n007,7\n7,NA\n", encoding="utf-8")
    controller = JobController(process_executors(tmp_path))
    job = controller.submit("preview", {"files": [str(tmp_path / "edges.csv")]})
    qtbot.waitUntil(lambda: job.is_over, timeout=60_000)
    controller.close()
    assert job.state == "finished", job.error
    (table,) = job.result["tables"]
    assert table["head"] == [["007", "7"], ["7", "NA"]]


def test_a_lane_that_has_ended_does_not_begin_anew_to_be_closed(qtbot, monkeypatch) -> None:
    # Its thread may read "close" and end before the one who asks has looked whether it runs.
    made = Lanes(answers({"preview": {}}))
    begun: list[str] = []
    for name, lane in made.controller._lanes.items():
        monkeypatch.setattr(lane, "start", lambda name=name: begun.append(name))
        lane.ask("close")
    assert begun == []
    made.controller.close()
