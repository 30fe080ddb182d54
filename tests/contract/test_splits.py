"""Every way of splitting: parts never overlap, unknown targets are in none, and a seed always gives the same."""

import numpy as np
import pandas as pd
import pytest

from engine.data.builders.relational import JoinReport, RelationalData
from engine.data.roles import ColumnKind, Role
from engine.data.splits import SPLITTERS, Split
from engine.data.table import ColumnSpec
from engine.graph.graph import Graph

NODES = 240


def _data() -> RelationalData:
    """A ring of 240 nodes with a split column of all four words."""
    words = np.array(["train", "valid", "test", "unused"], dtype=object)[np.arange(NODES) % 4]
    # Chains of rings of different sizes: 60 scaffolds of 4 molecules each.
    rings = [f"{'C' * (i % 4)}C1{'C' * (2 + i // 4 % 15)}C1{'OCNC'[i // 60]}c1ccccc1" for i in range(NODES)]
    days = [f"2024-{1 + i % 12:02d}-{1 + i // 12:02d}" for i in range(NODES)]
    frame = pd.DataFrame({"part": words, "structure": rings, "day": days}, dtype=object)
    spec = ColumnSpec("part", ColumnKind.CATEGORY, Role.SPLIT, "", 0, 4, ())
    smiles = ColumnSpec("structure", ColumnKind.TEXT, Role.SMILES, "", 0, NODES, ())
    day = ColumnSpec("day", ColumnKind.DATE, Role.TIME, "", 0, NODES, ())
    ring = Graph.from_edges(np.arange(NODES), (np.arange(NODES) + 1) % NODES, NODES)
    ids = np.array([f"n{i}" for i in range(NODES)], dtype=object)
    return RelationalData(
        ring, ids, frame, {"part": spec, "structure": smiles, "day": day}, None, [], JoinReport(), np.arange(NODES) + 2
    )


def _target() -> np.ndarray:
    """Three classes; every fifth node is unknown."""
    codes = np.random.default_rng(1).integers(0, 3, NODES)
    codes[::5] = -1
    return codes


def _assign(key: str, seed: int = 0) -> list[Split]:
    kind = SPLITTERS.get(key)
    options = {"train": 5, "valid": 5} if key == "few" else {}
    return kind(kind.parse(options)).assign(_data().items, _target(), is_class=True, seed=seed)


@pytest.mark.parametrize("key", SPLITTERS.keys())
def test_no_node_is_in_two_parts_and_every_part_has_some(key: str) -> None:
    for split in _assign(key):
        assert (split.train.astype(int) + split.valid + split.test).max() == 1
        assert split.train.any()
        assert split.valid.any()
        assert split.test.any()


@pytest.mark.parametrize("key", SPLITTERS.keys())
def test_unknown_target_is_in_no_part(key: str) -> None:
    for split in _assign(key):
        assert not (split.train | split.valid | split.test)[_target() < 0].any()


@pytest.mark.parametrize("key", SPLITTERS.keys())
def test_every_class_has_a_train_node(key: str) -> None:
    for split in _assign(key):
        assert set(_target()[split.train]) == {0, 1, 2}


@pytest.mark.parametrize("key", SPLITTERS.keys())
def test_same_seed_gives_the_same_parts(key: str) -> None:
    for one, other in zip(_assign(key, 3), _assign(key, 3), strict=True):
        assert one.name == other.name
        assert (one.parts() == other.parts()).all()


@pytest.mark.parametrize("key", [key for key in SPLITTERS.keys() if key not in ("by_column", "by_time", "scaffold")])  # noqa: SIM118 - a registry
def test_another_seed_gives_other_parts(key: str) -> None:
    assert (_assign(key, 0)[0].parts() != _assign(key, 1)[0].parts()).any()


@pytest.mark.parametrize("key", SPLITTERS.keys())
def test_component_names_its_source(key: str) -> None:
    assert "Source:" in (SPLITTERS.get(key).__doc__ or "")
