import os
from pathlib import Path

import numpy as np
import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.core.events import Event, Notice, silent
from engine.data.options import DataOptions
from engine.data.reading import ReadBefore, read_files
from engine.data.suggest import options_of
from engine.project import kept
from engine.project.opened import Opened, open_data


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataOptions:
    """Two small tables with blanks, repeats, weights and ids that no node row has; even such are kept here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "_LEAST_BYTES", 1)
    nodes = "id,group,size\na,x,1.5\nb,,2\nc,é,\nlonger than fifteen letters,x,4\n"
    (tmp_path / "nodes.csv").write_text(nodes, encoding="utf-8")
    edges = "from,to,weight\n" + "a,b,1\nb,a,2\n c,a,.5\nc,c,1\nz,a,3\nbroken\nlonger than fifteen letters,b,1\n" * 3
    (tmp_path / "edges.csv").write_text(edges, encoding="utf-8")
    return options_of(read_files([tmp_path / "nodes.csv", tmp_path / "edges.csv"], target="group"))


def notices(options: DataOptions) -> tuple[Opened, list[str]]:
    heard: list[Event] = []
    opened = open_data(options, sink=heard.append)
    return opened, [event.code for event in heard if isinstance(event, Notice)]


def check_same(left: Opened, right: Opened) -> None:
    for name in ("indptr", "indices", "weight"):
        np.testing.assert_array_equal(getattr(left.data.graph, name), getattr(right.data.graph, name))
    assert left.data.node_ids.tolist() == right.data.node_ids.tolist()
    assert left.data.nodes.columns == right.data.nodes.columns
    assert left.data.nodes.to_pandas().equals(right.data.nodes.to_pandas())
    assert left.data.columns == right.data.columns
    assert left.data.join == right.data.join
    assert np.asarray(left.data.lines).tolist() == np.asarray(right.data.lines).tolist()
    assert left.issues.issues == right.issues.issues
    assert left.issues.counts == right.issues.counts
    assert left.fingerprint == right.fingerprint
    assert left.id_name == right.id_name
    assert [(t.path, t.kind, t.columns, t.form) for t in left.tables] == [
        (t.path, t.kind, t.columns, t.form) for t in right.tables
    ]


def test_what_was_read_once_is_opened_with_the_same_answer(options: DataOptions) -> None:
    first, told = notices(options)
    assert "data.kept" not in told
    again, told = notices(options)
    assert "data.kept" in told
    assert first.issues.counts["data.row"] == 3
    check_same(first, again)


def test_features_of_a_table_of_their_own_come_back(options: DataOptions, tmp_path: Path) -> None:
    (tmp_path / "features.csv").write_text("id,feature,value\na,f1,1\nb,f10,2\na,f2,.5\n", encoding="utf-8")
    names = [tmp_path / name for name in ("nodes.csv", "edges.csv", "features.csv")]
    found = options_of(read_files(names, target="group"))
    first, (again, told) = open_data(found), notices(found)
    assert "data.kept" in told
    assert first.data.features is not None
    assert again.data.features is not None
    assert first.data.features.toarray().tolist() == again.data.features.toarray().tolist()
    assert first.data.feature_names == again.data.feature_names == ["f1", "f10", "f2"]


def test_a_changed_file_is_read_anew(options: DataOptions, tmp_path: Path) -> None:
    open_data(options)
    state = (tmp_path / "edges.csv").stat()
    content = (tmp_path / "edges.csv").read_bytes().replace(b"a,b,1", b"a,b,7", 1)
    (tmp_path / "edges.csv").write_bytes(content)
    os.utime(tmp_path / "edges.csv", ns=(state.st_atime_ns, state.st_mtime_ns))
    opened, told = notices(options)
    assert "data.kept" not in told
    assert opened.data.graph.weight is not None
    # a to b and back three times each: 3 * (1 + 2), one of the ones now 7.
    assert float(opened.data.graph.weight.max()) == 15.0


def test_other_roles_are_read_anew_and_other_features_are_not(options: DataOptions) -> None:
    open_data(options)
    assert "data.kept" in notices(options.model_copy(update={"text_width": 32}))[1]
    assert "data.kept" not in notices(options.model_copy(update={"directed": True}))[1]


@pytest.mark.parametrize("damage", ["short", "indices", "nothing"])
def test_a_damaged_file_is_removed_and_the_tables_are_read(options: DataOptions, damage: str, tmp_path: Path) -> None:
    first = open_data(options)
    (path,) = (tmp_path / "cache/kith/data").iterdir()
    content = path.read_bytes()
    if damage == "short":
        path.write_bytes(content[:-64])
    elif damage == "nothing":
        path.write_bytes(b"")
    else:
        place = content.index(first.data.graph.indices.tobytes())
        path.write_bytes(content[:place] + b"\x7f" * 4 + content[place + 4 :])
    again, told = notices(options)
    assert "data.kept" not in told
    check_same(first, again)
    assert "data.kept" in notices(options)[1]


def test_it_can_be_switched_off(options: DataOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KITH_CACHE_GB", "0")
    open_data(options)
    assert "data.kept" not in notices(options)[1]
    assert not (tmp_path / "cache/kith/data").exists()


def test_the_longest_unused_make_room(options: DataOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "cache/kith/data"
    open_data(options)
    (first,) = folder.iterdir()
    os.utime(first, (1, 1))
    monkeypatch.setenv("KITH_CACHE_GB", str(1.5 * first.stat().st_size / 2**30))
    open_data(options.model_copy(update={"directed": True}))
    (second,) = folder.iterdir()
    assert second != first


def test_what_is_larger_than_the_folder_may_be_is_not_kept(
    options: DataOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KITH_CACHE_GB", "1e-7")
    assert not open_data(options).is_kept
    assert not list((tmp_path / "cache/kith/data").iterdir())


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    options: DataOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build = kept.Kept.keep

    def late(self: kept.Kept, *given: object) -> bool:
        os.utime(tmp_path / "nodes.csv", (1, 1))
        return build(self, *given)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(kept.Kept, "keep", late)
    assert not open_data(options).is_kept


def test_cancelling_leaves_nothing(options: DataOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    token = CancelToken()
    build = kept.Kept.keep

    def late(self: kept.Kept, *given: object) -> bool:
        token.cancel()
        return build(self, *given)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(kept.Kept, "keep", late)
    with pytest.raises(Cancelled):
        open_data(options, cancel=token)
    assert not list((tmp_path / "cache/kith/data").iterdir())


def test_rows_that_were_just_read_are_joined_with_the_same_answer(
    options: DataOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KITH_CACHE_GB", "0")
    read = ReadBefore()
    paths = [tmp_path / "nodes.csv", tmp_path / "edges.csv"]
    assert options_of(read_files(paths, target="group", read=read)) == options
    whole = open_data(options)
    for path in paths:
        # Only a reader that does not open them again can answer.
        path.write_text(path.read_text(encoding="utf-8").replace("a,", "q,"), encoding="utf-8")
    again = open_data(options, read=read)
    assert again.data.node_ids.tolist() == whole.data.node_ids.tolist()
    assert again.issues.issues == whole.issues.issues
    assert again.issues.counts == whole.issues.counts


def test_what_was_understood_of_files_is_found_again_until_one_changes(options: DataOptions, tmp_path: Path) -> None:
    paths = [tmp_path / "nodes.csv", tmp_path / "edges.csv"]
    assert kept.KeptOptions(paths, "group", CancelToken()).find() is None
    kept.KeptOptions(paths, "group", CancelToken()).keep(options)
    assert kept.KeptOptions(paths, "group", CancelToken()).find() == options
    assert kept.KeptOptions(paths, "size", CancelToken()).find() is None
    (tmp_path / "data").mkdir()
    moved = [path.rename(tmp_path / "data" / path.name) for path in paths]
    found = kept.KeptOptions(moved, "group", CancelToken()).find()
    assert found is not None
    assert [table.path for table in found.tables] == [str(path) for path in moved]
    moved[0].write_text(moved[0].read_text(encoding="utf-8") + "d,x,9\n", encoding="utf-8")
    assert kept.KeptOptions(moved, "group", CancelToken()).find() is None


def test_suggesting_twice_reads_once(options: DataOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from engine.data import reading
    from engine.jobs import suggest
    from engine.jobs.spec import JobContext

    asked = suggest.Suggest.parse({"files": ["nodes.csv", "edges.csv"], "target": "group"}, where="suggest")
    context = JobContext(silent, CancelToken(), tmp_path)
    first = suggest._data_options(asked, context, ReadBefore())
    monkeypatch.setattr(reading, "read_files", None)
    assert suggest._data_options(asked, context, ReadBefore()) == first == options
