from pathlib import Path

import numpy as np
import pytest

from engine.data import chunks
from engine.data.importers import delimited
from engine.data.options import ColumnOptions, DataOptions, TableOptions
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.room import Numbers, Room, gathered, room_in
from engine.graph import graph
from engine.project.opened import open_data


@pytest.mark.parametrize("expected", [0, 700, 9000, 1 << 60])
def test_numbers_come_back_from_the_disk_as_they_were_added(
    expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether more come than were expected, or fewer, or more are expected than there is memory for."""
    monkeypatch.setattr(Numbers, "_PIECE", 100)
    for room in (None, Room(1, tmp_path)):
        numbers = Numbers(room)
        for begin in range(0, 1000, 70):
            numbers.expect(expected if begin == 140 else 0)
            numbers.extend(70)[:] = np.arange(begin, begin + 70)
        np.testing.assert_array_equal(numbers.array(), np.arange(1050))
    assert len(list(tmp_path.iterdir())) == 1
    assert len(Numbers(Room(1, tmp_path)).array()) == 0


def test_room_is_removed_when_it_is_left(tmp_path: Path) -> None:
    with room_in(tmp_path / "new", 1000) as room:
        table = np.array([5, 7, 9], np.int32)
        assert gathered(table, np.array([2, 0], np.int32), room).tolist() == [9, 5]
        assert len(list(room.folder.iterdir())) == 1
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("weighted", [False, True])
def test_data_that_goes_through_the_disk_is_the_same_data(
    weighted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "COMPILED_FROM", 0)
    monkeypatch.setattr(delimited, "_LARGE_BYTES", 1000)
    monkeypatch.setattr(chunks, "CHUNK", 4096)
    monkeypatch.setattr(Numbers, "_PIECE", 500)
    rng = np.random.default_rng(0)
    ends = (rng.random((6000, 2)) ** 2 * 900).astype(int)
    edges = "".join(f'p{a},"p{b}",{a % 5 + 1}.5\n' for a, b in ends)
    (tmp_path / "edges.csv").write_text("from,to,much\n" + edges + "p1\n,p2,1\n", encoding="utf-8")
    (tmp_path / "nodes.csv").write_text("id,age\n" + "".join(f"p{k},{k}\n" for k in range(700)), encoding="utf-8")
    roles = {"from": Role.EDGE_SOURCE, "to": Role.EDGE_TARGET, "much": Role.EDGE_WEIGHT if weighted else Role.IGNORE}
    columns = {name: ColumnOptions(role=role, kind=ColumnKind.TEXT) for name, role in roles.items()}
    tables = (
        TableOptions(path="edges.csv", kind=TableKind.EDGES, columns=columns),
        TableOptions(path="nodes.csv", kind=TableKind.NODES, columns={"id": ColumnOptions(role=Role.NODE_ID)}),
    )
    options = DataOptions(tables=tables)
    whole = open_data(options, base=tmp_path)
    with room_in(tmp_path / "room", 100) as room:
        through = open_data(options, base=tmp_path, room=room)
        assert len(list(room.folder.iterdir())) > 3
        np.testing.assert_array_equal(through.data.graph.indptr, whole.data.graph.indptr)
        np.testing.assert_array_equal(through.data.graph.indices, whole.data.graph.indices)
        if weighted:
            np.testing.assert_array_equal(through.data.graph.weight, whole.data.graph.weight)
        assert through.data.node_ids.tolist() == whole.data.node_ids.tolist()
        assert through.data.join == whole.data.join
        assert through.issues.issues == whole.issues.issues
        assert through.data.graph.validate() is through.data.graph
