import pytest

from app.models.query_words import Column, complete

COLUMNS = {
    "predicted": Column("predicted", False, ("red", "dark blue")),
    "label": Column("label", False, ("red", "dark blue")),
    "confidence": Column("confidence", True),
    "home town": Column("home town", False, ("Rome",)),
}


@pytest.mark.parametrize(
    ("text", "start", "first"),
    [
        ("", 0, "predicted"),
        ("con", 0, "confidence"),
        ("ho", 0, "`home town`"),
        ("confidence ", 11, "=="),
        ("confidence <", 11, None),
        ("predicted != ", 13, "red"),
        ("predicted != la", 13, "label"),
        ("predicted == da", 13, '"dark blue"'),
        ("predicted != label ", 19, "and"),
        ("predicted != label and con", 23, "confidence"),
        ("(pre", 1, "predicted"),
        ("`home town` ", 12, "=="),
    ],
)
def test_what_can_come_next_is_offered(text: str, start: int, first: str | None) -> None:
    found = complete(text, COLUMNS)
    if first is not None:
        assert (found.start, found.words[0]) == (start, first)


def test_words_are_compared_by_what_words_can_be() -> None:
    assert "<" in complete("confidence ", COLUMNS).words
    assert "<" not in complete("predicted ", COLUMNS).words


def test_a_word_that_is_whole_is_offered_no_longer() -> None:
    assert complete("predicted", COLUMNS).words == ()
