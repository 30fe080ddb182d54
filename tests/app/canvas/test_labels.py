"""Names on the canvas."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from app.canvas.labels import place, shortened, wanted
from app.canvas.scene import states
from tests.support.pictures import scene


@pytest.fixture
def metrics(qapp: object) -> QFontMetricsF:
    return QFontMetricsF(QFont())


def test_no_name_covers_another(metrics: QFontMetricsF) -> None:
    generator = np.random.default_rng(1)
    points = (generator.random((60, 2)) * [300, 200]).astype(np.float32)
    texts = [(node, f"node number {node}") for node in range(60)]
    bounds = QRectF(0, 0, 400, 300)
    labels = place(texts, points, np.full(60, 4, dtype=np.float32), metrics, bounds, most=30)
    assert 5 < len(labels) <= 30
    for number, one in enumerate(labels):
        assert bounds.contains(one.box)
        assert not any(one.box.intersects(other.box) for other in labels[:number])


def test_the_node_one_looks_at_is_named_even_in_a_crowd(metrics: QFontMetricsF) -> None:
    points = np.full((12, 2), 100, dtype=np.float32)
    texts = [(node, f"name {node}") for node in range(12)]
    found = place(
        texts, points, np.full(12, 4, np.float32), metrics, QRectF(0, 0, 200, 200), most=12, strong=frozenset({11})
    )
    assert 11 in {one.node for one in found}


def test_with_a_selection_only_selected_nodes_are_named() -> None:
    shown = scene().with_state(states(np.isin(np.arange(9), [2, 5])))
    points = np.full((9, 2), 50, dtype=np.float32)
    assert wanted(shown, points, 100, 100).nodes.tolist() == [5, 2]


def test_a_single_selected_node_is_named_before_its_neighbours() -> None:
    near = np.array([1, 3], dtype=np.int64)
    shown = scene().with_state(states(np.arange(9) == 2, near=near))
    points = np.full((9, 2), 50, dtype=np.float32)
    assert wanted(shown, points, 100, 100).nodes.tolist() == [2, 3, 1]


def test_the_most_important_nodes_come_first() -> None:
    points = np.full((9, 2), 50, dtype=np.float32)
    assert wanted(scene(), points, 100, 100).nodes[:3].tolist() == [8, 7, 6]


def test_a_long_name_is_cut_and_a_broken_one_is_one_line() -> None:
    assert shortened("one\n two") == "one two"
    assert len(shortened("x" * 90)) == 26
    assert shortened("中文名") == "中文名"
