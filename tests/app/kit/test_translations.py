"""Translations say the same as the English: every value has its place, and the window has no gap."""

import json
import re
import string

import pytest

from app.kit import sayings
from app.kit.translate import LANGUAGES
from tests.support.messages import TRANSLATIONS, engine_strings, missing

OTHERS = [name for name in LANGUAGES if name != "en"]
_ACCESS_KEY = re.compile(r"&(?=\w)")


def texts(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((TRANSLATIONS / name).read_text(encoding="utf-8"))
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_value_of_a_sentence_has_its_place_in_the_translation(language: str) -> None:
    for english, other in texts(f"{language}.json").items():
        assert fields(english) == fields(other), english
        assert len(_ACCESS_KEY.findall(english)) == len(_ACCESS_KEY.findall(other)), english
        assert other.strip(), english


@pytest.mark.parametrize("language", OTHERS)
def test_the_window_says_everything_in_the_language(language: str) -> None:
    assert not missing(language)[f"{language}.json"], "python -m tests.support.messages LANGUAGE prints them"


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_engine_says_is_said_with_all_its_values(language: str) -> None:
    known = engine_strings()
    for english, other in texts(f"{language}.engine.json").items():
        assert english in known, f"nothing says this any more: {english}"
        count = english.count("{}")
        assert fields(other) <= {str(number) for number in range(count)}, english
        # An ending such as the s of a plural has no counterpart in every language.
        assert len(fields(other)) >= count - 1, english


def test_a_sentence_of_the_engine_is_shown_in_chinese() -> None:
    sayings.load("zh_CN", TRANSLATIONS)
    try:
        assert sayings.said("1,204 of 1,210 in people.csv matched") == "people.csv 中 1,210 的 1,204 匹配"
        assert sayings.said("the graph adds nothing beyond noise") == "图没有带来超出噪声的好处"
    finally:
        sayings.load("en", None)
