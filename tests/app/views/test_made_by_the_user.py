"""Named selections, own columns, filters and style: undoable, kept as plain data, seen by everybody."""

import json

import numpy as np
import pytest

from app.session.filtering import Filter
from app.session.own_columns import OWN, name_problem, safe_name
from app.session.packed import pack_codes, pack_mask, unpack_codes, unpack_mask
from tests.support import pictures


@pytest.fixture
def session(given):
    given.dataset()
    return given.session


def plain(value: object) -> object:
    """Return what comes back from a project file."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("count", [0, 1, 8, 9, 1000])
def test_what_is_packed_comes_back(count: int) -> None:
    mask = np.random.default_rng(0).random(count) < 0.3
    codes = (np.arange(count) % 300 - 1).astype(np.int16)
    assert np.array_equal(unpack_mask(pack_mask(mask), count), mask)
    assert np.array_equal(unpack_codes(pack_codes(codes), count), codes)


@pytest.mark.parametrize("text", ["", "!", "AAAA", pack_mask(np.ones(5000, dtype=bool))])
def test_a_text_that_holds_no_array_of_that_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        unpack_mask(text, 9)


def test_a_named_selection_comes_back_and_its_making_can_be_undone(session) -> None:
    session.selection.select([1, 8])
    session.named.save("mine")
    session.selection.clear()
    session.named.recall("mine")
    assert session.selection.indices().tolist() == [1, 8]
    assert session.named.count("mine") == 2
    kept = plain(session.named.to_plain())
    for _ in range(3):
        session.undo_stack.undo()
    assert session.named.names() == []
    assert session.selection.indices().tolist() == [1, 8]
    session.named.restore(kept)
    assert session.named.mask("mine").nonzero()[0].tolist() == [1, 8]


def test_a_selection_becomes_a_column_to_colour_by_and_a_second_one_goes_into_it(session) -> None:
    mask = np.zeros(9, dtype=bool)
    mask[[0, 1]] = True
    session.own_columns.write("part", mask, "train")
    session.own_columns.write("part", ~mask, "test")
    one = session.facts.attributes.get(OWN + "part")
    assert list(one.values) == ["train"] * 2 + ["test"] * 7
    assert "part" in session.facts.attributes.names_in_queries()
    session.undo_stack.undo()
    assert list(session.facts.attributes.get(OWN + "part").values) == ["train"] * 2 + [None] * 7
    session.undo_stack.undo()
    assert session.facts.attributes.get(OWN + "part") is None


def test_the_others_get_a_value_of_their_own_when_a_column_is_new(session, tmp_path) -> None:
    mask = np.arange(9) == 8
    session.own_columns.write("odd", mask, "yes", "no")
    session.own_columns.to_file("odd", session.dataset.node_ids, tmp_path / "columns" / "odd.csv")
    lines = (tmp_path / "columns" / "odd.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["id,odd", *(f"{name},no" for name in pictures.IDS[:8]), "007,yes"]


def test_a_name_that_a_query_could_not_tell_apart_is_refused() -> None:
    assert name_problem(" ", []) != ""
    assert name_problem("Degree", ["degree"]) != ""
    assert name_problem("group 1", ["degree"]) == ""
    assert safe_name("a/b: c") == "a_b_ c"


def test_filters_stack_hide_everywhere_and_are_undone_one_by_one(session) -> None:
    hidden = session.selection
    session.filtering.set(Filter("degree", "Degree", low=2))
    # Node x has no edge; every other has two or three.
    assert hidden.hidden.nonzero()[0].tolist() == [8]
    session.filtering.set(Filter("column:team", "team", keep=("blue",)))
    assert (~hidden.hidden).nonzero()[0].tolist() == [4, 5, 6], "h has no team, so it does not pass"
    hidden.hide_others(np.arange(9) != 4)
    assert (~hidden.hidden).nonzero()[0].tolist() == [5, 6]
    kept = plain(session.filtering.to_plain())
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert hidden.hidden.nonzero()[0].tolist() == [8]
    session.filtering.restore(kept)
    assert (~hidden.hidden).nonzero()[0].tolist() == [4, 5, 6]
    session.selecting.show_all()
    assert not hidden.hidden.any()
    session.undo_stack.undo()
    assert (~hidden.hidden).nonzero()[0].tolist() == [4, 5, 6]


def test_a_filter_by_a_column_that_is_gone_leaves_nobody_out(session) -> None:
    session.own_columns.write("odd", np.arange(9) == 8, "yes")
    session.filtering.set(Filter(OWN + "odd", "odd", keep=("yes",)))
    assert session.selection.hidden.sum() == 8
    session.own_columns.remove("odd")
    assert not session.selection.hidden.any()
    assert [one.words() for one in session.filtering.filters] == ["odd: yes"]


def test_the_surroundings_of_a_node_reach_as_far_as_is_asked(session) -> None:
    session.selection.select([0])
    session.selecting.surroundings(1)
    assert (~session.selection.hidden).nonzero()[0].tolist() == [0, 1, 3]
    session.selecting.surroundings(2)
    assert (~session.selection.hidden).nonzero()[0].tolist() == [0, 1, 2, 3, 4]
    session.undo_stack.undo()
    assert (~session.selection.hidden).nonzero()[0].tolist() == [0, 1, 3]


def test_the_style_is_one_for_all_can_be_undone_and_is_kept(session) -> None:
    session.style.colour_by("degree")
    session.style.size_by("")
    kept = plain(session.style.to_plain())
    session.undo_stack.undo()
    assert session.style.look.size == "degree"
    session.undo_stack.undo()
    assert session.style.look.colour is None
    session.style.restore(kept)
    assert (session.style.look.colour, session.style.look.size) == ("degree", "")
