"""The grid finds what looking at every node finds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.canvas.pick_index import PickIndex
from app.canvas.picker import Picker
from app.canvas.picking import in_polygon, in_rectangle
from app.canvas.scene import State
from app.canvas.stepping import next_towards
from app.canvas.viewport import fitted
from tests.support import pictures


def places(count: int, seed: int) -> np.ndarray:
    xy = np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)
    xy[::7] = np.nan
    return xy


@given(st.integers(0, 400), st.integers(0, 9), st.tuples(*[st.floats(-3, 3, width=32)] * 4))
def test_a_box_holds_what_a_look_at_every_node_finds(count: int, seed: int, box: tuple[float, ...]) -> None:
    xy = places(count, seed)
    left, right = sorted(box[:2])
    bottom, top = sorted(box[2:])
    found = PickIndex(xy).in_box(left, bottom, right, top)
    there = np.ones(len(xy), dtype=bool)
    assert sorted(found.tolist()) == np.flatnonzero(in_rectangle(xy, there, left, bottom, right, top)).tolist()


@given(st.integers(0, 400), st.integers(0, 9), st.integers(3, 12))
def test_a_lasso_holds_what_a_look_at_every_node_finds(count: int, seed: int, corners: int) -> None:
    xy = places(count, seed)
    outline = np.random.default_rng(seed + 100).normal(size=(corners, 2)).astype(np.float32)
    found = PickIndex(xy).in_polygon(outline.astype(np.float64))
    there = np.isfinite(xy).all(axis=1)
    assert sorted(found.tolist()) == np.flatnonzero(in_polygon(xy, there, outline)).tolist()


@pytest.mark.parametrize("radius", [5, 150])
def test_a_lasso_around_few_or_many_takes_no_hidden_node_and_tells_them_ascending(qapp, radius: int) -> None:
    count = 2_000
    shown = pictures.scene()
    state = np.zeros(count, np.uint8)
    state[::3] = State.HIDDEN
    shown = replace(shown, xy=places(count, 0), state=state, ids=np.arange(count).astype(object))
    view = fitted(shown.bounds(), 400, 300)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    outline = np.array([200.0, 150.0]) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    picker = Picker(qapp)
    without_index = picker.inside(shown, view, outline)
    picker.look_at(shown.xy)
    assert picker.index is not None
    found = picker.inside(shown, view, outline)
    assert found.tolist() == without_index.tolist() == sorted(found.tolist())
    assert len(found) > 0
    assert (len(found) > count // 50) == (radius > 100)


@pytest.mark.parametrize(
    "xy",
    [np.zeros((5, 2)), np.stack([np.arange(50.0), np.zeros(50)], axis=1), np.zeros((0, 2)), np.full((3, 2), np.nan)],
)
def test_places_in_one_point_on_a_line_or_nowhere_can_be_asked(xy: np.ndarray) -> None:
    index = PickIndex(xy.astype(np.float32))
    there = int(np.isfinite(xy).all(axis=1).sum())
    assert len(index.in_box(-1, -1, 60, 1)) == there
    assert len(index.in_polygon(np.array([[-1.0, -1.0], [60, -1], [60, 1], [-1, 1]]))) == there


def test_the_next_node_lies_ahead_and_the_nearer_one_is_taken() -> None:
    points = np.array([[50, 50], [60, 52], [90, 50], [50, 10], [40, 40]], dtype=np.float32)
    nodes = np.array([10, 11, 12, 13, 14])
    assert next_towards(points, nodes, (50, 50), 1, 0) == 11
    assert next_towards(points, nodes, (50, 50), 0, -1) == 14  # at 45 degrees, and nearer than the one straight ahead
    assert next_towards(points, nodes, (50, 50), 0, 1) is None
