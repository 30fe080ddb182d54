"""What holds for every test of the window: drawn offscreen, and nothing of it outlives its test."""

import gc
import os
from collections.abc import Iterator

import pytest

# Nobody wants windows popping up while tests run; packaging/test sets xcb for the suite that needs a real screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tests.support import screen as screens


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Qt's offscreen plugin warns that it cannot raise windows or pass size hints on; nothing of ours is wrong then."""
    if os.environ["QT_QPA_PLATFORM"] == "offscreen":
        for item in items:
            if "tests/app/" in item.path.as_posix():
                item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(autouse=True)
def _nothing_of_qt_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that leaves a top-level widget, a running thread or an active timer."""
    if not {"qtbot", "qapp", "qtmodeltester"} & set(request.fixturenames):
        yield  # arithmetic: nothing of Qt to look for, and looking takes longer than such a test
        return
    before = _alive() if QApplication.instance() else []
    yield
    application = QApplication.instance()
    if application is None:
        return
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [thing for thing in _alive() if not any(thing is other for other in before)]
    if left:
        # A widget that only a reference cycle keeps is not a leak.
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = [thing for thing in _alive() if not any(thing is other for other in before)]
    assert not left, f"left behind: {', '.join(_described(thing) for thing in left)}"


@pytest.fixture
def screen() -> Iterator[screens.Screen]:
    """A screen of its own with real mouse and keys; the test carries the marker xvfb."""
    if not screens.is_available():
        if os.environ.get("KITH_REQUIRE_DATA") == "1":
            pytest.fail("Xvfb or xdotool is missing")
        pytest.skip("Xvfb or xdotool is missing")
    with screens.Screen() as own:
        yield own


def _alive() -> list[QObject]:
    """Return the visible or owned top-level widgets, running threads and active timers that Python knows of."""
    found: list[QObject] = [widget for widget in QApplication.topLevelWidgets() if _is_ours(widget)]
    for thing in gc.get_objects():
        # By the true type: asking some libraries' objects for their class makes them warn.
        if issubclass(type(thing), QTimer | QThread) and shiboken6.isValid(thing) and _is_at_work(thing):
            found.append(thing)
    return found


def _is_at_work(thing: QTimer | QThread) -> bool:
    if isinstance(thing, QTimer):
        return thing.isActive()
    return thing.isRunning() and thing is not QCoreApplication.instance().thread()


def _is_ours(widget: QWidget) -> bool:
    # Qt keeps some tops of its own (tool tips, the popup of a closed combo box) until the application ends.
    return not type(widget).__name__.startswith(("QTipLabel", "QComboBoxPrivateContainer", "QFrame"))


def _described(thing: QObject) -> str:
    name = f' "{thing.objectName()}"' if thing.objectName() else ""
    return f"{type(thing).__name__}{name}"
