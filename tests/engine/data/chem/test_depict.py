"""Drawings of structures: sound SVG without anything active, legible colours, strengths that follow the scores."""

import re
from xml.etree import ElementTree

import pytest

from engine.core.errors import OptionError
from engine.data.chem.colours import DARK, LIGHT, Palette, colour_bar, hex_of
from engine.data.chem.depict import _LETTERS_ON_DARK, _LETTERS_ON_LIGHT, BondScore, Look, depict
from engine.jobs.depict import Depict
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def _contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the contrast ratio of WCAG 2.1."""

    def luminance(colour: tuple[float, float, float]) -> float:
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_a_drawing_is_sound_and_holds_nothing_active(dark: bool) -> None:
    text = depict(ASPIRIN, Look(200, 150, dark))
    assert text is not None
    root = ElementTree.fromstring(text)
    assert (root.get("width"), root.get("height")) == ("200px", "150px")
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "path", "ellipse", "rect"}
    assert text.isascii()
    assert "<rect" not in text, "the background is the page's"


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_lines_are_legible_on_every_strength(palette: Palette) -> None:
    for step in range(-10, 11):
        assert _contrast(palette.line, palette.of(step / 10)) >= 4.5


@pytest.mark.parametrize(("letters", "palette"), [(_LETTERS_ON_LIGHT, LIGHT), (_LETTERS_ON_DARK, DARK)])
def test_letters_are_legible_on_the_page(letters: dict, palette: Palette) -> None:
    for element, colour in letters.items():
        assert _contrast(colour, palette.background) >= 4.5, element


def test_colours_follow_the_scores() -> None:
    text = depict("CCO", atom_scores=[1.0, 0.0, -0.5], bond_scores=[BondScore((2, 1), 0.5)])
    assert text is not None
    colours = {found.lower() for found in re.findall(r"fill:(#[0-9A-Fa-f]{6})", text)}
    assert _near(LIGHT.of(1.0), colours)
    assert _near(LIGHT.of(-0.5), colours)
    assert _near(LIGHT.of(0.5), colours | {found.lower() for found in re.findall(r"stroke:(#[0-9A-Fa-f]{6})", text)})


def _near(colour: tuple[float, float, float], found: set[str]) -> bool:
    wanted = [int(hex_of(colour)[at : at + 2], 16) for at in (1, 3, 5)]
    return any(
        max(abs(int(one[at : at + 2], 16) - part) for at, part in zip((1, 3, 5), wanted, strict=True)) <= 1
        for one in found
    )


def test_where_there_is_room_a_bond_has_the_length_that_is_asked_for() -> None:
    lengths = {}
    for bond in (42.0, 90.0):
        text = depict("CC", Look(560, 400, bond=bond))
        assert text is not None
        (line,) = re.findall(r"class='bond-0[^']*' d='M ([\d.]+),([\d.]+) L ([\d.]+),([\d.]+)'", text)
        x, y, to_x, to_y = map(float, line)
        lengths[bond] = ((x - to_x) ** 2 + (y - to_y) ** 2) ** 0.5
    assert lengths == pytest.approx({42.0: 42.0, 90.0: 90.0}, abs=1)
    # Of a long chain none fits: it fills the drawing either way.
    chains = [depict("C" * 60, Look(560, 400, bond=bond)) for bond in lengths]
    places = [re.findall(r" d='([^']*)'", text or "") for text in chains]
    assert places[0] == places[1] != []


def test_scores_of_nothing_draw_the_plain_structure() -> None:
    assert depict("CCO", atom_scores=[0, 0, 0]) == depict("CCO")


def test_what_cannot_be_drawn_is_none() -> None:
    assert depict("C1CC") is None
    assert depict("C" * 301) is None
    assert depict("") is None


def test_a_job_draws_a_range_with_one_scale_for_all() -> None:
    job = {"smiles": ["CCO", "C1CC", "CCN"], "atoms": [[1, 0, 0], [], [0, 0, -4]], "dark": True}
    result = run_inline(JobSpec("depict", job)).result
    assert result is not None
    assert [cell is not None for cell in result["cells"]] == [True, False, True]
    assert result["bound"] == 4
    assert result["colours"] == colour_bar(True)
    assert hex_of(DARK.of(0.25)) in result["cells"][0].lower()


def test_scores_for_another_number_of_molecules_are_refused() -> None:
    with pytest.raises(OptionError, match="speaks of 1 molecules"):
        Depict().run(Depict.parse({"smiles": ["C", "CC"], "atoms": [[1]]}), None)  # type: ignore[arg-type]
