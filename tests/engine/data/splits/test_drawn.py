"""The splits that are drawn: at random, and few labels a class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import OptionError, RoleError
from engine.core.events import Event
from engine.data.splits import SPLITTERS, Split
from engine.data.splits._base import share
from tests.contract.test_splits import _data

events: list[Event] = []


def _draw(key: str, target: np.ndarray, *, is_class: bool = True, **options: object) -> list[Split]:
    kind = SPLITTERS.get(key)
    return kind(kind.parse(options)).assign(_data().items, target, is_class=is_class, seed=0, sink=events.append)


def test_random_parts_have_the_sizes_that_were_asked_for() -> None:
    (split,) = _draw("random", np.repeat([0, 1, 2], [100, 50, 50]), train=0.5, valid=0.25, test=0.25)
    assert (split.train.sum(), split.valid.sum(), split.test.sum()) == (100, 50, 50)


def test_random_parts_hold_every_class_in_its_share() -> None:
    target = np.repeat([0, 1, 2], [100, 50, 50])
    (split,) = _draw("random", target, train=0.5, valid=0.25, test=0.25)
    assert np.bincount(target[split.train]).tolist() == [50, 25, 25]
    assert np.bincount(target[split.test]).tolist() == [25, 13, 12]  # 12.5 each, rounded up once and down once


def test_fractions_below_one_leave_nodes_in_no_part() -> None:
    (split,) = _draw("random", np.zeros(200, int), train=0.1, valid=0.1, test=0.1)
    assert (split.train | split.valid | split.test).sum() == 60


def test_numbers_are_drawn_without_classes() -> None:
    target = np.linspace(0, 1, 100)
    target[:20] = np.nan
    (split,) = _draw("random", target, is_class=False)
    assert (split.train.sum(), split.valid.sum(), split.test.sum()) == (48, 16, 16)
    assert not split.parts()[:20].any()


def test_class_of_one_goes_to_train_and_class_of_two_to_train_and_test() -> None:
    target = np.repeat([0, 1, 2], [1, 2, 97])
    (split,) = _draw("random", target)
    assert split.parts()[0] == "train"
    assert sorted(split.parts()[1:3]) == ["test", "train"]


def test_three_nodes_are_one_for_each_part() -> None:
    (split,) = _draw("random", np.zeros(3, int))
    assert sorted(split.parts()) == ["test", "train", "valid"]


def test_repeats_are_different_draws_with_names_of_their_own() -> None:
    splits = _draw("random", np.zeros(60, int), repeats=3)
    assert [split.name for split in splits] == ["random-1", "random-2", "random-3"]
    assert (splits[0].parts() != splits[1].parts()).any()


def test_fractions_above_one_are_refused_with_their_sum() -> None:
    with pytest.raises(OptionError, match=r"sum to 1\.1"):
        _draw("random", np.zeros(60, int), train=0.8, valid=0.2, test=0.1)


def test_two_known_targets_are_too_few() -> None:
    with pytest.raises(RoleError, match="Only 2 nodes have a known target"):
        _draw("random", np.array([0, 1, -1, -1]))


def test_few_takes_so_many_labels_of_each_class_and_judges_on_the_rest() -> None:
    target = np.repeat([0, 1], [100, 60])
    (split,) = _draw("few", target, train=20, valid=30)
    assert np.bincount(target[split.train]).tolist() == [20, 20]
    assert np.bincount(target[split.valid]).tolist() == [30, 30]
    assert np.bincount(target[split.test]).tolist() == [50, 10]


def test_small_class_gives_half_to_train_and_a_quarter_to_valid() -> None:
    events.clear()
    target = np.repeat([0, 1], [100, 8])
    (split,) = _draw("few", target, train=20, valid=30)
    members = split.parts()[target == 1].tolist()
    assert [members.count(part) for part in ("train", "valid", "test")] == [4, 2, 2]
    assert "1 classes have too few labelled nodes" in getattr(events[-1], "text", "")


def test_few_labels_of_a_number_are_refused() -> None:
    with pytest.raises(OptionError, match='the target is a number. Use "random"'):
        _draw("few", np.linspace(0, 1, 50), is_class=False)


def test_few_that_leaves_nobody_to_judge_is_refused() -> None:
    with pytest.raises(RoleError, match="none is left for valid"):
        _draw("few", np.array([0, 0, 1, 1]), train=1, valid=1)


@pytest.mark.parametrize("key", ["few", "random"])
def test_a_target_that_differs_in_every_row_is_refused_in_words(key: str) -> None:
    with pytest.raises(RoleError, match="5 different values in 5 labelled nodes: no value comes twice"):
        _draw(key, np.arange(5))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.floats(0.01, 0.99))
def test_shares_are_within_one_of_exact_for_each_class_and_for_all(sizes: list[int], fraction: float) -> None:
    taken = share(np.array(sizes), fraction)
    assert (np.abs(taken - np.array(sizes) * fraction) <= 1).all()
    assert abs(taken.sum() - sum(sizes) * fraction) <= 0.5 + 1e-9
