"""The grid of structures: which items are in view, and what mouse and keys ask for."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.canvas.structure_grid import Cell, StructureGrid

SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 196 140">
<rect width="196" height="140" fill="#ff0000"/></svg>"""


@pytest.fixture
def grid(qtbot):
    made = StructureGrid(lambda item: Cell(f"molecule {item}", svg=SVG if item == 0 else None))
    qtbot.addWidget(made)
    made.resize(700, 420)
    made.set_order(np.arange(1000))
    made.set_selected(np.zeros(1000, dtype=bool))
    made.show()
    qtbot.waitExposed(made)
    return made


def asked(grid: StructureGrid) -> list[tuple[list[int], str]]:
    found: list[tuple[list[int], str]] = []
    grid.items_asked.connect(lambda items, how: found.append((items, how)))
    return found


def middle(grid: StructureGrid, place: int) -> QPoint:
    return grid._rect(place).center()


def test_only_what_is_on_screen_is_asked_for(grid) -> None:
    # Three cells fit a line of 700 pixels, and not much more than two lines fit its height.
    assert list(grid.on_screen()) == list(range(len(grid.on_screen())))
    assert 6 <= len(grid.on_screen()) <= 15
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    assert grid.on_screen()[-1] == 999
    assert len(grid.on_screen()) <= 15


def test_a_click_selects_ctrl_toggles_and_shift_selects_up_to(grid, qtbot) -> None:
    found = asked(grid)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle(grid, 1))
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, middle(grid, 2))
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, middle(grid, 4))
    assert found == [([1], "replace"), ([2], "toggle"), ([2, 3, 4], "replace")]


def test_a_click_beside_the_cells_asks_for_nothing_selected(grid, qtbot) -> None:
    with qtbot.waitSignal(grid.clear_asked, timeout=1000):
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))


def test_keys_move_and_select(grid, qtbot) -> None:
    found = asked(grid)
    current: list[int] = []
    grid.current_asked.connect(current.append)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert current == [1, 1 + grid._columns()]
    assert grid.accessibleDescription() == f"molecule {1 + grid._columns()}"
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    place = 1 + grid._columns()
    assert found == [([place], "toggle"), ([place, place + 1], "replace")]
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.current() == 999
    assert 999 in grid.on_screen()


def test_another_order_keeps_the_item_one_is_at(grid) -> None:
    grid.show_item(7)
    grid.set_order(np.arange(1000)[::-1].copy())
    assert grid.current() == 7
    grid.set_order(np.array([3, 1]))
    assert grid.current() == 3
    grid.set_order(np.zeros(0, dtype=np.int64))
    assert grid.current() is None


def test_a_drawing_is_seen_in_its_cell(grid) -> None:
    picture = grid.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    at = middle(grid, 0) * ratio
    assert picture.pixelColor(at).red() > 200
    assert picture.pixelColor(at).green() < 60
    assert picture.pixelColor(middle(grid, 1) * ratio).red() < 200
