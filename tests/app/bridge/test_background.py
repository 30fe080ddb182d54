"""Calls away from the GUI thread."""

import threading

from PySide6.QtCore import QThread

from app.bridge.background import Background, Outcome, wait_for_background


def test_the_outcome_comes_back_in_the_gui_thread_with_its_tag(qtbot) -> None:
    background = Background()
    seen = []
    background.finished.connect(lambda outcome: seen.append((outcome, QThread.currentThread())))
    here = QThread.currentThread()
    with qtbot.waitSignal(background.settled, timeout=3000):
        background.submit(lambda: QThread.currentThread() is here, "where")
    ((outcome, thread),) = seen
    assert outcome == Outcome("where", value=False)
    assert thread is here
    assert not background.busy


def test_of_the_calls_that_wait_only_the_newest_is_made(qtbot) -> None:
    background = Background()
    go = threading.Event()
    made = []
    background.finished.connect(lambda outcome: made.append(outcome.value))
    background.submit(lambda: go.wait(3.0) and "first")
    for name in ("second", "third", "fourth"):
        background.submit(lambda name=name: name)
    with qtbot.waitSignal(background.settled, timeout=3000):
        go.set()
    assert made == ["first", "fourth"]


def test_a_call_that_fails_hands_its_error_back(qtbot, caplog) -> None:
    background = Background()
    with qtbot.waitSignal(background.finished, timeout=3000) as told:
        background.submit(lambda: 1 // 0)
    assert isinstance(told.args[0].error, ZeroDivisionError)
    assert wait_for_background()


def test_a_dropped_call_keeps_silent(qtbot) -> None:
    background = Background()
    go = threading.Event()
    made = []
    background.finished.connect(lambda outcome: made.append(outcome.value))
    background.submit(lambda: go.wait(3.0))
    background.submit(lambda: "waits")
    background.drop()
    with qtbot.waitSignal(background.settled, timeout=3000):
        go.set()
    assert made == []


def test_the_owner_may_be_gone_when_the_call_ends(qtbot) -> None:
    background = Background()
    go = threading.Event()
    background.submit(lambda: go.wait(3.0))
    background.deleteLater()
    qtbot.wait(10)
    go.set()
    assert wait_for_background()
