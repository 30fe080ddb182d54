"""The quick order of many values is NumPy's stable one."""

import numpy as np
import pytest

from app.models.ordering import order_of_floats, order_of_ranks

_DRAW = np.random.default_rng(0)
_COUNT = 5_000
_CASES = {
    "normal": _DRAW.normal(size=_COUNT),
    "with ties": _DRAW.normal(size=_COUNT).round(1),
    "whole": _DRAW.integers(0, 90, _COUNT).astype(float),
    # Seconds since 1970 that differ in the last bits.
    "alike": 1.7e9 + _DRAW.random(_COUNT) * 1e-3,
    # One far away takes all the room: what is near is told apart by its own values.
    "one far away": np.concatenate([_DRAW.random(_COUNT) * 1e-6, [1e300, -1e300]]),
    "missing": np.where(_DRAW.random(_COUNT) < 0.2, np.nan, _DRAW.normal(size=_COUNT)),
    "negative missing": np.where(_DRAW.random(_COUNT) < 0.2, -np.nan, _DRAW.normal(size=_COUNT)),
    "all missing": np.full(9, np.nan),
    "both zeros": np.where(_DRAW.random(_COUNT) < 0.5, -0.0, 0.0),
    "no bounds": np.where(_DRAW.random(_COUNT) < 0.1, -np.inf, np.where(_DRAW.random(_COUNT) < 0.1, np.inf, 1.0)),
    "below normal numbers": _DRAW.normal(size=_COUNT) * 1e-310,
    "one": np.ones(1),
    "none": np.zeros(0),
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", list(_CASES))
def test_floats_stand_as_a_stable_argsort_has_them(name: str, descending: bool) -> None:
    values = _CASES[name]
    before = values.copy()
    expected = np.argsort(-values if descending else values, kind="stable")
    assert np.array_equal(order_of_floats(values, descending), expected)
    assert np.array_equal(values, before, equal_nan=True)


def test_ranks_stand_in_order_and_equal_ones_as_they_came() -> None:
    ranks = _DRAW.integers(-5, 5, _COUNT)
    assert np.array_equal(order_of_ranks(ranks), np.argsort(ranks, kind="stable"))
