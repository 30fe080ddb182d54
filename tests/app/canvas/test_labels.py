"""Names on the canvas."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from app.canvas.labels import Important, Named, place, shortened
from app.canvas.scene import states
from app.canvas.viewport import Viewport
from tests.support.pictures import scene


@pytest.fixture
def metrics(qapp: object) -> QFontMetricsF:
    return QFontMetricsF(QFont())


def named(points: np.ndarray, text: str, strong: int = -1) -> list[Named]:
    return [Named(node, f"{text} {node}", x, y, 4.0, node == strong) for node, (x, y) in enumerate(points.tolist())]


def test_no_name_covers_another(metrics: QFontMetricsF) -> None:
    generator = np.random.default_rng(1)
    bounds = QRectF(0, 0, 400, 300)
    labels = place(named(generator.random((60, 2)) * [300, 200], "node number"), metrics, bounds, most=30)
    assert 5 < len(labels) <= 30
    for number, one in enumerate(labels):
        assert bounds.contains(one.box)
        assert not any(one.box.intersects(other.box) for other in labels[:number])


def test_no_name_covers_a_node_while_there_is_another_place(metrics: QFontMetricsF) -> None:
    one = named(np.array([[100.0, 100.0]]), "name")
    above = QRectF(60, 70, 80, 26)
    (label,) = place(one, metrics, QRectF(0, 0, 200, 200), most=1, covers=lambda box: int(box.intersects(above)))
    assert not label.box.intersects(above)
    assert place(one, metrics, QRectF(0, 0, 200, 200), most=1, covers=lambda box: 1) == []


def test_the_node_one_looks_at_is_named_even_in_a_crowd(metrics: QFontMetricsF) -> None:
    crowd = named(np.full((12, 2), 100.0), "name", strong=11)
    found = place(crowd, metrics, QRectF(0, 0, 200, 200), most=12, covers=lambda box: 3)
    assert [one.node for one in found] == [11]


VIEW = Viewport(4.0, 2.0, 10.0, 200, 100)  # every node of the scene is in it


@pytest.mark.parametrize("near", [None, np.arange(9)])
def test_with_a_selection_only_selected_nodes_are_named(near: np.ndarray | None) -> None:
    shown = scene().with_state(states(np.isin(np.arange(9), [2, 5])))
    assert Important().wanted(shown, VIEW, near).nodes.tolist() == [5, 2]


def test_a_single_selected_node_is_named_before_its_neighbours() -> None:
    near = np.array([1, 3], dtype=np.int64)
    shown = scene().with_state(states(np.arange(9) == 2, near=near))
    assert Important().wanted(shown, VIEW, None).nodes.tolist() == [2, 3, 1]


def test_the_most_important_nodes_in_view_come_first() -> None:
    assert Important().wanted(scene(), VIEW, None).nodes[:3].tolist() == [8, 7, 6]
    left = Viewport(1.0, 1.0, 10.0, 40, 40)
    assert Important().wanted(scene(), left, None).nodes.tolist() == [3, 2, 1, 0]


def test_another_selection_is_noticed() -> None:
    important, shown = Important(), scene()
    important.wanted(shown, VIEW, None)
    again = shown.with_state(states(np.arange(9) == 4, hidden=np.arange(9) == 8))
    assert important.wanted(again, VIEW, None).nodes.tolist() == [4]


def test_a_long_name_is_cut_and_a_broken_one_is_one_line() -> None:
    assert shortened("one\n two") == "one two"
    assert len(shortened("x" * 90)) == 26
    assert shortened("中文名") == "中文名"
