"""What is offered for one graph, for many, and for molecules."""

from types import SimpleNamespace

import pytest

from app.session.catalogue import suiting
from engine.learn.objectives import OBJECTIVES

ENTRIES = [OBJECTIVES.get(key).describe() for key in OBJECTIVES.keys()]  # noqa: SIM118 - a registry is no mapping


def _offered(**data: bool) -> tuple[set[str], set[str]]:
    found = suiting(ENTRIES, SimpleNamespace(**data))
    return {entry["key"] for entry in found}, {entry["key"] for entry in found if entry["recommended"]}


def test_objectives_for_many_graphs_are_not_offered_for_one() -> None:
    keys, best = _offered(is_collection=False, are_molecules=False)
    assert "dgi" in best
    assert not keys & {"infograph", "graphcl", "context", "descriptors", "supervised"}


def test_descriptors_are_offered_for_molecules_alone_and_recommended_there() -> None:
    keys, best = _offered(is_collection=True, are_molecules=True)
    assert best == {"descriptors", "attributes"}
    assert "dgi" in keys
    graphs, best = _offered(is_collection=True, are_molecules=False)
    assert graphs == keys - {"descriptors"}
    assert best == {"attributes"}


def test_before_data_are_there_everything_is_offered() -> None:
    assert len(suiting(ENTRIES, None)) == len(ENTRIES)


@pytest.mark.parametrize("kind", ["graph", "graphs", "molecules"])
def test_what_the_catalogue_says_suits_is_one_of_three(kind: str) -> None:
    assert all(set(entry["for_data"]) <= {"graph", "graphs", "molecules"} for entry in ENTRIES)
    assert any(kind in entry["for_data"] for entry in ENTRIES)
