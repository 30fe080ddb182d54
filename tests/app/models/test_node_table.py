"""Nodes as rows."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.kit import theme
from app.models.node_table import NodeTableModel
from app.models.query import parse
from app.session.attributes import Attributes
from tests.support import pictures

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def model(qapp):
    theme.apply(qapp, "dark")
    made = NodeTableModel()
    made.set_attributes(Attributes(pictures.dataset(), pictures.run()))
    return made


def column(model: NodeTableModel, key: str) -> int:
    found = model.column_of(key)
    assert found is not None
    return found


def shown(model: NodeTableModel, key: str) -> list[str]:
    number = column(model, key)
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


def test_the_model_keeps_qts_rules(qtbot, model) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.sort(column(model, "confidence"), DESCENDING)
    model.arrange(query=parse("confidence > 0.6", {"confidence": "confidence"}))
    model.arrange(query=parse("", {}))
    model.set_attributes(None)
    tester.deleteLater()


def test_every_node_is_a_row_under_its_own_id(model) -> None:
    assert shown(model, "id") == pictures.IDS
    assert shown(model, "predicted") == pictures.PREDICTED
    assert shown(model, "target") == [team or "" for team in pictures.TEAMS]


def test_the_target_is_not_shown_twice(model) -> None:
    titles = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    assert titles == [
        "Id",
        "Predicted team",
        "True team",
        "Correct",
        "Confidence",
        "Split",
        "Degree",
        "name",
        "age",
        "split",
    ]


def test_numbers_sort_by_size_both_ways_and_missing_ones_come_last(model) -> None:
    age = column(model, "column:age")
    model.sort(age, ASCENDING)
    assert shown(model, "column:age") == ["9", "18", "22", "27", "31", "35", "40", "61", ""]
    model.sort(age, DESCENDING)
    assert shown(model, "column:age") == ["61", "40", "35", "31", "27", "22", "18", "9", ""]


def test_equal_values_keep_the_order_of_the_data(model) -> None:
    model.sort(column(model, "predicted"), DESCENDING)
    assert shown(model, "id") == ["a", "b", "c", "g", "007", "d", "e", "f", "h"]


def test_sorting_by_no_column_gives_the_order_of_the_data_back(model) -> None:
    model.sort(column(model, "confidence"), ASCENDING)
    model.sort(-1)
    assert shown(model, "id") == pictures.IDS


def test_a_filter_and_an_order_hold_together(model) -> None:
    model.sort(column(model, "confidence"), ASCENDING)
    names = Attributes(pictures.dataset(), pictures.run()).names_in_queries()
    model.arrange(query=parse("predicted != label and confidence < 0.6", names))
    assert shown(model, "id") == ["g", "d"]


def test_only_selected_rows_follow_the_selection(model) -> None:
    mask = np.isin(np.arange(9), [1, 4])
    model.arrange(only=mask)
    assert shown(model, "id") == ["b", "e"]
    model.set_selected(np.isin(np.arange(9), [8]))
    assert shown(model, "id") == ["007"]
    model.arrange(only=False)
    assert model.rowCount() == 9


def test_selected_rows_are_tinted(model) -> None:
    model.set_selected(np.arange(9) == 2)
    role = Qt.ItemDataRole.BackgroundRole
    assert model.index(2, 0).data(role) == theme.colour("selection")
    assert model.index(3, 0).data(role) is None


def test_sorting_keeps_a_view_on_its_node(model) -> None:
    kept = QPersistentModelIndex(model.index(5, 0))
    model.sort(column(model, "confidence"), DESCENDING)
    assert kept.row() == 0  # f has the highest confidence
    assert kept.data() == "f"


def test_rows_and_nodes_find_each_other(model) -> None:
    model.sort(column(model, "confidence"), DESCENDING)
    for node in range(9):
        row = model.row_of(node)
        assert row is not None
        assert model.node_at(row) == node
    model.arrange(query=parse("id == a", {"id": "id"}))
    assert model.row_of(3) is None


def test_a_tooltip_shows_markup_as_it_is(model) -> None:
    tip = model.index(0, column(model, "column:name")).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;Ann" in tip


@pytest.fixture
def long_model(qapp):
    count = 4_000
    data = pictures.dataset()
    long = type(data)(
        data.folder,
        "long",
        {},
        {},
        np.array([str(i) for i in range(count)], dtype=object),
        data.nodes.iloc[[0] * count].reset_index(drop=True),
        np.zeros(count + 1, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
    )
    made = NodeTableModel()
    made.set_attributes(Attributes(long, None))
    return made


def test_a_long_table_is_sorted_in_the_background(qtbot, long_model) -> None:
    model = long_model
    with qtbot.waitSignal(model.arranged, timeout=5_000):
        model.sort(0, DESCENDING)
        assert model.is_arranging
        assert model.node_at(0) == 0
    assert [model.index(row, 0).data() for row in (0, 1, 3999)] == ["3999", "3998", "0"]


def test_what_is_asked_for_twice_is_sorted_once(qtbot, long_model) -> None:
    told = []
    long_model.arranged.connect(lambda: told.append(long_model.node_at(0)))
    with qtbot.waitSignal(long_model._background.settled, timeout=5_000):
        long_model.sort(0, DESCENDING)
        long_model.sort(0, DESCENDING)
    assert told == [3999]
    with qtbot.waitSignal(long_model._background.settled, timeout=5_000):
        long_model.sort(0, ASCENDING)
        long_model.sort(0, DESCENDING)
        long_model.sort(0, ASCENDING)
    assert told[-1] == 0


def test_sets_of_a_calibrated_run_are_columns_with_their_size() -> None:
    run = pictures.run()
    sets = ["red", "red | blue", None, "blue", "red", "red", "red", "blue | red", "red"]
    calibrated = replace(run, predictions=run.predictions.assign(set_team=sets))
    attributes = Attributes(pictures.dataset(), calibrated)
    assert attributes.get("possible").shown(1) == "red | blue"
    assert attributes.get("possible").shown(2) == ""
    assert attributes.get("possible_count").values.tolist() == [1, 2, 0, 1, 1, 1, 1, 2, 1]
