"""Histograms that select and filter, by mouse and by keys; chips that say so; statistics that become columns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from app.session.statistics import STATISTIC, attribute_of, read_statistics
from app.views.columns import ColumnsView

LEFT = Qt.MouseButton.LeftButton
Key, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot, given):
    made = ColumnsView(given.session)
    qtbot.addWidget(made)
    made.resize(360, 900)
    made.show()
    given.dataset()
    # Degrees of the graph by hand: one node has none, six have two, two have three.
    qtbot.waitUntil(lambda: made.sections["degree"].histogram is not None, timeout=5_000)
    return made


def spot(point) -> QPoint:
    return QPoint(round(point.x()), round(point.y()))


def test_dragging_over_bars_selects_their_nodes(qtbot, given, view) -> None:
    bars = view.sections["degree"].graph
    qtbot.mousePress(bars, LEFT, pos=spot(bars.bin_centre(3)))
    qtbot.mouseRelease(bars, LEFT, pos=spot(bars.bin_centre(3)))
    assert given.selected() == [3, 4]
    qtbot.mouseClick(bars, LEFT, SHIFT, spot(bars.bin_centre(0)))
    assert given.selected() == [3, 4, 8]


def test_dragging_a_handle_filters_and_a_chip_takes_the_filter_away(qtbot, given, view) -> None:
    bars = view.sections["degree"].graph
    start = spot(bars.handle("low"))
    qtbot.mousePress(bars, LEFT, pos=start)
    bars.mouseMoveEvent(_move(bars, bars.bin_centre(2).x() - 4, start.y()))
    qtbot.mouseRelease(bars, LEFT, pos=start)
    assert np.flatnonzero(given.session.selection.hidden).tolist() == [8]
    (chip,) = view.chips.parts()
    assert isinstance(chip, QPushButton)
    assert chip.text() == "Degree ≥ 2"
    assert view.left_out.text() == "8 of 9 nodes are shown."
    qtbot.mouseClick(chip, LEFT)
    assert not given.session.selection.hidden.any()
    given.session.undo_stack.undo()
    assert given.session.selection.hidden.sum() == 1


def _move(bars, x: float, y: float):
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    at = QPointF(x, y)
    none = Qt.KeyboardModifier.NoModifier
    return QMouseEvent(QEvent.Type.MouseMove, at, bars.mapToGlobal(at), Qt.MouseButton.NoButton, LEFT, none)


def test_a_histogram_works_by_keys_and_says_what_it_shows(qtbot, given, view) -> None:
    bars = view.sections["degree"].graph
    bars.setFocus(Qt.FocusReason.TabFocusReason)
    for key, modifiers in ((Key.Key_End, Qt.KeyboardModifier.NoModifier), (Key.Key_Left, SHIFT)):
        qtbot.keyClick(bars, key, modifiers)
    assert "8 nodes" in bars.accessibleDescription()
    qtbot.keyClick(bars, Key.Key_Return)
    assert given.selected() == [0, 1, 2, 3, 4, 5, 6, 7]
    qtbot.keyClick(bars, Key.Key_F)
    assert given.session.filtering.get("degree").low == 2
    qtbot.keyClick(bars, Key.Key_Delete)
    assert given.session.filtering.filters == []


def test_classes_can_be_left_out_and_a_bar_selects_its_class(qtbot, given, view) -> None:
    section = view.sections["column:team"]
    section._fill_menu()
    blue = next(action for action in section._menu.actions() if action.text() == "blue")
    blue.trigger()
    assert given.session.filtering.get("column:team").keep == ("red",)
    section._fill_menu()
    next(action for action in section._menu.actions() if action.text() == "blue").trigger()
    assert given.session.filtering.filters == []
    qtbot.mouseClick(section.bars, LEFT, pos=section.bars.line_rect(1).center())
    assert given.selected() == [4, 5, 6]


def test_what_is_selected_is_shown_within_the_bars(qtbot, given, view) -> None:
    given.session.selection.select([3, 8])
    bars = view.sections["degree"].graph
    qtbot.waitUntil(lambda: bars._part == [1, 0, 0, 1], timeout=3_000)


def test_groups_get_names_by_size_and_numbers_stay_numbers() -> None:
    found = attribute_of("communities", {"label": "Communities", "is_group": True}, np.array([7, 2, 2, 7, 2]))
    assert found.categories == ("2", "7")
    assert found.codes().tolist() == [1, 0, 0, 1, 0]
    numbers = attribute_of("pagerank", {"label": "PageRank", "is_group": False}, np.array([0.5, 0.25]))
    assert (numbers.kind, numbers.values.tolist()) == ("number", [0.5, 0.25])


def test_statistics_of_another_graph_and_torn_ones_are_left_out(tmp_path: Path) -> None:
    for key, values in (("good", [1.0, 2.0]), ("other", [1.0])):
        pd.DataFrame({key: values}).to_parquet(tmp_path / f"statistic-{key}.parquet")
        (tmp_path / f"statistic-{key}.json").write_text(f'{{"label": "{key}", "column": "{key}"}}', encoding="utf-8")
    (tmp_path / "statistic-torn.json").write_text("{", encoding="utf-8")
    found = read_statistics(tmp_path, 2)
    assert list(found) == ["good"]
    assert found["good"][1].key == STATISTIC + "good"
