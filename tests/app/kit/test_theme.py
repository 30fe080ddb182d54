"""Colours that can be read, told apart, and follow the choice."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from app.kit import icons, theme


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=["light", "dark"])
def tokens(request, qapp):
    theme.apply(qapp, request.param)
    assert theme.tokens().name == request.param
    return theme.tokens()


@pytest.mark.parametrize("ink", ["text", "muted", "good", "warning", "problem", "focus"])
@pytest.mark.parametrize("ground", ["window", "panel", "raised", "field", "hover"])
def test_text_is_read_on_every_ground(tokens, ink: str, ground: str) -> None:
    """Source: WCAG 2.2, success criterion 1.4.3."""
    assert _contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


def test_text_on_the_accent_and_on_a_selected_row_is_read(tokens) -> None:
    assert _contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert _contrast(tokens.on_accent, tokens.accent_hover) >= 4.5
    assert _contrast(tokens.on_selection, tokens.selection) >= 4.5


@pytest.mark.parametrize("tone", ["good_soft", "warning_soft", "problem_soft"])
@pytest.mark.parametrize("ink", ["text", "muted", "focus"])
def test_messages_are_read_on_their_toned_grounds(tokens, ink: str, tone: str) -> None:
    assert _contrast(getattr(tokens, ink), getattr(tokens, tone)) >= 4.5


@pytest.mark.parametrize("ground", ["window", "panel", "raised", "field"])
def test_focus_rings_and_selected_marks_stand_out(tokens, ground: str) -> None:
    """Source: WCAG 2.2, success criterion 1.4.11: 3:1 for what is no text."""
    assert _contrast(tokens.focus, getattr(tokens, ground)) >= 3.0
    assert _contrast(tokens.highlight, tokens.window) >= 3.0


def _as_seen_without_green(colour: str) -> np.ndarray:
    """Source: Viénot, Brettel and Mollon (1999), deuteranopia, in linear RGB."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) ** 2.2
    to_cone = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    cone = to_cone @ parts
    cone[1] = 0.494207 * cone[0] + 1.24827 * cone[2]
    return np.clip(np.linalg.inv(to_cone) @ cone, 0, 1) ** (1 / 2.2)


def test_every_two_categories_differ_also_without_green_sensitive_cones(tokens) -> None:
    seen = [_as_seen_without_green(colour) for colour in tokens.categories]
    for one, other in itertools.combinations(seen, 2):
        assert np.abs(one - other).max() > 0.1


def test_beyond_the_last_colour_the_shape_changes_and_the_colour_keeps_its_hue_only(tokens) -> None:
    count = len(tokens.categories)
    rounds = [[theme.category_colour(first + k * count) for k in range(3)] for first in range(count)]
    for first, paler, deeper in rounds:
        assert len({first.name(), paler.name(), deeper.name()}) == 3
    assert len({theme.category_shape(k * count) for k in range(3)}) == 3
    assert theme.category_shape(-1) == "circle"


def test_the_last_row_of_the_category_table_is_for_no_value(tokens) -> None:
    table = theme.category_table(3)
    assert table.shape == (4, 4)
    assert tuple(table[-1][:3]) == theme.category_colour(-1).getRgb()[:3]


def test_the_sequential_scale_gets_lighter_all_the_way(tokens) -> None:
    table = theme.sequential_table()
    light = [_luminance("#{:02x}{:02x}{:02x}".format(*row[:3])) for row in table[::16]]
    assert light == sorted(light)


@pytest.mark.parametrize("name", icons.names())
def test_every_icon_draws_something(qapp, name: str) -> None:
    image = icons.pixmap(name, "#ff0000", 24).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 0 for x in range(24) for y in range(24))
    assert drawn > 10


def _strongest(drawn: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> str:
    image = drawn.pixmap(QSize(24, 24), 1.0, mode).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=lambda colour: colour.alpha()).name()


def test_an_icon_made_in_one_theme_is_drawn_in_the_colours_of_the_next(qapp) -> None:
    drawn = icons.icon("play")
    for choice in ("dark", "light"):
        theme.apply(qapp, choice)
        assert _strongest(drawn) == QColor(theme.tokens().text).name()
        assert _strongest(drawn, QIcon.Mode.Disabled) == QColor(theme.tokens().faint).name()


def test_an_icon_is_as_sharp_as_the_screen(qapp) -> None:
    drawn = icons.icon("search").pixmap(QSize(18, 18), 2.0)
    assert (drawn.width(), drawn.deviceIndependentSize().toSize()) == (36, QSize(18, 18))
