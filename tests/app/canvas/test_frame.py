"""True frames: what is where, in which colour."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from app.canvas.edges import FEW_EDGES, edge_picture
from app.canvas.frame import Frame, FrameCache, radii, render
from app.canvas.look import Look
from app.canvas.scene import Scene, Sizing, State, states
from app.canvas.viewport import fitted
from tests.support.pictures import scene

LOOK = Look(ground=(16, 18, 24), edge=(92, 107, 130), highlight=(255, 166, 92), text=(231, 234, 240), is_dark=True)
BLUE, ORANGE = (0, 90, 220), (230, 120, 0)


def drawn(shown: Scene, cache: FrameCache | None = None) -> Frame:
    return render(shown, fitted(shown.bounds(), 300, 200), LOOK, 6.0, cache or FrameCache())


def pixel(frame: Frame, node: int) -> tuple[int, int, int]:
    x, y = frame.viewport.to_screen(frame.scene.xy[node : node + 1])[0]
    colour = frame.image.pixelColor(round(float(x)), round(float(y)))
    return (colour.red(), colour.green(), colour.blue())


def rows(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4).copy()


def test_every_node_shows_its_colour_where_it_is(qapp: object) -> None:
    frame = drawn(scene())
    assert [pixel(frame, node) for node in range(9)] == [BLUE] * 4 + [ORANGE] * 5


def test_selected_nodes_keep_their_colour_and_the_others_step_back(qapp: object) -> None:
    frame = drawn(scene().with_state(states(np.arange(9) == 0)))
    assert pixel(frame, 0) == BLUE
    dimmed = pixel(frame, 1)
    assert dimmed != BLUE
    assert dimmed[2] > dimmed[0]  # still blue
    assert dimmed != LOOK.ground


def test_hidden_nodes_and_their_edges_are_not_drawn(qapp: object) -> None:
    state = np.full(9, State.HIDDEN, dtype=np.uint8)
    state[[0, 4]] = State.NORMAL
    frame = drawn(scene().with_state(state))
    assert pixel(frame, 0) == BLUE
    assert pixel(frame, 4) == ORANGE
    x, y = frame.viewport.to_screen(np.array([[2, 0], [0, 1]], dtype=np.float32))[1]
    assert frame.image.pixelColor(round(float(x)), round(float(y))).red() == LOOK.ground[0]


def test_an_edge_is_seen_half_way_between_its_nodes(qapp: object) -> None:
    frame = drawn(scene())
    x, y = frame.viewport.to_screen(np.array([[4, 0]], dtype=np.float32))[0]
    near = rows(frame.image)[round(float(y)) - 2 : round(float(y)) + 3, round(float(x)), :3].astype(int)
    assert (near.sum(axis=1) > sum(LOOK.ground) + 20).any()


def test_selecting_reuses_the_picture_of_the_edges(qapp: object) -> None:
    cache = FrameCache()
    shown = scene()
    drawn(shown, cache)
    first = cache.edges
    assert first is not None
    drawn(shown.with_state(states(np.arange(9) < 3)), cache)
    assert cache.edges is first


def test_other_positions_draw_the_edges_anew(qapp: object) -> None:
    cache = FrameCache()
    drawn(scene(), cache)
    first = cache.edges
    drawn(scene(), cache)  # equal, but other arrays
    assert cache.edges is not first


def test_painting_and_counting_show_the_same_edges(qapp: object) -> None:
    """The two ways of drawing must agree on where an edge is and on which is denser."""
    shown = scene(4, edges=[(0, 1), (1, 2), (2, 3)])
    points = fitted(shown.bounds(), 120, 120).to_screen(shown.xy)
    few = rows(edge_picture(shown, slice(None), points, LOOK, (120, 120)))[..., 3]
    many = np.repeat(shown.edges, FEW_EDGES, axis=0)
    counted = rows(edge_picture(replace(shown, edges=many), slice(None), points, LOOK, (120, 120)))[..., 3]
    assert ((few > 60) == (counted > 60)).mean() > 0.98


def test_a_dense_place_is_more_opaque_than_a_sparse_one(qapp: object) -> None:
    shown = scene(4, edges=[(0, 1)] * (2 * FEW_EDGES) + [(2, 3)] * 10)
    points = fitted(shown.bounds(), 120, 120).to_screen(shown.xy)
    alpha = rows(edge_picture(shown, slice(None), points, LOOK, (120, 120)))[..., 3]
    assert alpha[60, 30:45].max() > alpha[60, 75:90].max() > 0


def test_a_picture_at_twice_the_ratio_has_twice_the_pixels(qapp: object) -> None:
    shown = scene()
    sharp = Look(LOOK.ground, LOOK.edge, LOOK.highlight, LOOK.text, True, ratio=2.0)
    frame = render(shown, fitted(shown.bounds(), 300, 200), sharp, 6.0, FrameCache())
    assert (frame.image.width(), frame.image.height()) == (600, 400)
    assert frame.image.devicePixelRatio() == 2.0


def test_sizes_scale_the_usual_radius() -> None:
    shown = scene(3)
    sized = Scene(
        shown.xy,
        shown.colouring,
        shown.state,
        shown.ids,
        sizing=Sizing("Size", np.array([1, 2, 0.5], dtype=np.float32)),
    )
    assert radii(sized, 6.0).tolist() == [6.0, 12.0, 3.0]


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_graph_and_a_single_node_can_be_drawn(qapp: object, count: int) -> None:
    frame = drawn(scene(count, edges=[]))
    assert frame.image.width() == 300
