"""One selection across graph, embedding, table, confusion matrix and inspector, by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication

from app.canvas.scene import State
from app.views.confusion import ConfusionView
from app.views.data_card import DataCardView
from app.views.embedding import EmbeddingView
from app.views.graph import GraphView
from app.views.inspector import InspectorView
from app.views.predictions import PredictionsView
from tests.support import pictures

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def views(qtbot, given):
    made = {
        "graph": GraphView(given.session),
        "embedding": EmbeddingView(given.session),
        "table": PredictionsView(given.session),
        "confusion": ConfusionView(given.session),
        "inspector": InspectorView(given.session),
    }
    for view in made.values():
        qtbot.addWidget(view)
        view.resize(640, 460)
        view.show()
    given.dataset()
    given.run()
    for view in made.values():
        qtbot.waitExposed(view)
    return made


def lit(view) -> list[int]:
    """Return the nodes that a canvas shows as selected."""
    return np.flatnonzero(view.panel.canvas.scene.state == State.SELECTED).tolist()


def tinted(view: PredictionsView) -> list[str]:
    role = Qt.ItemDataRole.BackgroundRole
    rows = range(view.model.rowCount())
    return [view.model.index(row, 0).data() for row in rows if view.model.index(row, 0).data(role) is not None]


def lasso(qtbot, canvas, points: list[QPoint]) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_L)
    qtbot.mousePress(canvas, LEFT, pos=points[0])
    for point in points[1:]:
        spot, out = QPointF(point), QPointF(canvas.mapToGlobal(point))
        event = QMouseEvent(
            QEvent.Type.MouseMove, spot, out, Qt.MouseButton.NoButton, LEFT, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas, event)
    qtbot.mouseRelease(canvas, LEFT, pos=points[-1])


def test_a_lasso_in_the_embedding_lights_up_nodes_and_rows(qtbot, given, views) -> None:
    canvas = views["embedding"].panel.canvas
    at = canvas.screen_point(8)
    lasso(qtbot, canvas, [at + QPoint(dx, dy) for dx, dy in ((-14, -14), (14, -14), (14, 14), (-14, 14), (-14, -14))])
    assert given.selected() == [8]
    assert lit(views["graph"]) == [8]
    assert lit(views["embedding"]) == [8]
    assert tinted(views["table"]) == ["007"]
    assert views["inspector"].title.text() == "Xi & Co"


def test_a_confusion_cell_selects_its_members_everywhere(qtbot, given, views) -> None:
    grid = views["confusion"].grid
    assert views["confusion"].part.currentData() == "test"
    # True red, predicted red, on test: c and 007.
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(0, 0).center().toPoint())
    assert given.selected() == [2, 8]
    assert lit(views["graph"]) == [2, 8]
    assert tinted(views["table"]) == ["c", "007"]
    # True blue, predicted red: g, added with Shift.
    where = grid.cell_rect(1, 0).center().toPoint()
    qtbot.mouseClick(grid, LEFT, Qt.KeyboardModifier.ShiftModifier, where)
    assert given.selected() == [2, 6, 8]


def test_the_confusion_matrix_works_by_keyboard(qtbot, given, views) -> None:
    grid = views["confusion"].grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert given.selected() == [3]  # true red, predicted blue
    assert "red" in grid.accessibleDescription()


def test_the_part_of_the_split_changes_the_matrix(qtbot, given, views) -> None:
    view = views["confusion"]
    view.part.setCurrentIndex(view.part.findData("train"))
    assert view.summary.text() == "100.0 % of 2 right"


def test_a_click_on_a_row_selects_its_node_and_shift_selects_a_range(qtbot, given, views) -> None:
    table = views["table"].table

    def where(row: int) -> QPoint:
        return table.visualRect(views["table"].model.index(row, 0)).center()

    qtbot.mouseClick(table.viewport(), LEFT, pos=where(1))
    assert given.selected() == [1]
    assert given.session.selection.current == 1
    qtbot.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.ShiftModifier, where(3))
    assert given.selected() == [1, 2, 3]
    qtbot.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, where(2))
    assert given.selected() == [1, 3]


def test_the_table_works_by_keyboard(qtbot, given, views) -> None:
    table = views["table"].table
    table.setFocus()
    table.show_row(0)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert given.session.selection.current == 1
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert given.selected() == [1]
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert given.selected() == list(range(9))
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert given.selected() == []


def test_select_neighbours_hide_others_and_show_all_mean_the_same_everywhere(qtbot, given, views) -> None:
    for menu in (views["graph"].panel.menu, views["embedding"].panel.menu, views["table"].menu):
        given.session.selection.select([3])
        menu.open(3, QPoint(5, 5))
        menu.menu.close()
        menu.select_neighbours.trigger()
        assert given.selected() == [0, 2, 3, 4]  # d is joined to a, c and e
        menu.hide_others.trigger()
        assert np.flatnonzero(given.session.selection.hidden).tolist() == [1, 5, 6, 7, 8]
        assert views["graph"].panel.canvas.scene.visible().sum() == 4
        assert views["embedding"].panel.canvas.scene.visible().sum() == 4
        menu.open(3, QPoint(5, 5))
        menu.menu.close()
        menu.show_all.trigger()
        assert not given.session.selection.hidden.any()


def test_copy_id_copies_the_users_own_ids(qtbot, given, views) -> None:
    given.session.selection.select([0, 8])
    menu = views["table"].menu
    menu.open(8, QPoint(5, 5))
    menu.menu.close()
    menu.copy_id.trigger()
    assert QGuiApplication.clipboard().text() == "a\n007"


def test_show_in_table_selects_the_node_and_asks_for_the_table(qtbot, given, views) -> None:
    menu = views["graph"].panel.menu
    menu.open(6, QPoint(5, 5))
    menu.menu.close()
    with qtbot.waitSignal(given.session.view_requested, timeout=1000) as told:
        menu.show_in_table.trigger()
    assert told.args == ["predictions"]
    assert given.selected() == [6]
    assert views["table"].table.currentIndex().data() == "g"


def test_a_selection_can_be_undone(qtbot, given, views) -> None:
    canvas = views["graph"].panel.canvas
    qtbot.mouseClick(canvas, LEFT, pos=canvas.screen_point(4))
    qtbot.mouseClick(canvas, LEFT, pos=canvas.screen_point(5))
    given.session.undo_stack.undo()
    assert given.selected() == [4]
    assert lit(views["graph"]) == [4]


def test_selected_only_follows_the_selection(qtbot, given, views) -> None:
    view = views["table"]
    given.session.selection.select([1, 4])
    view.only_selected.click()
    assert [view.model.index(row, 0).data() for row in range(view.model.rowCount())] == ["b", "e"]
    given.session.selection.select([2])
    assert view.model.rowCount() == 1
    assert view.count.text() == "1 of 9 rows"
    view.only_selected.click()
    assert view.model.rowCount() == 9


def test_the_filter_box_filters_and_says_what_it_does_not_understand(qtbot, given, views) -> None:
    view = views["table"]
    qtbot.keyClicks(view.filter, "predicted != label and confidence < 0.6")
    qtbot.keyClick(view.filter, Qt.Key.Key_Return)
    assert [view.model.index(row, 0).data() for row in range(view.model.rowCount())] == ["d", "g"]
    view.filter.clear()
    qtbot.keyClicks(view.filter, "colour == red")
    qtbot.keyClick(view.filter, Qt.Key.Key_Return)
    assert "colour" in view.problem.text()
    assert not view.problem.isHidden()
    view.filter.clear()
    qtbot.keyClick(view.filter, Qt.Key.Key_Return)
    assert view.problem.isHidden()
    assert view.model.rowCount() == 9


def test_finding_by_id_or_name_goes_there_and_enter_goes_on(qtbot, given, views) -> None:
    panel = views["graph"].panel
    qtbot.keyClicks(panel.search, "a")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert given.selected() == [0]  # the id that is exactly this comes first
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert given.selected() == [3]  # then names that contain it: Dora
    panel.search.clear()
    panel.search.setText("中文")  # no keyboard has these keys, and the test library refuses to press them
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert given.selected() == [2]
    panel.search.clear()
    qtbot.keyClicks(panel.search, "nobody")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert panel.note.text() == "Nothing found"
    assert given.selected() == [2]


def test_pictures_are_coloured_by_the_prediction_until_the_user_chooses(qtbot, given, views) -> None:
    box = views["graph"].panel.colour_by
    assert box.currentText() == "Predicted team"
    assert views["graph"].panel.canvas.scene.colouring.codes.tolist() == [0, 0, 0, 1, 1, 1, 0, 1, 0]
    box.setCurrentIndex(box.findData("correct"))
    box.activated.emit(box.currentIndex())
    codes = views["graph"].panel.canvas.scene.colouring.codes.tolist()
    assert codes == [0, 0, 0, 1, 0, 0, 1, 2, 0]  # correct, wrong, no value
    given.run()
    assert box.currentData() == "correct"


def test_the_graph_shows_what_shall_be_predicted_as_soon_as_it_is_known(qtbot, given) -> None:
    graph, card = GraphView(given.session), DataCardView(given.session)
    qtbot.addWidget(graph)
    qtbot.addWidget(card)
    given.dataset()
    card._card["columns"].append(
        {"name": "age", "classes": 2, "known": 8, "counts": [{"value": "9", "nodes": 1}], "sentence": ""}
    )
    card._fill_columns()
    for name in ("age", "team"):
        given.session.draft.load({"task": {"target": name}})
        assert graph.panel.colour_by.currentData() == f"column:{name}"
        assert card.column.currentData() == name


def test_the_same_class_has_the_same_colour_in_every_view(qtbot, given, views) -> None:
    graph, scatter = (views[name].panel.canvas.scene.colouring for name in ("graph", "embedding"))
    assert np.array_equal(graph.palette, scatter.palette)
    assert [one.text for one in graph.legend] == ["red", "blue"]


def test_a_neighbour_in_the_inspector_can_be_clicked(qtbot, given, views) -> None:
    view = views["inspector"]
    given.session.selection.select([3])
    given.session.selection.set_current(3)
    assert [bar.name for bar in view.neighbours.bars] == ["Eve", "<b>Ann</b>", "中文名"]  # by degree, then by row
    qtbot.mouseClick(view.neighbours, LEFT, pos=view.neighbours.line_rect(0).center())
    assert given.selected() == [4]
    assert view.title.text() == "Eve"


def test_the_inspector_shows_probabilities_and_columns_of_a_node(qtbot, given, views) -> None:
    view = views["inspector"]
    given.session.selection.select([3])
    assert [(bar.name, bar.shown) for bar in view.probabilities.bars] == [("blue", "55.0 %"), ("red (true)", "45.0 %")]
    assert view.subtitle.text() == "id d · 3 neighbours"


def test_the_inspector_sums_a_selection_up_by_class(qtbot, given, views) -> None:
    view = views["inspector"]
    given.session.selection.select([0, 1, 2, 3])
    assert [(bar.name, bar.value) for bar in view.summary.bars] == [("red", 3), ("blue", 1)]
    texts = [view.columns.itemAt(row, view.columns.ItemRole.FieldRole).widget().text() for row in range(2)]
    assert texts == ["4", "1"]  # the square, and d-e
    qtbot.mouseClick(view.summary, LEFT, pos=view.summary.line_rect(1).center())
    assert given.selected() == [3]


def test_names_with_markup_are_shown_as_they_are(qtbot, given, views) -> None:
    given.session.selection.select([0])
    assert views["inspector"].title.text() == pictures.NAMES[0]
    assert views["inspector"].title.textFormat() == Qt.TextFormat.PlainText
