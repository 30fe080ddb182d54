"""From a worker thread to the window, in order, with the newest progress only."""

import threading

from app.bridge.event_bridge import EventBridge, Happened
from engine.core.events import EpochFinished, Progress, StageStarted


def _progress(done: int, job: str = "a") -> Happened:
    return Happened("train", job, Progress(done, 10, "rows"))


def test_of_progress_that_waits_together_only_the_last_is_told(qtbot) -> None:
    bridge, seen = EventBridge(), []
    bridge.happened.connect(seen.append)
    for done in range(5):
        bridge.append(_progress(done))
    bridge.drain()
    assert [happened.event.done for happened in seen] == [4]


def test_progress_of_two_jobs_is_kept_apart_and_a_stage_between_two_is_not_jumped_over(qtbot) -> None:
    bridge, seen = EventBridge(), []
    bridge.happened.connect(seen.append)
    stage = Happened("train", "a", StageStarted("pretrain", 0, 2))
    for happened in (_progress(1), _progress(1, "b"), _progress(2), stage, _progress(3)):
        bridge.append(happened)
    bridge.drain()
    assert [(h.job, getattr(h.event, "done", "stage")) for h in seen] == [
        ("a", 1),
        ("b", 1),
        ("a", 2),
        ("a", "stage"),
        ("a", 3),
    ]


def test_epochs_are_never_dropped_and_come_in_order_from_another_thread(qtbot) -> None:
    bridge, seen = EventBridge(), []
    bridge.happened.connect(seen.append)
    bridge.start()

    def send() -> None:
        for epoch in range(1000):
            bridge.append(Happened("train", "a", EpochFinished("scratch", epoch, {"train_loss": 1.0}, 0.01)))

    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(seen) == 1000, timeout=3000)
    bridge.stop()
    assert [happened.event.epoch for happened in seen] == list(range(1000))
