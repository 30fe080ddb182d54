"""Pins by mouse, menu and keys on the graph: what they hold, what is undone, what is remembered."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.bridge.background import wait_for_background
from app.canvas.gestures import Tool
from app.views.embedding import EmbeddingView
from app.views.graph import GraphView
from tests.support.pictures import XY, dataset

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def session(given, tmp_path: Path):
    given.dataset()
    given.session.pictures._dataset = replace(dataset(), folder=tmp_path)
    return given.session


@pytest.fixture
def view(qtbot, session) -> GraphView:
    made = GraphView(session)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def drag(qtbot, canvas, node: int, by: QPoint) -> None:
    at = canvas.screen_point(node)
    qtbot.mousePress(canvas, LEFT, NONE, at)
    for share in (0.5, 1.0):
        point = at + by * share
        kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
        where = QPointF(canvas.mapToGlobal(point))
        QApplication.sendEvent(canvas, QMouseEvent(kind, QPointF(point), where, none, LEFT, NONE))
    qtbot.mouseRelease(canvas, LEFT, NONE, at + by)


def pinned(session) -> list[int]:
    return session.pins.nodes().tolist()


def test_a_dragged_node_is_pinned_where_it_is_dropped_and_undo_brings_it_back(qtbot, session, view) -> None:
    canvas = view.panel.canvas
    view.commands["move_nodes"]()
    assert canvas.tool == Tool.MOVE
    at = canvas.screen_point(4)
    drag(qtbot, canvas, 4, QPoint(40, -30))
    assert pinned(session) == [4]
    assert session.selection.current == 4  # arrow keys go on with it
    assert session.undo_stack.undoText() == "Move 1 node"
    moved = session.positions
    assert np.flatnonzero((moved != XY).any(axis=1)).tolist() == [4]
    assert canvas.screen_point(4) == at + QPoint(40, -30)
    assert view.panel.chip.text() == "1 pinned"
    session.undo_stack.undo()
    np.testing.assert_array_equal(session.positions, XY)
    assert pinned(session) == []
    assert canvas.screen_point(4) == at
    session.undo_stack.redo()
    np.testing.assert_array_equal(session.positions, moved)
    assert pinned(session) == [4]
    view.commands["move_nodes"]()
    assert canvas.tool == Tool.PAN


def test_the_moved_places_are_what_is_stored(qtbot, session, view, tmp_path: Path) -> None:
    view.panel.canvas.set_tool(Tool.MOVE)
    drag(qtbot, view.panel.canvas, 8, QPoint(-25, 35))
    assert (session.positions[8] != XY[8]).all()

    path = tmp_path / "positions-force.npy"
    qtbot.waitUntil(path.is_file)
    wait_for_background()
    np.testing.assert_array_equal(np.load(path), session.positions)


def test_the_selection_goes_together_and_steps_by_key_are_undone_at_once(qtbot, session, view) -> None:
    canvas = view.panel.canvas
    session.selection.select([0, 1, 2])
    qtbot.keyClick(canvas, Qt.Key.Key_M)
    for _ in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert pinned(session) == [0, 1, 2]
    np.testing.assert_allclose(
        session.positions[:3] - XY[:3], np.tile([0, -30 / canvas.viewport.scale], (3, 1)), atol=1e-4
    )
    session.undo_stack.undo()
    np.testing.assert_array_equal(session.positions, XY)
    assert session.selection.count == 3


def test_the_selection_is_pinned_and_unpinned_by_the_context_menu(qtbot, session, view) -> None:
    session.selection.select([1, 2])
    menu = view.panel.menu
    menu.open(1, QPoint(0, 0))
    assert not menu.unpin.isEnabled()
    menu.pin.trigger()
    assert pinned(session) == [1, 2]
    menu.open(8, QPoint(0, 0))  # beside the selection: about this node alone
    menu.pin.trigger()
    assert pinned(session) == [1, 2, 8]
    menu.open(2, QPoint(0, 0))
    assert not menu.pin.isEnabled()
    menu.unpin.trigger()
    assert pinned(session) == [8]
    menu.menu.close()
    session.undo_stack.undo()
    assert pinned(session) == [1, 2, 8]
    session.pins.clear()
    assert pinned(session) == []
    session.undo_stack.undo()
    assert pinned(session) == [1, 2, 8]


def test_a_scatter_shows_no_pins(qtbot, session, view) -> None:
    scatter = EmbeddingView(session)
    qtbot.addWidget(scatter)
    session.pins.pin(np.array([3]))
    assert view.panel.canvas.in_words(3).endswith("Pinned")
    assert len(scatter.panel.canvas._pins) == 0


@pytest.mark.parametrize("plain", ["", None, "no such text", 7])
def test_a_project_without_pins_or_with_foreign_ones_pins_nothing(session, plain) -> None:
    session.pins.pin(np.array([3]))
    session.pins.restore(plain, 9)
    assert pinned(session) == []
    assert session.pins.count == 0


def test_pins_come_back_from_plain_data(session) -> None:
    session.pins.pin(np.array([2, 7]))
    plain = session.pins.to_plain()
    session.pins.clear()
    session.pins.restore(plain, 9)
    assert pinned(session) == [2, 7]


def test_moves_of_another_graph_are_no_step_any_more(session) -> None:
    session.pins.move(np.array([8]), np.array([[9, 9]], np.float32))
    session._history.reset(3)
    session.pictures.positions = XY[:3].copy()
    session.undo_stack.undo()
    np.testing.assert_array_equal(session.positions, XY[:3])
    assert session.pins.mask.tolist() == [False] * 3
