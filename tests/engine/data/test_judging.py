import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import judging
from engine.data.judging import INTEGER, MISSING, NUMBER, PADDED, judge
from engine.data.texts import Texts
from engine.data.values import plainest as plainest_of_one


@pytest.fixture(autouse=True)
def _compiled_code_for_few_texts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "LARGE", 0)


def test_numbers_are_told_from_words_for_not_known_and_from_codes() -> None:
    facts = judge(Texts.of(["12", "-3.50", "1e3", "007", "NA", " 4 ", "12.0", "1.5.2", "x", "", "+", "1e", "1e400"]))
    assert facts.are(NUMBER).tolist() == [True] * 4 + [False, True, True] + [False] * 5 + [True]
    np.testing.assert_array_equal(facts.numbers[:4], [12.0, -3.5, 1000.0, 7.0])
    assert np.isnan(facts.numbers[-1])
    assert facts.are(INTEGER).tolist() == [True, False, False, True, False, True, True] + [False] * 6
    assert facts.are(PADDED).tolist() == [False] * 3 + [True] + [False] * 9
    assert facts.are(MISSING).tolist() == [False] * 4 + [True] + [False] * 4 + [True] + [False] * 3


SIGNS = ["0", "1", "9", "00", "123456789", ".", ",", "-", "+", "e", "E"]
PIECES = [*SIGNS, " ", "\t", "\x1f", "N", "a", "na", "?", "/", "é", "\u00a0", "\uff11"]
NUMBERS = st.one_of(st.floats().map(repr), st.integers().map(str))
TEXT = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@settings(max_examples=400, deadline=None)
@given(texts=st.lists(st.one_of(TEXT, NUMBERS), max_size=12), decimal=st.sampled_from(".,"))
def test_compiled_code_sees_what_python_sees(texts: list[str], decimal: str) -> None:
    facts = judge(Texts.of(texts), decimal)
    assert facts.flags.tolist() == [judging._flags_of(text, decimal) for text in texts]
    for text, flag, number in zip(texts, facts.flags, facts.numbers, strict=True):
        expected = float(text.strip().replace(",", ".")) if flag & NUMBER else np.nan
        np.testing.assert_array_equal(number, expected if np.isfinite(expected) else np.nan)


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(TEXT, max_size=12))
def test_compiled_code_compares_ids_as_python_does(texts: list[str]) -> None:
    assert judging.plainest(Texts.of(texts)).to_list() == [plainest_of_one(text) for text in texts]
