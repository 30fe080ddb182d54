"""Viewport, picking, edges as density: what can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.canvas.edge_raster import clip, density
from app.canvas.picking import in_polygon, in_rectangle, nearest
from app.canvas.scene import State, states
from app.canvas.viewport import Viewport, fitted
from tests.support.pictures import scene

ALL = np.ones(3, dtype=bool)
POINTS = np.array([[10, 10], [14, 10], [50, 50]], dtype=np.float32)


def test_y_points_up_in_the_scene_and_down_on_screen() -> None:
    view = Viewport(1.0, 1.0, 10.0, 100, 80)
    assert view.to_screen(np.array([[1, 1], [2, 2]], dtype=np.float32)).tolist() == [[50, 40], [60, 30]]


@given(
    st.floats(-50, 50), st.floats(-50, 50), st.floats(0.1, 10), st.floats(0, 300), st.floats(0, 200), st.floats(0.3, 3)
)
def test_zooming_keeps_the_point_under_the_pointer(
    x: float, y: float, scale: float, px: float, py: float, factor: float
) -> None:
    view = Viewport(x, y, scale, 300, 200)
    assert view.zoomed(factor, px, py).to_scene(px, py) == pytest.approx(view.to_scene(px, py), abs=1e-6)


def test_fitting_shows_every_corner_inside_the_margin() -> None:
    view = fitted((-3.0, 0.0, 5.0, 2.0), 400, 300)
    corners = view.to_screen(np.array([[-3, 0], [5, 2]], dtype=np.float32))
    assert corners.min() >= 0
    assert (corners <= [400, 300]).all()
    assert corners[1, 0] - corners[0, 0] == pytest.approx(400 - 2 * 36)


@pytest.mark.parametrize("bounds", [(2.0, 2.0, 2.0, 2.0), (0.0, 1.0, 0.0, 1.0)])
def test_a_single_point_can_be_fitted(bounds: tuple[float, float, float, float]) -> None:
    assert np.isfinite(fitted(bounds, 200, 100).scale)


def test_the_nearest_of_two_overlapping_nodes_is_picked() -> None:
    radius = np.full(3, 6, dtype=np.float32)
    assert nearest(POINTS, radius, ALL, 12.5, 10, 0) == 1
    assert nearest(POINTS, radius, ALL, 11.5, 10, 0) == 0


def test_beside_every_node_nothing_is_picked() -> None:
    radius = np.full(3, 3, dtype=np.float32)
    assert nearest(POINTS, radius, ALL, 30, 30, 2) is None


def test_a_hidden_node_is_not_picked() -> None:
    radius = np.full(3, 6, dtype=np.float32)
    assert nearest(POINTS, radius, np.array([False, False, True]), 10, 10, 0) is None


def test_a_rectangle_may_be_drawn_from_any_corner() -> None:
    for corners in ((9, 9, 20, 20), (20, 20, 9, 9), (9, 20, 20, 9)):
        assert in_rectangle(POINTS, ALL, *corners).tolist() == [True, True, False]


def test_a_lasso_catches_what_lies_inside_its_concave_outline() -> None:
    # A U: the notch in the middle, x 4 … 6 above y 2, is outside.
    outline = np.array([[0, 0], [10, 0], [10, 10], [6, 10], [6, 2], [4, 2], [4, 10], [0, 10]], dtype=np.float32)
    points = np.array([[2, 8], [5, 8], [8, 8], [5, 1], [12, 5]], dtype=np.float32)
    assert in_polygon(points, np.ones(5, dtype=bool), outline).tolist() == [True, False, True, True, False]


def test_a_lasso_of_two_points_catches_nothing() -> None:
    assert not in_polygon(POINTS, ALL, np.array([[0, 0], [60, 60]], dtype=np.float32)).any()


def test_a_line_along_the_middles_of_pixels_counts_once_in_each() -> None:
    counts = density(np.array([[5, 10.5, 20, 10.5]], dtype=np.float32), 40, 30)
    assert counts[10, 5:21].tolist() == [1.0] * 16
    assert counts.sum() == 16


def test_a_line_between_two_rows_of_pixels_is_shared_by_distance() -> None:
    counts = density(np.array([[12.25, 5, 12.25, 20]], dtype=np.float32), 40, 30)
    # Its middle lies 0.25 from that of column 11.75 … so a quarter goes to column 11 and the rest to 12.
    assert counts[10, 10:14].tolist() == [0.0, 0.25, 0.75, 0.0]


def test_the_direction_of_a_line_does_not_matter() -> None:
    there = density(np.array([[3, 4, 30, 17]], dtype=np.float32), 40, 30)
    back = density(np.array([[30, 17, 3, 4]], dtype=np.float32), 40, 30)
    assert np.array_equal(there, back)


def test_lines_in_one_place_add_up() -> None:
    one = density(np.array([[3, 4, 30, 17]], dtype=np.float32), 40, 30)
    three = density(np.array([[3, 4, 30, 17]] * 3, dtype=np.float32), 40, 30)
    assert np.allclose(three, 3 * one, atol=1e-5)


def test_lines_along_the_rim_stay_inside() -> None:
    rim = np.array([[0, 0, 39, 0], [39, 0, 39, 29], [39, 29, 0, 29], [0, 29, 0, 0]], dtype=np.float32)
    assert density(rim, 40, 30).shape == (30, 40)


def test_many_lines_are_counted_in_several_steps_to_the_same_sum() -> None:
    generator = np.random.default_rng(0)
    lines = (generator.random((20_000, 4)) * [199, 149, 199, 149]).astype(np.float32)
    whole = density(lines, 200, 150)
    halves = density(lines[:9_000], 200, 150) + density(lines[9_000:], 200, 150)
    assert np.allclose(whole, halves, atol=1e-2)


def test_clipping_cuts_at_the_rim_and_drops_what_is_outside() -> None:
    lines = np.array(
        [[-10, 5, 10, 5], [2, 2, 8, 8], [-5, -5, -1, 30], [np.nan, 0, 5, 5], [3, -4, 3, 40]], dtype=np.float32
    )
    parts, kept = clip(lines, 20, 12)
    assert kept.tolist() == [True, True, False, False, True]
    assert parts.tolist() == [[0, 5, 10, 5], [2, 2, 8, 8], [3, 0, 3, 11]]


def test_with_a_selection_everything_else_is_dimmed_and_hidden_stays_hidden() -> None:
    found = states(np.array([True, False, False]), np.array([False, False, True]))
    assert found.tolist() == [State.SELECTED, State.DIMMED, State.HIDDEN]
    assert (states(np.zeros(3, dtype=bool)) == State.NORMAL).all()


def test_a_node_without_a_place_is_not_visible_and_does_not_spoil_the_bounds() -> None:
    made = scene(3)
    made.xy.setflags(write=False)
    moved = made.xy.copy()
    moved[1] = np.nan
    holed = type(made)(moved, made.colouring, made.state, made.ids, made.edges[:2])
    assert holed.visible().tolist() == [True, False, True]
    assert holed.bounds() == (0.0, 0.0, 2.0, 2.0)
