"""How figures are put together: intervals of paired differences, and the table of regimes."""

import pytest

from tests.golden.figures import interval, read_test, summary
from tests.golden.regimes import table


def test_the_interval_of_three_differences_is_that_of_a_table_of_students_t() -> None:
    # t at 97.5 % with two degrees of freedom is 4.303, the standard error of 1, 2, 3 is 1 / sqrt(3).
    assert interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5), abs=1e-3)
    lines = [{"seed": seed, "difference": value} for seed, value in enumerate((0.01, 0.02, 0.03))]
    assert summary(lines)["difference"] == "2.00 ± 1.00 over 3 lines, 95 % interval -0.48 to +4.48"


def test_seeds_together_are_read_where_they_predict() -> None:
    metrics = {
        "floors": {"majority": {"test": {"mean": 0.5}}},
        "all": {"test": {"accuracy": {"mean": 0.7}}, "valid": {"accuracy": {"mean": 0.75}}},
        "ensemble": {"used": True, "test": {"accuracy": 0.8}, "valid": {"accuracy": 0.85}},
    }
    assert read_test("accuracy")(metrics) == {"test": 0.8, "valid": 0.85, "floor_majority": 0.5}
    metrics["ensemble"]["used"] = False
    assert read_test("accuracy")(metrics)["test"] == 0.7


def test_the_table_of_regimes_marks_what_fires() -> None:
    signals = {"train_labels": 140, "classes": 7, "degree": 3.9, "alike": None}
    lines = [
        {"case": "one", "recipe": key, "fires": "few_labels", "valid": value, "signals": signals}
        for key, value in (("few_labels", 0.8), ("many_labels", 0.75))
    ]
    row = table(lines)[2]
    assert row.startswith("| one | 20 | – | 3.9 | **80.0** |  | 75.0 |")
