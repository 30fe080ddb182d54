"""Each kind of column by itself; expected values by hand, from scikit-learn and from the calendar."""

import math

import numpy as np
import pytest
import scipy.sparse as sp

from engine.core.events import Event, Notice
from engine.data.features._base import LeftOut, RawColumn
from engine.data.features.boolean import BooleanCoder
from engine.data.features.category import CategoryCoder
from engine.data.features.date import DateCoder
from engine.data.features.number import NumberCoder
from engine.data.features.text import TextCoder, words


def _raw(cells: list[str | None], events: list[Event] | None = None, decimal: str = ".") -> RawColumn:
    sink = (lambda event: None) if events is None else events.append
    return RawColumn("c", np.array(cells, dtype=object), decimal, np.arange(len(cells)) + 2, "f.csv", sink)


def _dense(block: object) -> np.ndarray:
    return block.toarray() if sp.issparse(block) else np.asarray(block)


def _named(coder: NumberCoder | DateCoder | CategoryCoder | BooleanCoder, raw: RawColumn) -> dict[str, np.ndarray]:
    assert not isinstance(coder, LeftOut)
    return dict(zip(coder.names, _dense(coder.transform(raw)).T, strict=True))


def test_numbers_are_scaled_as_scikit_learn_scales_them() -> None:
    from sklearn.preprocessing import StandardScaler

    values = np.random.default_rng(0).normal(5, 3, 50)
    raw = _raw([f"{value:.6f}" for value in values])
    coder = NumberCoder.fit(raw, standard=True, may_log=False)
    expected = StandardScaler().fit_transform(np.round(values, 6)[:, None])[:, 0]
    np.testing.assert_allclose(_named(coder, raw)["c"], expected, rtol=1e-5, atol=1e-6)


def test_decimal_comma_is_read_as_the_file_says() -> None:
    raw = _raw(["1,5", "2,5"], decimal=",")
    assert _named(NumberCoder.fit(raw, standard=True, may_log=False), raw)["c"].tolist() == [-1, 1]


def test_very_skewed_amounts_become_logarithms() -> None:
    raw = _raw([*["1"] * 50, *["2"] * 50, "1000000"])
    coder = NumberCoder.fit(raw, standard=True, may_log=True)
    column = _named(coder, raw)["log c"]
    # As they are, 1 and 2 lie 1e-5 deviations apart; as logarithms (log 3 - log 2) / 1.3 = 0.3.
    assert column[0] < column[50] - 0.2


def test_same_number_with_gaps_leaves_only_the_gaps() -> None:
    raw = _raw(["3", None, "3"])
    coder = NumberCoder.fit(raw, standard=True, may_log=True)
    assert {name: column.tolist() for name, column in _named(coder, raw).items()} == {"c is missing": [0, 1, 0]}


def test_gap_in_new_files_counts_as_the_mean_and_is_said() -> None:
    events: list[Event] = []
    coder = NumberCoder.fit(_raw(["1", "3"]), standard=True, may_log=True)
    assert not isinstance(coder, LeftOut)
    assert _dense(coder.transform(_raw(["5", None], events))).tolist() == [[3], [0]]
    assert [event.code for event in events if isinstance(event, Notice)] == ["feature.newly_missing"]


def test_yes_and_no_are_understood_and_gaps_have_their_column() -> None:
    raw = _raw(["yes", "no", None, "TRUE", "0"])
    named = _named(BooleanCoder.fit(raw), raw)
    assert named["c"].tolist() == [1, 0, 0, 1, 0]
    assert named["c is missing"].tolist() == [0, 0, 1, 0, 0]


def test_rare_values_share_a_column_and_ties_are_broken_by_name() -> None:
    raw = _raw(["b", "b", "b", "c", "c", "a", "a", "z"])
    coder = CategoryCoder.fit(raw, max_categories=2)
    named = _named(coder, raw)
    assert list(named) == ["c = b", "c = a", "c = other value"]
    assert named["c = other value"].tolist() == [0, 0, 0, 1, 1, 0, 0, 1]


def test_new_value_goes_to_other_if_there_is_one_and_to_no_column_if_not() -> None:
    with_other = CategoryCoder.fit(_raw(["a", "a", "b", "c", "c"]), max_categories=2)
    assert _named(with_other, _raw(["q"]))["c = other value"].tolist() == [1]
    events: list[Event] = []
    without = CategoryCoder.fit(_raw(["a", "a", "b"]), max_categories=5)
    assert not isinstance(without, LeftOut)
    assert _dense(without.transform(_raw(["q", "a"], events))).tolist() == [[0, 0], [1, 0]]
    assert '(first: "q")' in getattr(events[0], "text", "")


def test_many_categories_stay_sparse() -> None:
    raw = _raw([f"v{k % 90}" for k in range(270)])
    coder = CategoryCoder.fit(raw, max_categories=100)
    assert not isinstance(coder, LeftOut)
    assert sp.issparse(coder.transform(raw))


def test_spaces_around_a_value_do_not_make_it_another_one() -> None:
    coder = CategoryCoder.fit(_raw(["a ", " a", "b", "  "]), max_categories=5)
    assert coder.names == ["c = a", "c = b", "c is missing"]


def test_date_parts_follow_the_calendar() -> None:
    # 2024-01-01 was a Monday, 2024-07-04 a Thursday 185 days later, 2023-12-31 a Sunday.
    raw = _raw(["2024-01-01", "2024-07-04", "2023-12-31"])
    named = _named(DateCoder.fit(raw), raw)
    days = np.array([0, 185, -1])
    np.testing.assert_allclose(named["c day"], (days - days.mean()) / days.std(), rtol=1e-5)
    np.testing.assert_allclose(named["c weekday sin"], [math.sin(2 * math.pi * k / 7) for k in (0, 3, 6)], atol=1e-6)
    np.testing.assert_allclose(named["c month cos"], [math.cos(2 * math.pi * k / 12) for k in (0, 6, 11)], atol=1e-6)


def test_day_and_month_are_told_apart_by_the_other_dates_of_the_column() -> None:
    coder = DateCoder.fit(_raw(["03/04/2020", "25/04/2020", "01/05/2020"]))
    assert not isinstance(coder, LeftOut)
    assert coder.pattern == "%d/%m/%Y"
    # Kept for new files, where a single date would not tell.
    named = _named(coder, _raw(["03/04/2020"]))
    assert named["c month sin"][0] == pytest.approx(math.sin(2 * math.pi * 3 / 12))


def test_missing_date_counts_as_the_mean_and_has_a_column() -> None:
    raw = _raw(["2020-01-01", None, "2022-06-05"])
    named = _named(DateCoder.fit(raw), raw)
    assert named["c day"][1] == 0
    assert named["c is missing"].tolist() == [0, 1, 0]


def test_tf_idf_equals_scikit_learn_on_words_that_share_no_bucket() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = ["red apples and green apples", "green pears", "blue sea"]
    coder = TextCoder.fit(_raw(list(texts)), width=4096)
    assert not isinstance(coder, LeftOut)
    mine = _dense(coder.transform(_raw(list(texts))))
    reference = TfidfVectorizer(token_pattern=r"\w+", use_idf=True, smooth_idf=True, norm="l2")
    counts = reference.fit_transform(texts).toarray()
    assert (mine > 0).sum(axis=1).tolist() == (counts > 0).sum(axis=1).tolist()
    # Each word once: log(1 + 1) cancels in the norm, so the second and third rows are scikit-learn's.
    for row in (1, 2):
        np.testing.assert_allclose(np.sort(mine[row])[::-1][:2], np.sort(counts[row])[::-1][:2], rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(mine, axis=1), 1, rtol=1e-6)


def test_words_of_unspaced_scripts_are_pairs_of_characters() -> None:
    assert words("Graph图神经网络 ok") == ["graph", "图神", "神经", "经网", "网络", "ok"]
    assert words("я і ти") == ["я", "і", "ти"]


def test_bucket_of_a_word_is_its_crc32() -> None:
    # zlib.crc32(b"apples") = 1180872424 by the zip specification's polynomial.
    import binascii

    coder = TextCoder.fit(_raw(["apples", "pears"]), width=256)
    assert not isinstance(coder, LeftOut)
    row = _dense(coder.transform(_raw(["Apples"])))[0]
    assert np.flatnonzero(row).tolist() == [binascii.crc32(b"apples") % 256]


def test_answers_that_are_neither_yes_nor_no_are_issues_and_count_as_missing() -> None:
    events: list[Event] = []
    raw = _raw(["yes", "perhaps", "no"], events)
    named = _named(BooleanCoder.fit(raw), raw)
    assert named["c is missing"].tolist() == [0, 1, 0]
    assert '"perhaps" in column "c" is neither yes nor no' in getattr(events[0], "text", "")


def test_missing_answer_in_new_files_counts_as_no_and_is_said() -> None:
    events: list[Event] = []
    coder = BooleanCoder.fit(_raw(["yes", "no"]))
    assert not isinstance(coder, LeftOut)
    assert _dense(coder.transform(_raw(["yes", None], events))).tolist() == [[1], [0]]
    assert [getattr(event, "code", "") for event in events] == ["feature.newly_missing"]


def test_date_that_is_written_otherwise_is_an_issue_and_counts_as_the_mean() -> None:
    coder = DateCoder.fit(_raw(["2020-01-01", "2021-01-01"]))
    assert not isinstance(coder, LeftOut)
    events: list[Event] = []
    x = _dense(coder.transform(_raw(["2020-01-01", "soon"], events)))
    assert (x[1] == 0).all()
    assert [getattr(event, "code", "") for event in events] == ["feature.date", "feature.newly_missing"]


def test_column_without_any_date_is_left_out() -> None:
    assert DateCoder.fit(_raw(["soon", "later"])) == LeftOut("c", "feature.empty", "holds no date that can be read")


def test_only_the_first_of_many_unreadable_cells_are_listed_and_all_are_counted() -> None:
    events: list[Event] = []
    NumberCoder.fit(_raw([*["1", "2"], *["odd"] * 30], events), standard=True, may_log=False)
    assert len(events) == 21
    assert "30 cells" in getattr(events[-1], "text", "")
