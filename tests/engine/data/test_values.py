import numpy as np
import pytest

from engine.data.values import date_format, is_missing, is_number, to_booleans, to_dates, to_numbers


def column(*cells: str | None) -> np.ndarray:
    return np.asarray(cells, dtype=object)


def test_numbers_are_read_in_every_plain_notation() -> None:
    cells = column("1", "-2.5", "+3", ".5", "4.", "1e3", " 7 ", "007", None, "NA", "?", "x", "1e999")
    expected = [1, -2.5, 3, 0.5, 4, 1000, 7, 7] + [np.nan] * 5
    np.testing.assert_array_equal(to_numbers(cells), expected)


def test_a_decimal_comma_is_read_only_where_it_is_the_mark() -> None:
    cells = column("1,5", "1.5", "2")
    np.testing.assert_array_equal(to_numbers(cells, ","), [1.5, np.nan, 2])
    np.testing.assert_array_equal(to_numbers(cells, "."), [np.nan, 1.5, 2])


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "0x10", "١٢", "1,000", "", "1 2", "--1"])
def test_what_python_alone_would_read_is_no_number(text: str) -> None:
    assert not is_number(text)


def test_yes_and_no_are_read_in_several_languages() -> None:
    cells = column("True", "no", "JA", "假", "1", "0", "maybe", None)
    np.testing.assert_array_equal(to_booleans(cells), [1, 0, 1, 0, 1, 0, np.nan, np.nan])


def test_a_cell_that_says_nothing_is_missing() -> None:
    assert all(is_missing(cell) for cell in (None, "", "  ", "NA", "n/a", "-", " NULL "))
    assert not any(is_missing(cell) for cell in ("0", "no", "Nana"))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2020-01-31", "2021-12-01"], "%Y-%m-%d"),
        (["31.01.2020", "01.12.2021"], "%d.%m.%Y"),
        (["03/04/2020", "25/04/2020"], "%d/%m/%Y"),
        (["04/03/2020", "04/25/2020"], "%m/%d/%Y"),
        (["2020年1月31日"], "%Y年%m月%d日"),
        (["01-Jan-1995", "14-Feb-1996"], "%d-%b-%Y"),
        (["2020-01-31T10:20:30Z", "2020-02-01 11:00"], "%Y-%m-%d"),
        (["2020-01-31", "31.01.2020"], None),
        (["12345678"], None),
        (["2020-13-01"], None),
        (["soon"], None),
        ([], None),
    ],
)
def test_dates_have_one_notation_in_a_column(cells: list[str], expected: str | None) -> None:
    assert date_format(cells) == expected


def test_dates_are_read_in_the_notation_that_fits_most() -> None:
    days = to_dates(column("03/04/2020", "25/04/2020", "soon", None))
    assert [str(day)[:10] for day in days] == ["2020-04-03", "2020-04-25", "NaT", "NaT"]
