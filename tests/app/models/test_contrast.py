"""Effect sizes against hand calculation and SciPy."""

import numpy as np
import pytest
from scipy.stats.contingency import association

from app.models.contrast import differences, strength
from app.session.attributes import Attribute


def numbers(values: list[float]) -> Attribute:
    return Attribute("age", "Age", "number", np.array(values, dtype=np.float64))


def classes(values: list[str | None]) -> Attribute:
    names = tuple(sorted({value for value in values if value is not None}))
    return Attribute("team", "Team", "category", np.array(values, dtype=object), names)


def test_means_are_compared_in_standard_deviations() -> None:
    mask = np.array([True, True, True, False, False, False, True])
    # By hand: means 4 and 2, both sums of squares 2, so the pooled variance is (2 + 2) / (3 + 3 - 2) = 1.
    (found,) = differences([numbers([3, 4, 5, 1, 2, 3, np.nan])], mask)
    assert found.size == pytest.approx(2.0)
    # r = d / sqrt(d² + 1 / (p q)) with p = q = 1/2: 2 / sqrt(8).
    assert found.correlation == pytest.approx(2 / np.sqrt(8))
    assert found.sentence == "Age is higher: 4 on average, 2 elsewhere, 2.0 standard deviations."
    assert strength(found) == "large"


def test_shares_are_compared_by_cramers_v() -> None:
    values = ["a"] * 8 + ["b"] * 2 + ["a"] * 3 + ["b"] * 6 + [None]
    mask = np.arange(20) < 10
    (found,) = differences([classes(values)], mask)
    table = np.array([[8, 2], [3, 6]])
    assert found.size == pytest.approx(association(table, method="cramer"))
    assert found.sentence == "Team: a is 80 % here, 33 % elsewhere."


def test_the_most_different_column_comes_first_and_equal_ones_are_left_out() -> None:
    mask = np.arange(10) < 5
    one = numbers([1, 2, 1, 2, 1, 9, 8, 9, 8, 9])
    same = Attribute("b", "B", "number", np.tile([1.0, 2.0, 3.0, 2.0, 2.0], 2))
    other = classes(["a", "a", "a", "b", "b", "a", "b", "b", "b", "b"])
    assert [found.key for found in differences([other, same, one], mask)] == ["age", "team"]


def test_a_column_without_values_on_one_side_says_nothing() -> None:
    mask = np.arange(4) < 2
    assert differences([numbers([1, 2, np.nan, np.nan]), classes([None, None, "a", "b"])], mask) == []
