"""The compiled renderer draws what the painter and numpy draw."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from app.bridge.array_process import ArrayProcess
from app.canvas import toning
from app.canvas.compiled import CompiledRenderer
from app.canvas.frame import Frame, FrameCache, render
from app.canvas.look import Look
from app.canvas.scene import Colouring, Scene, Shaping, Sizing, State, Strength, states
from app.canvas.viewport import fitted
from tests.support.pictures import scene

LOOK = Look(ground=(16, 18, 24), edge=(92, 107, 130), highlight=(255, 166, 92), text=(231, 234, 240), is_dark=True)


@pytest.fixture(scope="module")
def process() -> Iterator[ArrayProcess]:
    made = ArrayProcess("app.canvas.raster")
    made.warm()
    yield made
    made.close()


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4).astype(int)


def both(process: ArrayProcess, shown: Scene, *, ratio: float = 1.0, usual: float = 6.0) -> tuple[Frame, Frame]:
    look = replace(LOOK, ratio=ratio)
    view = fitted(shown.bounds(), 300, 200)
    return CompiledRenderer(process).render(shown, view, look, usual), render(shown, view, look, usual, FrameCache())


def crowd(nodes: int = 3_000, edges: int = 9_000) -> Scene:
    """Return three clouds with edges within and between them."""
    generator = np.random.default_rng(0)
    codes = generator.integers(0, 3, nodes).astype(np.uint16)
    middle = np.array([[0, 0], [6, 1], [2, 5]], np.float32)
    xy = (middle[codes] + generator.normal(size=(nodes, 2))).astype(np.float32)
    palette = np.array([[0, 90, 220, 255], [230, 120, 0, 255], [20, 160, 90, 255]], np.uint8)
    ends = generator.integers(0, nodes, (edges, 2)).astype(np.int32)
    ids = np.arange(nodes).astype(str).astype(object)
    colouring = Colouring("", codes, palette, np.zeros(3, np.uint8))
    return Scene(xy, colouring, np.zeros(nodes, np.uint8), ids, ends)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_few_edges_look_as_the_painter_draws_them(qapp: object, process: ArrayProcess, ratio: float) -> None:
    compiled, painted = both(process, scene(), ratio=ratio)
    apart = np.abs(pixels(compiled.image) - pixels(painted.image))
    assert compiled.image.devicePixelRatio() == ratio
    assert apart.mean() < 0.5
    assert (apart.max(axis=2) > 60).mean() < 0.002


def test_many_edges_look_as_numpy_counts_them(qapp: object, process: ArrayProcess) -> None:
    compiled, counted = both(process, crowd(), usual=1.0)
    apart = np.abs(pixels(compiled.image) - pixels(counted.image))
    assert apart.mean() < 1.5
    assert (apart.max(axis=2) > 60).mean() < 0.005


def test_marks_are_the_painters_to_the_last_bit(qapp: object, process: ArrayProcess) -> None:
    shown = scene()
    own = Shaping("", np.array([0, 1, 2, 3, 4, 5, 0, 1, 2], np.uint8))
    sizes = Sizing("", np.linspace(0.4, 2.0, 9).astype(np.float32))
    state = np.array([State.NORMAL, State.SELECTED, State.DIMMED, State.HIDDEN, 0, 0, 0, 0, 0], np.uint8)
    dressed = replace(shown, edges=shown.edges[:0], shaping=own, sizing=sizes, state=state)
    compiled, painted = both(process, dressed)
    assert np.abs(pixels(compiled.image) - pixels(painted.image)).max() <= 2


def test_a_selection_lights_up_its_edges_in_both(qapp: object, process: ArrayProcess) -> None:
    compiled, painted = both(process, scene().with_state(states(np.arange(9) < 4)))
    apart = np.abs(pixels(compiled.image) - pixels(painted.image))
    assert apart.mean() < 0.6


def test_a_few_selected_nodes_are_seen_among_dust_in_both(qapp: object, process: ArrayProcess) -> None:
    shown = replace(scene(), edges=scene().edges[:0])
    dust = replace(
        shown,
        state=np.zeros(36, np.uint8),
        xy=np.tile(shown.xy, (4, 1)) + np.repeat(np.arange(4), 9)[:, None].astype(np.float32) / 3,
    )
    codes = np.tile(shown.colouring.codes, 4)
    dust = replace(dust, colouring=replace(shown.colouring, codes=codes), ids=np.tile(shown.ids, 4))
    one = dust.with_state(states(np.arange(36) == 0))
    for frame in both(process, one, usual=1.0):
        x, y = (round(float(v)) for v in frame.viewport.to_screen(one.xy[:1])[0])
        beside = pixels(frame.image)[y, x + 1, :3]
        assert np.abs(beside - (0, 90, 220)).max() < 40


def test_strong_edges_are_wider_and_heavier_in_both(qapp: object, process: ArrayProcess) -> None:
    shown = scene(4, edges=[(0, 1), (2, 3)])
    shown = replace(shown, strength=Strength("Weight", np.array([0, 255], np.uint8)))
    # Upright edges: 0-1 on the left is faint, 2-3 on the right is strong.
    inks = []
    for frame in both(process, shown):
        row = np.abs(pixels(frame.image)[pixels(frame.image).shape[0] // 2, :, :3] - LOOK.ground).sum(axis=1)
        inks.append((row[:150].sum(), row[150:].sum()))
    for faint, strong in inks:
        assert strong > 4 * faint > 0
    assert inks[0] == pytest.approx(inks[1], rel=0.25)


def test_what_was_sent_is_not_sent_again(qapp: object, process: ArrayProcess) -> None:
    asked = []

    class Listening(ArrayProcess):
        def ask(self, question, generation):
            asked.append(set(question.arrays))
            return process.ask(question, process.generation)

    listening = Listening("app.canvas.raster")
    renderer = CompiledRenderer(listening)
    shown = scene()
    view = fitted(shown.bounds(), 300, 200)
    for one in (shown, shown, shown.with_state(states(np.arange(9) < 2))):
        renderer.render(one, view, LOOK, 6.0)
    assert {"xy", "edges", "state", "codes", "spots"} <= asked[0]
    assert not {"xy", "edges", "state", "codes", "spots"} & asked[1]
    assert asked[2] - asked[1] == {"state"}


def test_nodes_without_a_place_and_an_empty_scene_can_be_drawn(qapp: object, process: ArrayProcess) -> None:
    shown = scene()
    holed = replace(shown, xy=np.where(np.arange(9)[:, None] == 1, np.nan, shown.xy).astype(np.float32))
    compiled, painted = both(process, holed)
    assert np.abs(pixels(compiled.image) - pixels(painted.image)).mean() < 0.5
    empty, _ = both(process, scene(0, edges=[]))
    assert (pixels(empty.image)[:, :, :3] == LOOK.ground).all()


def test_lines_far_outside_do_no_harm(qapp: object, process: ArrayProcess) -> None:
    shown = scene(4, edges=[(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)])
    view = replace(fitted(shown.bounds(), 300, 200), scale=4e5)
    frame = CompiledRenderer(process).render(shown, view, LOOK, 6.0)
    assert frame.image.width() == 300


def test_one_line_among_few_and_the_densest_place_have_the_opacity_they_should() -> None:
    one = toning.of_one(100)
    curve = toning.curve(one, 50.0)
    assert curve[0] == 0
    assert curve[toning.STEPS] == pytest.approx(one, abs=1e-3)
    assert curve[50 * toning.STEPS] == pytest.approx(toning.PEAK, abs=1e-3)
    assert (np.diff(curve) >= 0).all()


def test_two_crossing_lines_are_about_as_opaque_as_a_painter_makes_them() -> None:
    one = toning.of_one(5_000)
    assert toning.curve(one, 1.0)[2 * toning.STEPS] == pytest.approx(1 - (1 - one) ** 2, abs=0.05)


def test_two_canvases_with_marks_of_different_sizes_do_not_take_each_others(
    qapp: object, process: ArrayProcess
) -> None:
    shown = replace(scene(), edges=scene().edges[:0])
    view = fitted(shown.bounds(), 300, 200)
    large, small = CompiledRenderer(process), CompiledRenderer(process)
    before = pixels(large.render(shown, view, LOOK, 8.0).image)
    small.render(shown, view, LOOK, 1.0)
    after = pixels(large.render(shown, view, LOOK, 8.0).image)
    assert (before[:, :, :3] != LOOK.ground).any()
    assert np.array_equal(before, after)
