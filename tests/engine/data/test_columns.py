from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import columns, judging, profile
from engine.data.columns import Column, TextFrame, number, number_rows, places_in
from engine.data.issues import IssueLog
from engine.data.lines import Lines
from engine.data.reading import read_files
from engine.data.suggest import options_of
from engine.data.texts import Texts
from engine.project.opened import open_data

CELLS = st.lists(
    st.one_of(st.none(), st.sampled_from(["a", "b", "7", "x" * 20, "x" * 19 + "y", "é", "名前", ""])), max_size=20
)


@pytest.fixture(params=["python", "compiled"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "compiled":
        for module in (columns, judging, profile):
            monkeypatch.setattr(module, "LARGE", 0)


@settings(max_examples=60, deadline=None)
@given(cells=CELLS, data=st.data())
def test_a_column_gives_back_its_cells_whatever_is_taken_of_it(cells: list[str | None], data: st.DataObject) -> None:
    column = Column.of(cells)
    assert column.tolist() == cells
    assert column.to_arrow().to_pylist() == cells
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells))), dtype=bool)
    kept = [cell for cell, is_kept in zip(cells, keep, strict=True) if is_kept]
    taken = column.take(keep)
    assert taken.tolist() == kept
    # Texts stay in the order in which they first appear, and none is left that no cell holds.
    assert taken.values.to_list() == list(dict.fromkeys(cell for cell in kept if cell is not None))
    assert Column.join([column, taken]).tolist() == cells + kept
    assert column.padded(len(cells) + 2).tolist() == [*cells, None, None]


@pytest.mark.usefixtures("_both_ways")
def test_ids_are_numbered_row_by_row_behind_those_that_are_known() -> None:
    joined = number_rows(Texts.of(["k", "b"]), Column.of(["b", "x", "x"]), Column.of(["y", "b", "z" * 30]))
    assert joined.texts.to_list() == ["k", "b", "y", "x", "z" * 30]
    assert joined.left.tolist() == [1, 3]
    assert joined.right.tolist() == [2, 1, 4]


_IDS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "ä", "", "a text that fits into no key", "c"])))


@given(known=st.lists(st.sampled_from(["b", "c", "d"]), unique=True), left=_IDS, right=_IDS)
def test_many_ids_are_numbered_as_few_are(known: list[str], left: list[str | None], right: list[str | None]) -> None:
    rows = max(len(left), len(right))
    one, two = (Column.of(cells).padded(rows) for cells in (left, right))
    expected = list(known)
    for cell in (cell for row in zip(one, two, strict=True) for cell in row):
        if cell is not None and cell not in expected:
            expected.append(cell)
    for joined in (number_rows(Texts.of(known), one, two), columns._number_many(Texts.of(known), one, two)):
        assert joined.texts.to_list() == expected
        for codes, column in ((joined.left, one), (joined.right, two)):
            assert [expected[code] for code in codes] == column.values.to_list()


@pytest.mark.usefixtures("_both_ways")
def test_texts_of_several_lists_share_their_numbers() -> None:
    found = number([Texts.of(["a", "bb"]), Texts.of(["c", "bb"])])
    assert found.texts.to_list() == ["a", "bb", "c"]
    assert [codes.tolist() for codes in found.codes] == [[0, 1], [2, 1]]
    assert places_in(Texts.of(["c", "no", "a"]), found.texts).tolist() == [2, -1, 0]


def test_many_texts_that_differ_in_one_letter_stay_apart() -> None:
    texts = [f"{'same beginning ' * (k % 3)}{k}" for k in range(60_000)]
    assert number([Texts.of(texts)]).texts.to_list() == texts
    assert places_in(Texts.of(texts[::-1]), Texts.of(texts)).tolist() == list(range(59_999, -1, -1))


def test_lines_are_read_like_an_array() -> None:
    lines = Lines.of([2, 3, 4, 9, 10, -1, -1])
    assert lines.tolist() == [2, 3, 4, 9, 10, -1, -1]
    assert (lines[3], lines[-3]) == (9, 10)
    assert lines[1:4].tolist() == [3, 4, 9]
    assert lines.take(np.array([True, False, True, True, False, False, True])).tolist() == [2, 4, 9, -1]
    assert Lines.join([lines, Lines.of([5])]).tolist() == [2, 3, 4, 9, 10, -1, -1, 5]
    with pytest.raises(IndexError):
        lines[7]


def test_a_frame_of_texts_is_read_like_a_data_frame() -> None:
    frame = TextFrame({"a": Column.of(["x", None]), "b": Column.of(["1", "2"])})
    assert frame["a"].tolist() == ["x", None]
    assert (frame.shape, list(frame), "b" in frame, "c" in frame) == ((2, 2), ["a", "b"], True, False)
    assert frame.head(1).to_numpy().tolist() == [["x", "1"]]
    assert frame.with_column("b", Column.of(["3", "4"]))["b"].tolist() == ["3", "4"]
    assert frame.equals(TextFrame({"a": Column.of(["x", None]), "b": Column.of(["1", "2"])}))


def test_compiled_code_understands_tables_as_python_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    # Ids that differ in case only, ids that come twice, teams with blanks before them, an odd letter now and then.
    ids = [f"{'N' if k % 50 == 0 else 'n'}{k // 2 if k % 50 == 1 else k}" for k in range(600)]
    teams = [f" t{k % 4}{'?' if k % 90 == 7 else ''}" for k in range(600)]
    rows = [f"{ids[k]},{rng.normal():.3f},{k},{k % 3},{teams[k]}" for k in range(600)]
    (tmp_path / "nodes.csv").write_text("id,score,count,group,team\n" + "\n".join(rows) + "\n,1,1,1,1\nn3,x,2,2,2\n")
    ends = [f"n{a},n{b},{c}" for a, b, c in rng.integers(0, 640, (3000, 3))]
    (tmp_path / "edges.csv").write_text("from,to,weight\n" + "\n".join(ends) + "\n n5 ,n7,1\nn1,,2\nn1,n2,much\n")
    paths = [tmp_path / "nodes.csv", tmp_path / "edges.csv"]
    found = []
    for least in (columns.LARGE, 0):
        for module in (columns, judging, profile):
            monkeypatch.setattr(module, "LARGE", least)
        log = IssueLog()
        options = options_of(read_files(paths, issues=log))
        opened = open_data(options)
        data = opened.data
        found.append(
            (
                options,
                log.issues,
                opened.issues.issues,
                opened.issues.counts,
                data.join,
                data.node_ids.tolist(),
                data.graph.indices.tolist(),
                {name: data.nodes[name].tolist() for name in data.nodes.columns},
                data.columns,
            )
        )
    for left, right in zip(*found, strict=True):
        assert left == right
