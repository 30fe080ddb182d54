"""Docks that share a place show their tabs there, and nowhere else."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar

from tests.support.pictures import fill


def bars(window) -> list[set[str]]:
    found = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return sorted(({bar.tabText(i) for i in range(bar.count())} for bar in found if bar.isVisible()), key=sorted)


def test_tabs_are_seen_where_their_docks_are_and_never_over_another_station(opened, qtbot) -> None:
    start = opened.open()
    fill(start.session, qtbot)
    window = start.window
    window.resize(1600, 1000)
    inspect = [
        {"Charts", "Before and after", "Confusion", "Why"},
        {"Columns", "Embedding", "Style"},
        {"Compare runs", "Table", "Two spaces"},
        {"Inspector", "Selections"},
    ]
    wanted = sorted(inspect, key=sorted)
    window.show_station("inspect")
    assert bars(window) == wanted
    window.show_station("finetune")
    assert bars(window) == []
    window.show_station("explore")
    assert bars(window) == [{"Columns", "Style"}, {"Inspector", "Selections"}]
    window.show_station("inspect")
    assert bars(window) == wanted
    window.resize(2200, 1300)
    window.docks.reset()
    assert bars(window) == wanted
    window.docks.docks["style"].close()
    qtbot.waitUntil(lambda: {"Columns", "Embedding"} in bars(window), timeout=3_000)
