"""A language that brackets every text and makes it longer finds text that was never translated, or that is cut."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from app.kit import translate
from app.kit.widgets.basics import Elided, Fold
from app.shell.stations import STATIONS
from tests.support import pictures

# What the user's files, the engine's English sentences and Qt itself put on screen: not ours to translate here.
_FROM_ELSEWHERE = ("", "…", "Kith")


@pytest.fixture
def pseudo(monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("KITH_LANGUAGE", "pseudo")
    yield
    translate.set_language("en")


def _texts(widget: QWidget) -> Iterator[tuple[QWidget, str]]:
    for kind in (QLabel, QAbstractButton, Elided):
        # What is not in this window is a menu that the chart library makes and we never show.
        yield from ((found, found.text()) for found in widget.findChildren(kind) if found.window() is widget)
    for found in widget.findChildren(QLineEdit):
        yield found, found.placeholderText()


def _is_raw(text: str) -> bool:
    words = text.replace("&", "").strip()
    return any(letter.isalpha() for letter in words) and "[" not in words and words not in _FROM_ELSEWHERE


def test_no_text_of_the_window_is_raw(opened, pseudo) -> None:
    window = opened.open().window
    raw: set[str] = set()
    for station in STATIONS:
        window.show_station(station.key)
        raw |= {text for widget, text in _texts(window) if _is_raw(text) and not _is_from_engine(widget)}
    for menu in window._menus.values():
        raw |= {action.text() for action in window._actions_of(menu) if _is_raw(action.text())}
        raw |= {action.toolTip() for action in window._actions_of(menu) if _is_raw(action.toolTip())}
    assert not raw, "\n".join(sorted(raw))


def _is_from_engine(widget: QWidget) -> bool:
    """Stories of samples come from their files; labels, help and units of options from the catalogue."""
    while widget is not None:
        if widget.property("from_engine"):
            return True
        widget = widget.parentWidget()
    return False


@pytest.mark.parametrize("width", [1280, 1600])
def test_no_label_or_button_is_cut_in_a_longer_language(opened, pseudo, qtbot, width: int) -> None:
    window = opened.open().window
    window.resize(width, 900)
    cut: set[str] = set()
    for station in STATIONS:
        window.show_station(station.key)
        qtbot.wait(50)
        for kind in (QLabel, QAbstractButton):
            for widget in window.findChildren(kind):
                if widget.isVisible() and widget.text() and _is_cut(widget):
                    cut.add(f"{station.key}: {widget.text()} {widget.size().toTuple()} < {_needed(widget)}")
    assert not cut, "\n".join(sorted(cut))


def _needed(widget: QWidget) -> tuple[int, int]:
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.minimumSizeHint().width(), widget.heightForWidth(widget.width())
    hint = widget.minimumSizeHint()
    return hint.width(), hint.height()


def _is_cut(widget: QWidget) -> bool:
    # A dock's title gives way to its buttons, as everywhere; its tooltip has the whole.
    if widget.objectName() == "dock_title_text" or not QRect(widget.rect()).isValid():
        return False
    width, height = _needed(widget)
    return widget.width() < width - 1 or widget.height() < height - 1


def test_nothing_is_cut_in_a_longer_language_when_there_is_data_and_a_recipe(opened, pseudo, qtbot) -> None:
    start = opened.open()
    window, session = start.window, start.session
    window.resize(1366, 768)
    session.dataset = pictures.dataset()
    session._history.reset(session.dataset.num_nodes)
    session.running.run = pictures.run()
    training = {"training": {"epochs": 50}, "optimiser": {"type": "adam"}, "schedule": {"type": "constant"}}
    session.draft.load(
        {
            "encoder": {"type": "gcn"},
            "task": {"type": "node_class", "target": "team"},
            "split": {"type": "random"},
            "pretrain": {"type": "graphmae", **training},
            "finetune": {"type": "head_first", **training},
            "runtime": {"device": "auto", "seeds": [0]},
        },
        ["The data have a split."],
        {"sentence": "About 8 s."},
    )
    session.dataset_changed.emit()
    session.run_changed.emit()
    for fold in window.findChildren(Fold):
        fold.set_open(True)
    cut: set[str] = set()
    seen: set[str] = set()
    for station in STATIONS:
        window.show_station(station.key)
        qtbot.wait(150)
        for kind in (QLabel, QAbstractButton):
            for widget in window.findChildren(kind):
                if not (widget.isVisible() and widget.window() is window and widget.text()):
                    continue
                seen.add(widget.text())
                if _is_cut(widget):
                    cut.add(f"{station.key}: {widget.text()} {widget.size().toTuple()} < {_needed(widget)}")
    assert len(seen) > 100, "forms, cards and results are in view"
    assert not cut, "\n".join(sorted(cut))
