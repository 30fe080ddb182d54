"""The filter box."""

import numpy as np
import pytest

from app.models.query import QueryError, parse

NAMES = {
    "id": "id",
    "predicted": "predicted",
    "label": "label",
    "confidence": "confidence",
    "page type": "type",
    "page_type": "type",
    "age": "age",
}
COLUMNS = {
    "id": np.array(["007", "b", "Carol", "NA"], dtype=object),
    "predicted": np.array(["x", "y", "x", "y"], dtype=object),
    "label": np.array(["x", "x", None, "y"], dtype=object),
    "confidence": np.array([0.9, 0.4, 0.55, np.nan]),
    "type": np.array(["tv show", "company", "Company (old)", None], dtype=object),
    "age": np.array(["9", "10", "100", None], dtype=object),
}


def rows(text: str) -> list[int]:
    return np.flatnonzero(parse(text, NAMES).mask(COLUMNS, 4)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3]),
        ("carol", [2]),
        ("company", [1, 2]),
        ("Company (old)", [2]),
        ('"b"', [1]),
        ("predicted != label", [1]),
        ("predicted == label", [0, 3]),
        ("predicted = x", [0, 2]),
        ("predicted <> 'x'", [1, 3]),
        ("confidence < 0.6", [1, 2]),
        ("confidence >= .55", [0, 2]),
        ("0.6 > confidence", [1, 2]),
        ("predicted != label and confidence < 0.6", [1]),
        ("predicted == y or id == 007", [0, 1, 3]),
        ("not predicted == y", [0, 2]),
        ("not (predicted == y or confidence < 0.6)", [0]),
        ("(predicted == x) and (not confidence > 0.6)", [2]),
        ("`page type` == company", [1]),
        ('page_type contains "COMPANY"', [1, 2]),
        ("page_type contains pan", [1, 2]),
        ("PREDICTED == x AND Confidence > 0.5", [0, 2]),
        ("age > 9", [1, 2]),
        ("age == 10", [1]),
        ("id == 7", []),
        ("id == 'NA'", [3]),
        ("confidence > -1e0", [0, 1, 2]),
        ("label == None", []),
    ],
)
def test_the_filter_keeps_these_rows(text: str, expected: list[int]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("colour == red", "colour"),
        ("predicted ==", "end"),
        ("predicted == x and", "end"),
        ("(predicted == x", "bracket"),
        ("predicted == x)", ")"),
        ("predicted == x label == y", "label"),
        ("predicted == == x", "=="),
        ("`no such` == 1", "no such"),
        ("== 3", "=="),
        ("(" * 80 + "age > 1" + ")" * 80, "brackets"),
        ("not " * 80 + "age > 1", "brackets"),
    ],
)
def test_what_cannot_be_understood_is_told_and_never_guessed(text: str, part: str) -> None:
    with pytest.raises(QueryError, match=r".") as told:
        parse(text, NAMES)
    assert part in str(told.value)


@pytest.mark.parametrize(
    "text",
    ["__import__('os').system('true') == 1", "predicted.__class__ == 1", "exec('x') == 1", "@predicted == 1"],
)
def test_program_text_is_only_words_to_the_filter(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text, NAMES)


def test_a_column_after_contains_is_refused() -> None:
    with pytest.raises(QueryError, match="contains"):
        rows("id contains predicted")


def test_comparing_text_with_a_number_is_comparing_text() -> None:
    assert rows("id == 007") == [0]
    assert rows("predicted < 3") == []
