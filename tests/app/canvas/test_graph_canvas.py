"""The canvas by mouse and keys."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from app.canvas.gestures import Ask, Tool
from app.canvas.graph_canvas import GraphCanvas
from app.canvas.scene import Colouring, LegendEntry, Reasons, Scene, Strength, states
from app.canvas.tool_strip import ToolStrip
from app.kit import theme
from tests.support.pictures import NAMES, scene

PICTURES = Path(__file__).with_name("pictures")
LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def canvas(qtbot, qapp):
    theme.apply(qapp, "dark")
    made = GraphCanvas()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.set_legend(False)
    made.set_scene(scene())
    made.show()
    qtbot.waitExposed(made)
    return made


def asks(canvas: GraphCanvas) -> list[Ask]:
    found: list[Ask] = []
    canvas.selection_asked.connect(found.append)
    return found


def drag(qtbot, canvas, points, modifier=Qt.KeyboardModifier.NoModifier, button=LEFT):
    qtbot.mousePress(canvas, button, modifier, points[0])
    for point in points[1:]:
        where = QPointF(point)
        event = QMouseEvent(
            QEvent.Type.MouseMove, where, QPointF(canvas.mapToGlobal(point)), Qt.MouseButton.NoButton, button, modifier
        )
        QApplication.sendEvent(canvas, event)
    qtbot.mouseRelease(canvas, button, modifier, points[-1])


def test_a_click_on_a_node_asks_for_it(qtbot, canvas) -> None:
    found = asks(canvas)
    qtbot.mouseClick(canvas, LEFT, pos=canvas.screen_point(5))
    assert [(ask.nodes.tolist(), ask.how, ask.current) for ask in found] == [([5], "replace", 5)]


def test_a_click_with_shift_toggles(qtbot, canvas) -> None:
    found = asks(canvas)
    qtbot.mouseClick(canvas, LEFT, SHIFT, canvas.screen_point(2))
    assert [(ask.nodes.tolist(), ask.how) for ask in found] == [([2], "toggle")]


def test_a_click_beside_every_node_clears(qtbot, canvas) -> None:
    with qtbot.waitSignal(canvas.clear_asked, timeout=1000):
        qtbot.mouseClick(canvas, LEFT, pos=QPoint(3, 3))


def test_dragging_moves_the_picture_with_the_pointer(qtbot, canvas) -> None:
    before = canvas.screen_point(0)
    found = asks(canvas)
    drag(qtbot, canvas, [QPoint(200, 20), QPoint(220, 30), QPoint(240, 50)])
    assert canvas.screen_point(0) == before + QPoint(40, 30)
    assert found == []


def test_shift_and_drag_adds_what_a_rectangle_holds(qtbot, canvas) -> None:
    found = asks(canvas)
    left, right = canvas.screen_point(1), canvas.screen_point(3)
    drag(qtbot, canvas, [left + QPoint(-15, -15), QPoint(150, 150), right + QPoint(15, 15)], SHIFT)
    (ask,) = found
    assert (sorted(ask.nodes.tolist()), ask.how) == ([0, 1, 2, 3], "add")


def test_the_lasso_takes_what_lies_inside_its_line(qtbot, canvas) -> None:
    found = asks(canvas)
    qtbot.keyClick(canvas, Qt.Key.Key_L)
    assert canvas.tool == Tool.LASSO
    corners = [canvas.screen_point(node) for node in (4, 5, 6, 7)]
    middle = QPoint(sum(p.x() for p in corners) // 4, sum(p.y() for p in corners) // 4)
    around = [middle + (corner - middle) * 1.5 for corner in corners]
    drag(qtbot, canvas, [*around, around[0]])
    (ask,) = found
    assert (sorted(ask.nodes.tolist()), ask.how) == ([4, 5, 6, 7], "replace")


def test_control_and_drag_is_a_lasso_whatever_the_tool(qtbot, canvas) -> None:
    found = asks(canvas)
    at = canvas.screen_point(8)
    ring = [at + QPoint(dx, dy) for dx, dy in ((-12, -12), (12, -12), (12, 12), (-12, 12), (-12, -12))]
    drag(qtbot, canvas, ring, CONTROL)
    assert [ask.nodes.tolist() for ask in found] == [[8]]


@pytest.mark.parametrize("way", ["space", "middle"])
def test_space_and_the_middle_button_pan_with_any_tool(qtbot, canvas, way) -> None:
    canvas.set_tool(Tool.LASSO)
    found = asks(canvas)
    before = canvas.screen_point(0)
    button = LEFT
    if way == "space":
        qtbot.keyPress(canvas, Qt.Key.Key_Space)
    else:
        button = Qt.MouseButton.MiddleButton
    drag(qtbot, canvas, [QPoint(200, 20), QPoint(210, 25)], button=button)
    assert canvas.screen_point(0) == before + QPoint(10, 5)
    assert found == []


def test_the_wheel_zooms_at_the_pointer(qtbot, canvas) -> None:
    at = canvas.screen_point(6)
    before = canvas.viewport.scale
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)
    assert canvas.viewport.scale == pytest.approx(before * 1.25**2)
    assert (canvas.screen_point(6) - at).manhattanLength() <= 1


def test_keys_pan_zoom_and_fit(qtbot, canvas) -> None:
    at, scale = canvas.screen_point(0), canvas.viewport.scale
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.screen_point(0).x() == at.x() - 60
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.viewport.scale > scale
    qtbot.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.screen_point(0) == at
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.viewport.scale < scale


def test_z_goes_near_to_the_selection(qtbot, canvas) -> None:
    canvas.set_state(states(np.isin(np.arange(9), [4, 5, 6, 7])))
    qtbot.keyClick(canvas, Qt.Key.Key_Z)
    for node in (4, 5, 6, 7):
        assert canvas.rect().contains(canvas.screen_point(node))
    assert not canvas.rect().contains(canvas.screen_point(0))


def test_escape_ends_a_lasso_first_and_clears_next(qtbot, canvas) -> None:
    found = asks(canvas)
    canvas.set_tool(Tool.LASSO)
    qtbot.mousePress(canvas, LEFT, pos=QPoint(10, 10))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(10, 10))
    assert found == []
    with qtbot.waitSignal(canvas.clear_asked, timeout=1000):
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)


def test_the_tooltip_shows_a_name_with_markup_as_it_is(qtbot, canvas) -> None:
    shown = scene()
    canvas.set_scene(Scene(shown.xy, shown.colouring, shown.state, np.array(NAMES, dtype=object), shown.edges))
    at = canvas.screen_point(0)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(canvas.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(canvas.hovered, timeout=1000) as told:
        QApplication.sendEvent(canvas, event)
    assert told.args == [0]
    assert "&lt;b&gt;Ann&lt;/b&gt;" in QToolTip.text()
    assert "Side: first" in QToolTip.text()
    QToolTip.hideText()


@pytest.mark.parametrize("by_key", [True, False])
def test_the_context_menu_is_about_the_node_under_the_pointer_or_the_current_one(qtbot, canvas, by_key) -> None:
    canvas.set_current(3)
    reason = QContextMenuEvent.Reason.Keyboard if by_key else QContextMenuEvent.Reason.Mouse
    at = canvas.screen_point(7)
    with qtbot.waitSignal(canvas.context_asked, timeout=1000) as told:
        QApplication.sendEvent(canvas, QContextMenuEvent(reason, at, canvas.mapToGlobal(at)))
    assert told.args[0].node == (3 if by_key else 7)


def test_a_click_in_the_legend_asks_for_its_class(qtbot, canvas) -> None:
    canvas.set_legend(True)
    found = asks(canvas)
    qtbot.mouseClick(canvas.legend, LEFT, pos=canvas.legend.line_rect(1).center())
    qtbot.mouseClick(canvas.legend, LEFT, SHIFT, canvas.legend.line_rect(0).center())
    assert [(ask.nodes.tolist(), ask.how) for ask in found] == [([4, 5, 6, 7, 8], "replace"), ([0, 1, 2, 3], "add")]


def test_the_legend_works_by_keyboard(qtbot, canvas) -> None:
    canvas.set_legend(True)
    found = asks(canvas)
    canvas.legend.setFocus()
    qtbot.keyClick(canvas.legend, Qt.Key.Key_Down)
    qtbot.keyClick(canvas.legend, Qt.Key.Key_Return)
    assert [ask.nodes.tolist() for ask in found] == [[4, 5, 6, 7, 8]]


def test_a_large_graph_is_drawn_in_the_background_and_settles(qtbot, qapp) -> None:
    generator = np.random.default_rng(0)
    count = 6_000
    edges = generator.integers(0, count, (9_000, 2)).astype(np.int32)
    palette = np.array([[0, 90, 220, 255]], dtype=np.uint8)
    colouring = Colouring("", np.zeros(count, np.uint16), palette, np.zeros(1, np.uint8))
    ids = np.array([str(i) for i in range(count)], dtype=object)
    xy = generator.random((count, 2)).astype(np.float32)
    canvas = GraphCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(300, 200)
    canvas.show()
    with qtbot.waitSignal(canvas.frame_settled, timeout=10_000):
        canvas.set_scene(Scene(xy, colouring, np.zeros(count, np.uint8), ids, edges))
    assert canvas.is_settled()
    frames = canvas.frames_drawn
    canvas.pan(5, 0)
    assert not canvas.is_settled()  # the last picture is shown moved meanwhile
    qtbot.waitUntil(canvas.is_settled, timeout=10_000)
    assert canvas.frames_drawn > frames


def test_no_scene_shows_nothing_and_breaks_nothing(qtbot, canvas) -> None:
    canvas.set_scene(None)
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(50, 50))
    qtbot.keyClick(canvas, Qt.Key.Key_F)
    qtbot.keyClick(canvas, Qt.Key.Key_Z)
    canvas.grab()
    assert canvas.is_settled()


@pytest.mark.parametrize("name", ["dark", "light", "selected"])
def test_the_picture_is_the_stored_one(qtbot, qapp, name) -> None:
    """Names are left out: fonts differ from machine to machine."""
    theme.apply(qapp, "light" if name == "light" else "dark")
    canvas = GraphCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(320, 220)
    canvas.set_labels(False)
    canvas.set_legend(False)
    canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    shown = scene()
    canvas.set_scene(shown.with_state(states(np.arange(9) < 3)) if name == "selected" else shown)
    canvas.show()
    qtbot.waitExposed(canvas)
    now = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    path = PICTURES / f"{name}.png"
    assert path.exists(), "the stored picture is missing"
    before = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    assert now.size() == before.size()
    apart = np.abs(pixels(now) - pixels(before))
    assert apart.mean() < 1.0
    assert (apart.max(axis=2) > 40).mean() < 0.01


def pixels(image: QImage) -> np.ndarray:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), :3].astype(int)


def test_edges_that_counted_are_drawn_on_top_until_they_are_taken_away(qtbot, canvas) -> None:
    ends = [canvas.screen_point(0), canvas.screen_point(1)]
    middle = QPoint((ends[0].x() + ends[1].x()) // 2, (ends[0].y() + ends[1].y()) // 2)
    before = canvas.grab().toImage().pixelColor(middle)
    canvas.set_reasons(Reasons(np.array([[0, 1], [2, 99]]), np.array([1.0, 0.5])))
    white = theme.colour("text")
    lit = canvas.grab().toImage().pixelColor(middle)
    assert abs(lit.lightness() - white.lightness()) < 40
    assert lit.lightness() > before.lightness() + 50
    canvas.set_reasons(None)
    assert canvas.grab().toImage().pixelColor(middle) == before


def test_alt_and_an_arrow_go_to_the_next_node_and_enter_selects_it(qtbot, canvas) -> None:
    found, current = asks(canvas), []
    canvas.current_asked.connect(current.append)
    canvas.current_asked.connect(canvas.set_current)
    canvas.set_current(1)
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert current == [2, 3]  # along the square a-b-c-d
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    qtbot.keyClick(canvas, Qt.Key.Key_Return, SHIFT)
    assert [(ask.nodes.tolist(), ask.how) for ask in found] == [([3], "replace"), ([3], "toggle")]
    assert "Current node: d" in canvas.accessibleDescription()


def test_a_drag_moves_the_legend_and_asks_for_nothing(qtbot, canvas) -> None:
    canvas.set_legend(True)
    found = asks(canvas)
    before = canvas.legend.pos()
    drag(qtbot, canvas.legend, [QPoint(20, 20), QPoint(60, 10), QPoint(80, -40)])
    assert canvas.legend.pos().x() > before.x() + 20
    assert canvas.legend.pos().y() < before.y()
    assert canvas.rect().contains(canvas.legend.geometry())
    assert found == []
    canvas.resize(300, 260)
    assert canvas.rect().contains(canvas.legend.geometry())
    qtbot.keyClick(canvas.legend, Qt.Key.Key_Left, CONTROL)
    assert canvas.rect().contains(canvas.legend.geometry())


def test_everything_is_shown_beside_the_legend_until_that_is_moved(qtbot, canvas) -> None:
    canvas.set_legend(True)
    where = canvas.legend.geometry()
    assert not any(where.contains(canvas.screen_point(node)) for node in range(9))
    canvas.resize(where.width() * 2, 300)  # too narrow to give so much away
    assert canvas.screen_point(0).x() < canvas.legend.geometry().right()
    canvas.resize(400, 300)
    canvas.legend.nudge(QPoint(60, -60))
    canvas.fit()
    assert canvas.screen_point(0).x() < 60


@pytest.mark.parametrize("high", [160, 220, 300, 700])
def test_the_legend_stays_on_a_low_canvas_below_the_tools(qtbot, high) -> None:
    count = 12
    names = tuple(LegendEntry(f"class {code}", code, 1) for code in range(count))
    palette = np.full((count, 4), 200, np.uint8)
    colouring = Colouring("Class", np.arange(count).astype(np.uint16), palette, np.zeros(count, np.uint8), names)
    xy = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    ends = np.array([[0, 1], [2, 3]], np.int32)
    strength = Strength("Weight", np.array([0, 255], np.uint8), "1", "9")
    ids = np.arange(count).astype(str).astype(object)
    canvas = GraphCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, high)
    canvas.set_scene(Scene(xy, colouring, np.zeros(count, np.uint8), ids, ends, strength=strength))
    canvas.show()
    strip = ToolStrip(canvas)
    strip.move(10, 10)
    box = canvas.legend.geometry()
    assert canvas.legend.isVisible()
    assert box.top() > strip.geometry().bottom()
    assert box.bottom() <= high or high < 200
