"""Folds: each judges once, one always trains, and what chooses is taken from the others."""

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import OptionError, RoleError
from engine.core.events import Event, Notice
from engine.data.items import Items
from engine.data.roles import ColumnKind, Role
from engine.data.splits.kfold import KFold
from engine.data.table import ColumnSpec


def _items(folds: list[str | None]) -> Items:
    spec = ColumnSpec("fold", ColumnKind.CATEGORY, Role.FOLD, "", 0, 0, ())
    ids = np.array([str(k) for k in range(len(folds))], dtype=object)
    table = pd.DataFrame({"fold": np.array(folds, dtype=object)}, dtype=object)
    return Items("graph", ids, table, {"fold": spec}, np.arange(len(folds)) + 2)


def _kfold(**options: object) -> KFold:
    return KFold(KFold.parse(options))


def test_the_folds_of_a_column_judge_in_turn_and_fold_0_always_trains() -> None:
    folds = ["0"] * 4 + ["1", "2", "10"] * 8
    target = np.arange(28) % 2
    found = _kfold(column="fold", valid_part=0.25).assign(_items(folds), target, is_class=True, seed=0)
    assert [split.name for split in found] == ["fold-1", "fold-2", "fold-10"]
    for split in found:
        name = split.name.removeprefix("fold-")
        assert np.flatnonzero(split.test).tolist() == [k for k, fold in enumerate(folds) if fold == name]
        # 20 others, 10 of each class: a quarter of them chooses, half of it of each class.
        assert split.valid.sum() == 5
        assert not split.test[:4].any()
        assert (split.train | split.valid | split.test).all()


def test_drawn_folds_judge_every_item_once_with_classes_in_their_shares() -> None:
    target = np.repeat([0, 1], [30, 10])
    items = _items([None] * 40)
    found = _kfold(folds=5).assign(items, target, is_class=True, seed=3)
    assert sum(split.test.astype(int) for split in found).tolist() == [1] * 40  # type: ignore[union-attr]
    for split in found:
        assert np.bincount(target[split.test]).tolist() == [6, 2]
    again = _kfold(folds=5).assign(items, target, is_class=True, seed=3)
    assert all(
        (one.test == two.test).all() and (one.valid == two.valid).all() for one, two in zip(found, again, strict=True)
    )


def test_single_folds_can_be_asked_for_and_are_the_same_as_among_all() -> None:
    folds, target = ["0"] * 4 + ["1", "2", "10"] * 8, np.arange(28) % 2
    every = _kfold(column="fold").assign(_items(folds), target, is_class=True, seed=0)
    (one,) = _kfold(column="fold", only=("2",)).assign(_items(folds), target, is_class=True, seed=0)
    assert one.name == "fold-2"
    assert (one.valid == every[1].valid).all()
    with pytest.raises(OptionError, match='no fold "3"'):
        _kfold(column="fold", only=("3",)).assign(_items(folds), target, is_class=True, seed=0)


def test_items_without_a_fold_take_no_part_and_are_counted() -> None:
    folds: list[str | None] = ["1", "2", "3", None] * 6
    heard: list[Event] = []
    found = _kfold(column="fold").assign(_items(folds), np.arange(24.0), is_class=False, seed=0, sink=heard.append)
    for split in found:
        assert not (split.train | split.valid | split.test)[3::4].any()
    assert [event.details["count"] for event in heard if isinstance(event, Notice)] == [6]


def test_a_column_that_numbers_no_folds_is_refused() -> None:
    with pytest.raises(RoleError, match="names 1 folds"):
        _kfold(column="fold").assign(_items(["0", "1", "1", "0"]), np.arange(4.0), is_class=False, seed=0)
    with pytest.raises(RoleError, match="no column"):
        _kfold(column="part").assign(_items(["1", "2", "1", "2"]), np.arange(4.0), is_class=False, seed=0)


def test_seeds_share_the_choosing_part_of_a_columns_folds_and_draw_their_own_where_folds_are_drawn() -> None:
    items, target = _items(["1", "2"] * 12), np.arange(24) % 2

    def chosen(seed: int, **options: object) -> list[list[int]]:
        found = _kfold(**options).assign(items, target, is_class=True, seed=seed)
        return [np.flatnonzero(split.valid).tolist() for split in found]

    assert chosen(0, column="fold", valid_part=0.5) == chosen(1, column="fold", valid_part=0.5)
    assert chosen(0, folds=2, valid_part=0.5) != chosen(1, folds=2, valid_part=0.5)
