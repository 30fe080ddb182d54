"""Nodes that are moved on a canvas, by mouse and by keys."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.canvas.ahead import moved_since
from app.canvas.carrying import MoveAsk
from app.canvas.gestures import Tool
from app.canvas.graph_canvas import GraphCanvas
from app.canvas.scene import Colouring, Scene, State, states
from app.canvas.tool_strip import ToolStrip
from app.kit import theme
from tests.support.pictures import XY, scene

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def made(qtbot, *, moves_nodes: bool = True) -> GraphCanvas:
    canvas = GraphCanvas(moves_nodes=moves_nodes)
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.set_legend(False)
    canvas.set_labels(False)
    canvas.set_scene(scene())
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


@pytest.fixture
def canvas(qtbot, qapp) -> GraphCanvas:
    theme.apply(qapp, "dark")
    return made(qtbot)


def asks(canvas: GraphCanvas) -> list[MoveAsk]:
    found: list[MoveAsk] = []
    canvas.move_asked.connect(found.append)
    return found


def move(canvas, point, modifier=NONE) -> None:
    where = QPointF(canvas.mapToGlobal(point))
    kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
    QApplication.sendEvent(canvas, QMouseEvent(kind, QPointF(point), where, none, LEFT, modifier))


def drag(qtbot, canvas, start, by, modifier=NONE) -> None:
    qtbot.mousePress(canvas, LEFT, modifier, start)
    for share in (0.4, 0.7, 1.0):
        move(canvas, start + by * share, modifier)
    qtbot.mouseRelease(canvas, LEFT, modifier, start + by)


def test_a_node_that_is_dragged_with_its_tool_goes_with_the_pointer(qtbot, canvas) -> None:
    found = asks(canvas)
    qtbot.keyClick(canvas, Qt.Key.Key_M)
    before, other, scale = canvas.screen_point(5), canvas.screen_point(0), canvas.viewport.scale
    drag(qtbot, canvas, before, QPoint(30, -20))
    (ask,) = found
    assert (ask.nodes.tolist(), ask.by_key) == ([5], False)
    # A pixel to the right is 1 / scale, and y points up in the scene.
    np.testing.assert_allclose(ask.places, [XY[5] + [30 / scale, 20 / scale]], atol=1e-4)
    assert canvas.screen_point(5) == before + QPoint(30, -20)
    assert canvas.screen_point(0) == other


def test_alt_moves_a_node_whatever_the_tool(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_tool(Tool.LASSO)
    drag(qtbot, canvas, canvas.screen_point(8), QPoint(0, 25), ALT)
    assert [ask.nodes.tolist() for ask in found] == [[8]]


def test_selected_nodes_are_dragged_together_and_hidden_ones_stay(qtbot, canvas) -> None:
    found = asks(canvas)
    selected = np.isin(np.arange(9), [4, 5, 6, 7])
    canvas.set_state(states(selected, np.arange(9) == 7))
    canvas.set_tool(Tool.MOVE)
    drag(qtbot, canvas, canvas.screen_point(4), QPoint(-20, 10))
    (ask,) = found
    assert ask.nodes.tolist() == [4, 5, 6]
    steps = ask.places - XY[[4, 5, 6]]
    np.testing.assert_allclose(steps, np.tile(steps[:1], (3, 1)), atol=1e-5)


def test_a_node_beside_the_selection_is_dragged_alone(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_state(states(np.arange(9) < 4))
    canvas.set_tool(Tool.MOVE)
    drag(qtbot, canvas, canvas.screen_point(8), QPoint(20, 10))
    assert [ask.nodes.tolist() for ask in found] == [[8]]


def test_from_empty_ground_the_tool_moves_the_picture(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_tool(Tool.MOVE)
    before = canvas.screen_point(0)
    drag(qtbot, canvas, QPoint(200, 20), QPoint(40, 30))
    assert canvas.screen_point(0) == before + QPoint(40, 30)
    assert found == []


def test_escape_puts_the_nodes_back(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_tool(Tool.MOVE)
    before = canvas.screen_point(2)
    qtbot.mousePress(canvas, LEFT, NONE, before)
    move(canvas, before + QPoint(30, 30))
    assert canvas.screen_point(2) == before + QPoint(30, 30)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.screen_point(2) == before
    qtbot.mouseRelease(canvas, LEFT, NONE, before + QPoint(30, 30))
    assert found == []


def test_a_click_with_the_tool_selects_and_moves_nothing(qtbot, canvas) -> None:
    found, selected = asks(canvas), []
    canvas.selection_asked.connect(selected.append)
    canvas.set_tool(Tool.MOVE)
    qtbot.mouseClick(canvas, LEFT, pos=canvas.screen_point(3))
    assert [ask.nodes.tolist() for ask in selected] == [[3]]
    assert found == []


def test_arrows_move_the_selection_and_shift_moves_it_farther(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_tool(Tool.MOVE)
    canvas.set_state(states(np.arange(9) == 6))
    scale = canvas.viewport.scale
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Up, SHIFT)
    assert [(ask.nodes.tolist(), ask.by_key) for ask in found] == [([6], True), ([6], True)]
    np.testing.assert_allclose(found[0].places, [XY[6] + [10 / scale, 0]], atol=1e-4)
    np.testing.assert_allclose(found[1].places, [XY[6] + [0, 40 / scale]], atol=1e-4)


def test_arrows_move_the_current_node_where_nothing_is_selected_and_else_the_picture(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_tool(Tool.MOVE)
    before = canvas.screen_point(0)
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.screen_point(0) == before + QPoint(60, 0)
    canvas.set_current(1)
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert [ask.nodes.tolist() for ask in found] == [[1]]


def test_what_is_held_stays_in_the_hand_while_a_layout_goes_on(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_tool(Tool.MOVE)
    at = canvas.screen_point(5)
    qtbot.mousePress(canvas, LEFT, NONE, at)
    move(canvas, at + QPoint(20, 0))
    shown = scene()
    moved = shown.xy.copy()
    moved[0] += 1
    canvas.set_scene(Scene(moved, shown.colouring, shown.state, shown.ids, shown.edges))
    canvas.set_state(states(np.arange(9) == 0))
    assert canvas.screen_point(5) == at + QPoint(20, 0)
    np.testing.assert_allclose(canvas.scene.xy[0], moved[0])
    move(canvas, at + QPoint(25, 0))
    assert canvas.scene.state[0] == State.SELECTED
    qtbot.mouseRelease(canvas, LEFT, NONE, at + QPoint(25, 0))
    (ask,) = found
    np.testing.assert_allclose(ask.places, [XY[5] + [25 / canvas.viewport.scale, 0]], atol=1e-4)


def test_a_scatter_moves_no_nodes(qtbot, qapp) -> None:
    theme.apply(qapp, "dark")
    canvas = made(qtbot, moves_nodes=False)
    found = asks(canvas)
    qtbot.keyClick(canvas, Qt.Key.Key_M)
    assert canvas.tool == Tool.PAN
    drag(qtbot, canvas, canvas.screen_point(5), QPoint(30, -20), ALT)
    assert found == []
    assert ToolStrip(canvas).buttons["move"].isHidden()


def test_the_tool_has_a_button_that_shows_when_it_is_chosen(qtbot, canvas) -> None:
    strip = ToolStrip(canvas)
    strip.show()
    qtbot.mouseClick(strip.buttons["move"], LEFT)
    assert canvas.tool == Tool.MOVE
    assert [name for name in ("pan", "rectangle", "lasso", "move") if strip.buttons[name].isChecked()] == ["move"]
    qtbot.keyClick(canvas, Qt.Key.Key_V)
    assert not strip.buttons["move"].isChecked()


def test_a_pin_is_drawn_and_told(qtbot, canvas) -> None:
    canvas.set_current(5)
    before = canvas.grab().toImage()
    canvas.set_pins(np.array([5]))
    after = canvas.grab().toImage()
    at = canvas.screen_point(5)
    near = [
        (at.x() + dx, at.y() + dy)
        for dx in range(-20, 21)
        for dy in range(-20, 21)
        if before.pixel(at.x() + dx, at.y() + dy) != after.pixel(at.x() + dx, at.y() + dy)
    ]
    assert len(near) > 15
    assert np.mean([x for x, _ in near]) > at.x() + 2  # up to the right of the node
    assert np.mean([y for _, y in near]) < at.y() - 2
    assert "Pinned" in canvas.accessibleDescription()
    canvas.set_pins(np.array([], dtype=np.int64))
    assert canvas.grab().toImage() == before


def large(count: int = 6_000) -> Scene:
    generator = np.random.default_rng(0)
    edges = generator.integers(0, count, (2 * count, 2)).astype(np.int32)
    palette = np.array([[0, 90, 220, 255]], dtype=np.uint8)
    colouring = Colouring("", np.zeros(count, np.uint16), palette, np.zeros(1, np.uint8))
    ids = np.array([str(i) for i in range(count)], dtype=object)
    xy = generator.random((count, 2)).astype(np.float32)
    xy[0] = (0.5, 1.4)  # alone above all others
    return Scene(xy, colouring, np.zeros(count, np.uint8), ids, edges)


def test_of_a_large_graph_only_the_moved_node_is_drawn_until_it_is_let_go(qtbot, canvas) -> None:
    with qtbot.waitSignal(canvas.frame_settled, timeout=10_000):
        canvas.set_scene(large(), fit=True)
    canvas.set_tool(Tool.MOVE)
    frames, at = canvas.frames_drawn, canvas.screen_point(0)
    target = at + QPoint(60, 0)
    empty = canvas.grab().toImage().pixelColor(target)
    qtbot.mousePress(canvas, LEFT, NONE, at)
    for step in range(1, 13):
        move(canvas, at + QPoint(5 * step, 0))
    held = canvas.grab().toImage()
    assert canvas.frames_drawn == frames
    assert held.pixelColor(target).blue() > empty.blue() + 60
    assert held.pixelColor(at).blue() < held.pixelColor(target).blue() - 60  # the old place is covered
    qtbot.mouseRelease(canvas, LEFT, NONE, target)
    canvas.set_scene(canvas.scene)
    qtbot.waitUntil(canvas.is_settled, timeout=10_000)
    assert canvas.frames_drawn > frames
    assert canvas.screen_point(0) == target  # the view did not slip


def test_a_layout_that_goes_on_is_no_move_by_hand() -> None:
    before = large(10)
    xy = before.xy + np.random.default_rng(1).random((10, 2)).astype(np.float32)
    other = Scene(xy, before.colouring, before.state, before.ids, before.edges)
    assert len(moved_since(before, other)) == 0
    step = Scene(before.xy + np.float32(0.25), before.colouring, before.state, before.ids, before.edges)
    assert len(moved_since(before, step)) == 10
    assert len(moved_since(before, before)) == 0
