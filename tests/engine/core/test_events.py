"""Events are plain both ways, and a failing listener never reaches the work."""

import json
import logging
from pathlib import Path

import pytest

from engine.core import events
from engine.core.cancel import Cancelled, CancelToken
from engine.core.fingerprint import of_files, of_plain

SAMPLES = [
    events.JobStarted("a", "run", 1.0),
    events.JobFinished("a", "failed", 2.0, error={"code": "data"}),
    events.StageStarted("pretrain", 0, 3, seed=1, split="split"),
    events.Progress(3, 10, "epochs"),
    events.EpochFinished("finetune", 4, {"train_loss": 0.5}, 0.01),
    events.CheckpointSaved("seeds/0", 4),
    events.ArtefactWritten("predictions", "predictions.csv"),
    events.IssueFound("row.short", "Too few cells.", "edges.csv", 42, "to", "u17"),
    events.Notice("info", "device.cpu", "Runs on the processor.", {"cores": 2}),
]


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event: events.Event) -> None:
    assert events.from_plain(json.loads(json.dumps(events.to_plain(event)))) == event


def test_an_event_of_a_newer_program_is_passed_over() -> None:
    assert events.from_plain({"event": "Hologram", "x": 1}) is None


def test_an_unknown_field_of_a_newer_program_is_passed_over() -> None:
    plain = events.to_plain(events.Progress(1, 2, "rows")) | {"colour": "red"}
    assert events.from_plain(plain) == events.Progress(1, 2, "rows")


def test_a_failing_listener_is_logged_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[events.Event] = []

    def broken(event: events.Event) -> None:
        raise ValueError("deaf")

    sink = events.SafeSink(broken, heard.append, events.silent)
    with caplog.at_level(logging.ERROR):
        sink(SAMPLES[3])
        sink(SAMPLES[3])
    assert heard == [SAMPLES[3]] * 2
    assert len(caplog.records) == 1


def test_stop_lets_the_batch_end_and_cancel_does_not() -> None:
    token = CancelToken()
    assert not token.is_stopping
    token.stop()
    token.check()
    assert token.is_stopping
    assert not token.is_cancelled
    token.cancel()
    assert token.is_cancelled
    with pytest.raises(Cancelled):
        token.check()


def test_the_order_of_keys_does_not_change_a_fingerprint() -> None:
    assert of_plain({"a": 1, "b": 2}) == of_plain({"b": 2, "a": 1})
    assert of_plain({"a": 1}) != of_plain({"a": 2})


def test_a_fingerprint_over_files_knows_content_and_order_not_names(tmp_path: Path) -> None:
    first, second, copy = (tmp_path / name for name in ("a", "b", "c"))
    first.write_text("ab")
    second.write_text("c")
    copy.write_text("ab")
    assert of_files([first, second]) == of_files([copy, second])
    assert of_files([first, second]) != of_files([second, first])
