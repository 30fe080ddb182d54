import json
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import ReadError
from engine.data import check
from engine.data.check import check_files
from engine.data.options import DataOptions

NODES = "编号,名称\n1,北京大学\n2,上海交通大学\n3,复旦大学\n"
EDGES = "来源,目标\n1,2\n2,3\n3,4\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "nodes.csv").write_bytes(NODES.encode("gb18030"))
    (tmp_path / "edges.csv").write_text(EDGES, encoding="utf-8")
    return [tmp_path / "nodes.csv", tmp_path / "edges.csv"]


def data_of(report: dict[str, Any]) -> DataOptions:
    return DataOptions.model_validate(report["data"])


def test_the_report_is_plain_and_tells_all_about_each_table(files: list[Path]) -> None:
    report = check_files(files, encodings={"nodes.csv": "gb18030"})
    assert json.loads(json.dumps(report)) == report
    nodes, edges = report["tables"]
    assert (nodes["name"], nodes["kind"], nodes["encoding"], nodes["rows"]) == ("nodes.csv", "nodes", "gb18030", 3)
    assert (nodes["delimiter"], nodes["header"], nodes["rows_complete"], nodes["error"]) == (",", True, True, None)
    assert nodes["head"] == [["1", "北京大学"], ["2", "上海交通大学"], ["3", "复旦大学"]]
    assert nodes["head_lines"] == [2, 3, 4]
    assert [(c["name"], c["role"]) for c in edges["columns"]] == [("来源", "edge_source"), ("目标", "edge_target")]
    assert report["join"]["dangling"] == 1
    assert report["join"]["sentences"][0].startswith("3 of 3 nodes in nodes.csv matched")
    assert report["issue_counts"] == {"data.dangling": 1}
    assert report["issues"][0]["value"] == "4"


def test_an_uncertain_encoding_is_shown_in_the_likeliest_but_not_chosen(files: list[Path]) -> None:
    report = check_files(files)
    nodes = report["tables"][0]
    assert (nodes["encoding"], nodes["encoding_certain"]) == (None, False)
    assert nodes["encoding_candidates"][0]["name"] == "gb18030"
    assert "北京大学" in nodes["encoding_candidates"][0]["sample"]
    assert nodes["error"]["code"] == "data.encoding"
    assert nodes["head"][0] == ["1", "北京大学"]
    assert report["data"]["tables"][0]["encoding"] is None


def test_choosing_an_encoding_keeps_the_columns_only_while_their_names_stay(files: list[Path]) -> None:
    first = data_of(check_files(files))
    assert check_files([], options=first)["tables"][0]["encoding_certain"] is False
    chosen = check_files(files, options=first, encodings={"nodes.csv": "gb18030"})
    assert chosen["data"]["tables"][0]["encoding"] == "gb18030"
    assert list(chosen["data"]["tables"][0]["columns"]) == ["编号", "名称"]
    other = check_files(files, options=data_of(chosen), encodings={"nodes.csv": "big5"})
    assert other["data"]["tables"][0]["encoding"] == "big5"
    assert "编号" not in other["data"]["tables"][0]["columns"]


def test_edited_roles_are_kept_and_a_table_without_columns_is_looked_at_anew(files: list[Path]) -> None:
    plain = check_files(files, encodings={"": "gb18030"})["data"]
    plain["tables"][0]["columns"]["名称"]["role"] = "ignore"
    plain["tables"][1].update(kind="nodes", columns={})
    plain["directed"] = True
    report = check_files([], options=DataOptions.model_validate(plain))
    assert report["data"]["tables"][0]["columns"]["名称"]["role"] == "ignore"
    assert report["data"]["directed"] is True
    assert report["tables"][1]["kind"] == "nodes"
    assert report["join"] is None
    assert report["join_error"]["code"] == "data.build.no_edges"


def test_of_large_files_the_beginning_is_looked_at_and_the_join_is_left_open(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    files[1].write_text("a,b\n" + "".join(f"{k},{k + 1}\n" for k in range(300)))
    monkeypatch.setattr(check, "WHOLE_SIZE", 1000)
    monkeypatch.setattr(check, "_ROWS_OF_LARGE", 100)
    report = check_files(files, encodings={"nodes.csv": "gb18030"})
    edges = report["tables"][1]
    assert edges["rows_complete"] is False
    assert edges["rows"] == pytest.approx(300, rel=0.1)
    assert report["join_error"]["code"] == "data.preview_partial"


def test_a_graph_file_has_two_tables_and_no_encoding_to_choose(tmp_path: Path) -> None:
    import networkx as nx

    path = tmp_path / "g.gexf"
    nx.write_gexf(nx.path_graph(4), path)
    report = check_files([path])
    assert [(t["kind"], t["encoding"], t["encoding_certain"]) for t in report["tables"]] == [
        ("nodes", None, True),
        ("edges", None, True),
    ]
    assert report["join"]["num_edges"] == 3
    again = check_files([], options=data_of(report))
    assert again["join"] == report["join"]


def test_a_file_that_cannot_be_read_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"no file .*gone\.csv"):
        check_files([tmp_path / "gone.csv"])


def test_wide_tables_show_fewer_rows(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    header = ",".join(["id", *(f"w{k}" for k in range(1200))])
    path.write_text(header + "\n" + "".join(f"n{k}" + ",1" * 1200 + "\n" for k in range(60)))
    table = check_files([path])["tables"][0]
    assert len(table["head"]) == 16
    assert table["rows"] == 60


def test_an_encoding_for_all_files_leaves_those_that_say_their_own(files: list[Path]) -> None:
    nodes, edges = check_files(files, encodings={"": "gb18030"})["tables"]
    assert (nodes["encoding"], edges["encoding"]) == ("gb18030", "utf-8")
    assert [column["name"] for column in edges["columns"]] == ["来源", "目标"]
    with pytest.raises(ReadError, match="gb81030"):
        check_files(files[1:], encodings={"": "gb81030"})
