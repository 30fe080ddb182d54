"""Sizes, shapes, strengths, arrow heads: what a picture says beside its colours."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from app.canvas.arrows import draw_heads
from app.canvas.encodings import shaping_of, sizes_by_degree, sizing_of, strength_of
from app.canvas.frame import radii
from app.canvas.legend_page import LegendPage
from app.canvas.scene import Scene, State
from app.canvas.words import scene_in_words
from app.kit import theme
from app.session.attributes import DEGREE, Attribute
from tests.app.canvas.test_frame import LOOK
from tests.support.pictures import scene


def number(values: list[float], key: str = "age") -> Attribute:
    return Attribute(key, "Age", "number", np.array(values))


def category(codes: list[int], names: tuple[str, ...]) -> Attribute:
    coded = np.array(codes, np.int32)
    return Attribute(
        "team", "Team", "category", np.array([names[c] if c >= 0 else None for c in codes]), names, coded=coded
    )


def test_the_area_of_a_node_grows_with_its_number() -> None:
    sizing = sizing_of(number([0.0, 5.0, 10.0, np.nan]))
    assert sizing is not None
    area = sizing.radius.astype(float) ** 2
    assert area[1] - area[0] == pytest.approx(area[2] - area[1], rel=1e-3)
    assert sizing.radius[3] < sizing.radius[0]  # no value is smaller than the smallest
    assert [text for text, _ in sizing.marks] == ["0", "5", "10"]
    assert sizing_of(number([np.nan, np.nan])) is None


def test_the_radius_grows_with_the_logarithm_of_the_degree() -> None:
    one, three, seven = sizes_by_degree(np.array([1.0, 3.0, 7.0])).tolist()
    assert seven - three == pytest.approx(three - one)
    sizing = sizing_of(number([0.0, 3.0], DEGREE))
    assert sizing is not None
    assert sizing.radius.tolist() == pytest.approx([0.72, 0.72 + 0.32])


def test_more_categories_than_shapes_share_the_last_shape() -> None:
    names = tuple("abcdefgh")
    shaping = shaping_of(category([0, 1, 4, 5, 6, 7, -1], names))
    assert shaping is not None
    assert shaping.codes.tolist() == [0, 1, 4, 5, 5, 5, 5]
    assert [one.text for one in shaping.legend] == ["a", "b", "c", "d", "e", "other or no value"]
    assert shaping_of(number([1.0])) is None


def test_the_weightiest_edge_is_the_strongest() -> None:
    strength = strength_of("Weight", np.array([2.0, 4.0, 3.0, np.nan]))
    assert strength is not None
    assert strength.level.tolist() == [0, 255, 128, 0]
    assert (strength.low, strength.high) == ("2", "4")
    assert strength_of("Weight", np.ones(3)) is None


def heads(shown: Scene, spread: float = 30.0) -> int:
    image = QImage(400, 300, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    points = (shown.xy * spread + 40).astype(np.float32)
    painter = QPainter(image)
    count = draw_heads(painter, shown, points, radii(shown, 4.0), LOOK, size=(400, 300), ratio=1.0)
    painter.end()
    return count


def test_directed_edges_have_heads_where_there_is_room(qapp: object) -> None:
    shown = scene()
    assert heads(shown) == 0
    directed = replace(shown, directed=True)
    assert heads(directed) == shown.num_edges
    assert heads(directed, spread=3.0) == 0  # six pixels between nodes
    hidden = np.where(np.arange(9) == 3, State.HIDDEN, State.NORMAL).astype(np.uint8)
    assert heads(directed.with_state(hidden)) == sum(3 not in pair for pair in shown.edges.tolist())


def test_the_legend_explains_every_mapping(qapp: object) -> None:
    theme.apply(qapp, "dark")  # type: ignore[arg-type]
    shown = scene()
    bare = LegendPage(shown, theme.mono_font())
    full = replace(
        shown,
        sizing=sizing_of(number(list(range(9)))),
        shaping=shaping_of(category([0, 1] * 4 + [0], ("x", "y"))),
        strength=strength_of("Weight", np.arange(9.0)),
    )
    page = LegendPage(full, theme.mono_font())
    assert [line.text for line in page.lines] == ["first", "second", "x", "y"]
    assert [line.asks.by(full).sum() for line in page.lines if line.asks is not None] == [4, 5, 5, 4]
    assert page.size.height() > bare.size.height()
    for number_, line in enumerate(page.lines):
        assert page.line_at(page.line_rect(number_).center()) == number_, line


def test_a_canvas_says_in_words_what_it_shows() -> None:
    state = np.array([1, 1, 2, 2, 2, 2, 2, 2, 3], np.uint8)
    words = scene_in_words(scene().with_state(state), "Ann\nSide: first")
    for part in ("9 nodes, 9 edges", "Colour: Side", "1 hidden", "2 selected", "Current node: Ann, Side: first"):
        assert part in words
