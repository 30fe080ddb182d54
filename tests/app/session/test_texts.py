"""Columns of text as Arrow holds them, against plain Python."""

import numpy as np
import pandas as pd
import pytest

from app.session.texts import Texts, chosen

CELLS = ["b", None, "", "a", "b", "中", " 7 "]


def test_cells_counts_and_codes_are_those_of_a_loop() -> None:
    texts = Texts(pd.Series(CELLS, dtype=object))
    assert list(texts.objects) == ["b", None, None, "a", "b", "中", " 7 "]
    assert texts.counts == {"b": 2, "a": 1, "中": 1, " 7 ": 1}
    assert texts.distinct == 4
    assert texts.codes(("a", "b")).tolist() == [1, -1, -1, 0, 1, -1, -1]
    assert texts.missing.tolist() == [False, True, True, False, False, False, False]
    assert texts[5] == "中"


@pytest.mark.parametrize("column", [[0.5, np.nan, 1.0], [7, 8, 9], [True, False, None], ["x", 3, None]])
def test_what_is_not_text_is_written_as_python_writes_it(column) -> None:
    series = pd.Series(column)
    plain = [None if pd.isna(cell) else str(cell) for cell in series]
    assert list(Texts(series).objects) == plain


def test_numbers_are_read_whether_or_not_all_cells_are_numbers() -> None:
    assert Texts(pd.Series(["1", " 2.5 ", None, "1e3", "nan"])).numbers.tolist()[:2] == [1.0, 2.5]
    assert np.isnan(Texts(pd.Series(["1", "x"])).numbers).tolist() == [False, True]


def test_names_stand_in_where_missing() -> None:
    named = Texts(pd.Series(["Ann", None, ""])).where_missing(Texts(np.array(["1", "2", "3"], dtype=object)))
    assert list(named.objects) == ["Ann", "2", "3"]


def test_codes_become_names_again() -> None:
    assert chosen(np.array([1, -1, 0], dtype=np.int32), ("a", "b")).tolist() == ["b", None, "a"]
