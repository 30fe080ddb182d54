"""Splits by scaffold, beside the parts that others made by the same rule."""

import csv

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import RoleError
from engine.core.events import Event
from engine.data.chem.asking import scaffolds
from engine.data.items import Items
from engine.data.roles import ColumnKind, Role
from engine.data.splits import SPLITTERS
from engine.data.splits._base import Split
from engine.data.splits.scaffold import parts_of_groups, scaffold_groups
from engine.data.table import ColumnSpec
from tests.support.data import data_file


def _items(smiles: list[str], role: Role = Role.SMILES) -> Items:
    spec = ColumnSpec("smiles", ColumnKind.TEXT, role, "", 0, len(smiles), ())
    table = pd.DataFrame({"smiles": smiles}, dtype=object)
    ids = np.array([str(row) for row in range(len(smiles))], dtype=object)
    return Items("graph", ids, table, {"smiles": spec}, np.arange(len(smiles)) + 2)


def _split(smiles: list[str], events: list[Event] | None = None) -> Split:
    kind = SPLITTERS.get("scaffold")
    sink = [].append if events is None else events.append
    target = np.arange(len(smiles)) % 2
    (found,) = kind(kind.parse({})).assign(_items(smiles), target, is_class=True, seed=0, sink=sink)
    return found


def test_scaffolds_are_rings_and_what_joins_them() -> None:
    # Ibuprofen is a substituted benzene; diphenylmethane keeps its bridge; hexane has none; caffeine is a purine.
    found = scaffolds(["CC(C)Cc1ccc(cc1)C(C)C(=O)O", "C(c1ccccc1)c1ccccc1", "CCCCCC", "C1CC", None], processes=0)
    assert found == ["c1ccccc1", "c1ccc(Cc2ccccc2)cc1", "", None, None]


def test_chirality_is_part_of_the_scaffold() -> None:
    cis, trans = "c1ccccc1[C@H]1CC[C@@H](c2ccncc2)C1", "c1ccccc1[C@H]1CC[C@H](c2ccncc2)C1"
    one, other = scaffolds([cis, trans], processes=0)
    assert one != other


def test_groups_go_from_the_largest_on_into_the_first_part_they_fit() -> None:
    # 6 + 2 + 1 + 1 of 10: the group of six trains, then that of two; the single ones choose and judge.
    groups = scaffold_groups(["a"] * 6 + ["b", "b", "c", "d"])
    assert [group.tolist() for group in groups] == [[0, 1, 2, 3, 4, 5], [6, 7], [9], [8]]
    parts = parts_of_groups(groups, 0.8, 0.1)
    assert {word: places.tolist() for word, places in parts.items()} == {
        "train": [0, 1, 2, 3, 4, 5, 6, 7],
        "valid": [9],
        "test": [8],
    }


@pytest.mark.parametrize("name", ["bbbp", "esol"])
def test_the_parts_are_those_that_were_published(name: str) -> None:
    with data_file(name, "molecules.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = _split([row["smiles"] for row in rows]).parts()
    assert found.tolist() == [row["split"].replace("val", "valid") for row in rows]


def test_the_notice_says_why_random_flatters() -> None:
    events: list[Event] = []
    _split([f"{'C' * (1 + row)}c1ccccc1" for row in range(8)] + ["C1CC1", "C1CCC1"], events)
    text = getattr(events[-1], "text", "")
    assert text.startswith("3 scaffolds, none of them in two parts.")
    # Of ten, the eight benzenes nearly always have a sibling in train, the two others never.
    assert "80% of the test molecules would share their scaffold" in text


def test_one_scaffold_for_all_is_refused_in_words() -> None:
    with pytest.raises(RoleError, match="largest of 1 scaffolds holds 10 of 10"):
        _split([f"{'C' * (1 + row)}c1ccccc1" for row in range(10)])


def test_without_structures_there_is_nothing_to_split_by() -> None:
    kind = SPLITTERS.get("scaffold")
    with pytest.raises(RoleError, match="No column has the role smiles"):
        kind(kind.parse({})).assign(_items(["CC"] * 10, Role.LABEL_TEXT), np.arange(10) % 2, is_class=True, seed=0)
