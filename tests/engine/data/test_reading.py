from pathlib import Path

import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import ReadError, RoleError
from engine.core.events import Event, Progress
from engine.data.issues import IssueLog
from engine.data.options import ColumnOptions, DataOptions
from engine.data.reading import read_files, read_tables
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.suggest import options_of

PEOPLE = "id,name,team,age,part\n" + "".join(
    f"p{k},Person {k},{'red' if k % 2 else 'blue'},{20 + k * 0.5},{('train', 'val', 'test')[k % 3]}\n"
    for k in range(30)
)
TIES = "from,to\n" + "".join(f"p{k},p{(k * 7 + 1) % 30}\n" for k in range(30))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "ties.csv").write_text(TIES)
    return [tmp_path / "people.csv", tmp_path / "ties.csv"]


def test_files_of_which_nothing_is_known_get_kinds_and_roles(files: list[Path]) -> None:
    people, ties = read_files(files)
    assert (people.kind, ties.kind) == (TableKind.NODES, TableKind.EDGES)
    roles = {name: column.role for name, column in people.columns.items()}
    assert roles == {
        "id": Role.NODE_ID,
        "name": Role.LABEL_TEXT,
        "team": Role.TARGET,
        "age": Role.FEATURE,
        "part": Role.SPLIT,
    }
    assert people.form.columns["team"].role is Role.TARGET


def test_a_recipe_reads_the_same_tables_again(files: list[Path]) -> None:
    suggested = read_files(files, target="team")
    options = options_of(suggested)
    again = read_tables(options, Path("/"))
    for left, right in zip(suggested, again, strict=True):
        assert left.frame.equals(right.frame)
        assert left.kind is right.kind
        assert {n: (c.role, c.kind) for n, c in left.columns.items()} == {
            n: (c.role, c.kind) for n, c in right.columns.items()
        }
        assert left.lines.tolist() == right.lines.tolist()
    assert options_of(again) == options


def test_paths_are_relative_to_the_base_and_progress_is_told(files: list[Path]) -> None:
    options = options_of(read_files(files))
    relative = options.model_copy(
        update={"tables": tuple(t.model_copy(update={"path": Path(t.path).name}) for t in options.tables)}
    )
    seen: list[Event] = []
    tables = read_tables(relative, files[0].parent, sink=seen.append)
    assert [table.path for table in tables] == files
    assert seen[-1] == Progress(2, 2, "tables")


def test_tables_without_stated_columns_have_them_suggested_in_their_kind(files: list[Path]) -> None:
    options = options_of(read_files(files))
    bare = options.model_copy(update={"tables": tuple(t.model_copy(update={"columns": {}}) for t in options.tables)})
    people, ties = read_tables(bare, Path("/"))
    assert people.columns["id"].role is Role.NODE_ID
    assert ties.columns["from"].role is Role.EDGE_SOURCE


def change(options: DataOptions, columns: dict[str, ColumnOptions]) -> DataOptions:
    first = options.tables[0].model_copy(update={"columns": columns})
    return options.model_copy(update={"tables": (first, *options.tables[1:])})


def test_columns_that_a_recipe_and_its_file_do_not_share_are_named(files: list[Path]) -> None:
    options = options_of(read_files(files))
    columns = {name: column for name, column in options.tables[0].columns.items() if name != "age"}
    log = IssueLog()
    people = read_tables(
        change(options, {**columns, "height": ColumnOptions(role=Role.FEATURE)}), Path("/"), issues=log
    )[0]
    assert people.columns["age"].role is Role.IGNORE
    assert [(issue.code, issue.column) for issue in log.issues] == [
        ("data.new_column", "age"),
        ("data.absent_column", "height"),
    ]
    with pytest.raises(RoleError, match="no column 'number'") as caught:
        read_tables(change(options, {"number": ColumnOptions(role=Role.NODE_ID)}), Path("/"))
    assert "id, name, team" in caught.value.hint


def test_stated_kinds_are_applied_and_bad_values_noted(files: list[Path]) -> None:
    options = options_of(read_files(files))
    columns = {**options.tables[0].columns, "team": ColumnOptions(role=Role.TARGET, kind=ColumnKind.NUMBER)}
    log = IssueLog()
    people = read_tables(change(options, columns), Path("/"), issues=log)[0]
    assert people.columns["team"].kind is ColumnKind.NUMBER
    assert log.counts["data.value"] == 30


def test_too_many_bad_rows_refuse_the_file(files: list[Path]) -> None:
    files[0].write_text(PEOPLE + "only one\n" * 5)
    log = IssueLog()
    options = options_of(read_files(files, issues=log))
    assert log.counts["data.row"] == 5
    with pytest.raises(ReadError, match="5 rows of people.csv cannot be read, more than the 4 allowed") as caught:
        read_tables(options.model_copy(update={"bad_rows_limit": 4}), Path("/"))
    assert "line 32" in caught.value.message
    assert caught.value.code == "data.too_many_bad_rows"


@pytest.mark.parametrize(("text", "words"), [("id,name\n", "no row below"), ("id,name\n1\n2\n3\n", "no row to read")])
def test_a_table_without_rows_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ReadError, match=words) as caught:
        read_files([path])
    assert caught.value.code == "data.no_rows"


def test_an_encoding_is_taken_by_path_by_name_or_for_all(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id,name\n1,Zoë\n2,Jörg\n".encode("cp1252"))
    for key in (str(path), "t.csv", ""):
        assert read_files([path], {key: "cp1252"})[0].frame["name"].tolist() == ["Zoë", "Jörg"]
    with pytest.raises(ReadError) as caught:
        read_files([path], {"other.csv": "cp1252"})
    assert caught.value.code == "data.encoding"


def test_reading_can_be_cancelled_and_limited(files: list[Path]) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        read_files(files, cancel=token)
    assert [table.num_rows for table in read_files(files, limit=3)] == [3, 3]


def test_a_graph_file_is_two_tables_of_a_recipe(tmp_path: Path) -> None:
    import networkx as nx

    path = tmp_path / "g.graphml"
    nx.write_graphml(nx.karate_club_graph(), path)
    suggested = read_files([path])
    assert [table.kind for table in suggested] == [TableKind.NODES, TableKind.EDGES]
    options = options_of(suggested)
    again = read_tables(options, Path("/"))
    assert [table.num_rows for table in again] == [34, 78]
    assert again[0].columns["club"].role is suggested[0].columns["club"].role


def test_large_files_are_told_in_megabytes_of_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.reading._LARGE", 1)
    monkeypatch.setattr("engine.data.chunks._TELL_EVERY", -1.0)
    paths = []
    for name in ("a.csv", "b.csv"):
        paths.append(tmp_path / name)
        paths[-1].write_text("from,to\n" + "".join(f"user {k},user {k * k % 999}\n" for k in range(300_000)))
    seen: list[Progress] = []
    read_files(paths, sink=lambda event: seen.append(event) if isinstance(event, Progress) else None)
    total = sum(path.stat().st_size for path in paths) >> 20
    assert {(event.unit, event.total) for event in seen[:-1]} == {("MB", total)}
    assert [event.done for event in seen[:-1]] == sorted(event.done for event in seen[:-1])
    assert seen[-1] == Progress(2, 2, "files")
