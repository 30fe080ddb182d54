import json
import signal

import pytest

from engine.cli import terminal
from engine.cli.terminal import Terminal
from engine.core.cancel import CancelToken
from engine.core.events import EpochFinished, Notice, Progress, StageStarted
from engine.jobs.spec import JobResult


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal that draws its bar at every event."""
    monkeypatch.setattr(terminal, "_REDRAW_SECONDS", 0.0)
    shown = Terminal(as_json=False)
    shown._bar._is_terminal = True
    return shown


def test_the_bar_shows_stage_share_metrics_and_time_left(screen: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    screen._show(StageStarted("scratch", 2, 7, seed=3, split="part"))
    screen._show(EpochFinished("scratch", 50, {"train_loss": 0.5, "valid_accuracy": 0.75, "other": 1.0}, 0.1))
    screen._show(Progress(50, 200, "epochs"))
    last = capsys.readouterr().err.rsplit("\r", 1)[1]
    assert "[3/7] scratch, split part, seed 3" in last
    assert "50/200 epochs" in last
    assert last.count("█") == 6
    assert last.count("░") == 18
    assert "valid_accuracy 0.750" in last
    assert "left at most" in last
    assert "other" not in last


def test_a_notice_takes_the_bar_away_first(screen: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    screen._show(StageStarted("read", 0, 1))
    screen._show(Notice("warning", "x", "Look out."))
    assert capsys.readouterr().err.endswith("\r\x1b[2K! Look out.\n")


def test_json_keeps_the_two_streams_apart(capsys: pytest.CaptureFixture[str]) -> None:
    machine = Terminal(as_json=True)
    machine.say("for people")
    machine._show(StageStarted("read", 0, 1))
    error = {"code": "data", "message": "No rows.", "hint": "Add some.", "details": {}}
    assert machine.code(JobResult("failed", error=error)) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"status": "failed", "error": error}
    assert shown.err == "No rows. Add some.\n"


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (JobResult("finished", {}), 0),
        (JobResult("stopped", {}), 3),
        (JobResult("cancelled"), 3),
        (JobResult("failed", error={"code": "data", "message": "x"}), 2),
        (JobResult("failed", error={"code": "bug", "message": "x"}), 1),
    ],
)
def test_exit_codes_tell_how_it_ended(result: JobResult, code: int) -> None:
    assert Terminal(as_json=False).code(result) == code


@pytest.mark.parametrize(("gentle", "after_first"), [(True, False), (False, True)])
def test_control_c_stops_first_where_there_is_something_to_keep(gentle: bool, after_first: bool) -> None:
    token = CancelToken()
    before = signal.getsignal(signal.SIGINT)
    with Terminal(as_json=False)._interruptible(token, gentle):
        signal.raise_signal(signal.SIGINT)
        assert token.is_stopping
        assert token.is_cancelled is after_first
        signal.raise_signal(signal.SIGINT)
        assert token.is_cancelled
    assert signal.getsignal(signal.SIGINT) is before
