"""The grid finds what looking at every node finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.canvas.pick_index import PickIndex
from app.canvas.picking import in_polygon, in_rectangle
from app.canvas.stepping import next_towards


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
