import numpy as np

from app.models.histograms import histogram_of
from app.session.attributes import Attribute


def column(values: list[float]) -> Attribute:
    return Attribute("x", "x", "number", np.array(values, dtype=np.float64))


def test_few_whole_numbers_get_a_bin_each() -> None:
    found = histogram_of(column([1, 3, 3, np.nan, 2]))
    assert found.edges.tolist() == [1, 2, 3, 4]
    assert found.counts.tolist() == [1, 1, 2]
    assert found.bins.tolist() == [0, 2, 2, -1, 1]
    assert found.of(np.array([True, True, False, True, False])).tolist() == [1, 0, 1]
    assert found.members(1, 2).tolist() == [False, True, True, False, True]


def test_every_number_lies_within_the_edges_of_its_bin_and_none_is_lost() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    found = histogram_of(column(values.tolist()))
    assert found.counts.sum() == 1000
    inside = found.bins
    assert (found.edges[inside] <= values).all()
    assert ((values < found.edges[inside + 1]) | (values == values.max())).all()


def test_a_long_tail_gets_steps_that_grow_and_whole_numbers_are_not_cut() -> None:
    found = histogram_of(column([*range(1, 40), *[2] * 500, 5000]))
    assert found.is_log
    assert (np.diff(found.edges) > 0).all()
    assert np.equal(np.mod(found.edges, 1), 0).all()
    assert found.counts.sum() == 540


def test_a_column_of_one_number_has_one_bin_and_one_without_numbers_none() -> None:
    assert histogram_of(column([7, 7])).counts.tolist() == [2]
    assert histogram_of(column([np.nan])) is None


def test_the_largest_number_of_a_bin_is_below_its_right_edge() -> None:
    whole = histogram_of(column([1, 2, 3, 4]))
    assert [whole.largest(bin_) for bin_ in range(4)] == [1, 2, 3, 5]
    # 36 equal steps of 1: no number is far above the others.
    found = histogram_of(column([0.0, 18.5, 36.0]))
    assert 0.999 < found.largest(0) < 1.0
