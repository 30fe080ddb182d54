"""What is read of a run's event log."""

import json
from pathlib import Path

from app.session.frames import curves_of, read_events, status_of


def _epoch(epoch: int, loss: float) -> dict[str, object]:
    return {
        "event": "EpochFinished",
        "stage": "scratch",
        "epoch": epoch,
        "metrics": {"train_loss": loss},
        "seconds": 0.1,
        "seed": 0,
        "split": "split",
    }


def test_epochs_that_a_resumed_run_repeats_count_once_with_their_last_value() -> None:
    curves = curves_of([_epoch(1, 1.0), _epoch(2, 0.8), _epoch(2, 0.7), _epoch(3, 0.6)])
    assert curves == {"scratch · split · 0": {"train_loss": [(1, 1.0), (2, 0.7), (3, 0.6)]}}


def test_a_log_without_an_end_is_a_run_that_was_cut_off() -> None:
    begun = {"event": "JobStarted"}
    assert status_of([begun, {"event": "JobFinished", "status": "stopped"}]) == "stopped"
    assert status_of([begun, {"event": "JobFinished", "status": "stopped"}, begun]) == "running"
    assert status_of([]) == ""


def test_a_last_line_torn_by_a_crash_is_left_out(tmp_path: Path) -> None:
    whole = json.dumps({"event": "JobStarted", "job": "a"})
    (tmp_path / "events.jsonl").write_text(f"{whole}\n{whole[:9]}", encoding="utf-8")
    assert read_events(tmp_path) == [{"event": "JobStarted", "job": "a"}]
