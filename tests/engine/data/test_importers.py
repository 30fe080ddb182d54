import gzip
from pathlib import Path

import pytest

from engine.core.errors import ReadError, UnknownComponentError
from engine.data import graph_file
from engine.data.importers import IMPORTERS, importer_for
from engine.data.issues import IssueLog
from engine.data.options import TableOptions
from engine.data.roles import TableKind
from engine.data.table import Table

GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="node" attr.name="age" attr.type="double"><default>18.0</default></key>
  <key id="d1" for="node" attr.name="id" attr.type="string"/>
  <key id="d2" for="edge" attr.name="weight" attr.type="double"/>
  <key id="d3" for="node" attr.name="member" attr.type="boolean"/>
  <graph edgedefault="{direction}">
    <node id="007"><data key="d0">1.0</data><data key="d1">x</data><data key="d3">TRUE</data></node>
    <node id="NA"><data key="d0">9007199254740993</data></node>
    <node id="7"/>
    <edge source="007" target="NA"><data key="d2">2.50</data></edge>
    <edge source="007" target="NA"/>
    <edge source="NA" target="7"/>
  </graph>
</graphml>
"""
GEXF = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.2">
  <graph defaultedgetype="undirected">
    <attributes class="node"><attribute id="0" title="member" type="boolean"/></attributes>
    <nodes>
      <node id="1.0" label="Anna"><attvalues><attvalue for="0" value="true"/></attvalues>
        <viz:position x="1" y="2"/></node>
      <node id="2.0" label="Bob"/>
    </nodes>
    <edges><edge id="0" source="1.0" target="2.0" weight="3"/><edge id="1" source="2.0" target="2.0"/></edges>
  </graph>
</gexf>
"""


def read(path: Path, log: IssueLog | None = None, limit: int | None = None) -> list[Table]:
    return importer_for(path).read(path, issues=log if log is not None else IssueLog(), limit=limit)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_importer_follows_from_extension_then_from_content(tmp_path: Path) -> None:
    assert importer_for(write(tmp_path / "a.CSV", "a,b\n")).key == "delimited"
    assert importer_for(write(tmp_path / "a.csv.gz", gzip.compress(b"a,b\n"))).key == "delimited"
    assert importer_for(write(tmp_path / "a.graphml", GRAPHML)).key == "graphml"
    assert importer_for(write(tmp_path / "a.xml", GRAPHML)).key == "graphml"
    assert importer_for(write(tmp_path / "b.xml", GEXF)).key == "gexf"
    assert importer_for(write(tmp_path / "table", "a b\n1 2\n")).key == "delimited"
    assert importer_for(tmp_path / "a.xml", "delimited").key == "delimited"


def test_what_nothing_can_read_is_refused_with_what_could_be(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as caught:
        importer_for(write(tmp_path / "a.bin", bytes(range(256))))
    assert caught.value.code == "data.format"
    assert ".csv" in caught.value.hint
    with pytest.raises(UnknownComponentError, match="graphlm"):
        importer_for(write(tmp_path / "a.csv", "a"), "graphlm")


@pytest.mark.parametrize("kind", list(IMPORTERS), ids=lambda kind: kind.key)
def test_every_importer_names_itself_its_source_and_its_extensions(kind: type) -> None:
    entry = kind.describe()  # type: ignore[attr-defined]  # every component has it
    assert entry["label"]
    assert "Source:" in entry["doc"]
    assert kind.extensions  # type: ignore[attr-defined]  # every importer has it
    # An extension, or an end of the name that only this format has.
    assert all(extension.startswith((".", "_")) for extension in kind.extensions)  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize(("direction", "expected"), [("directed", True), ("undirected", False)])
def test_graphml_keeps_text_parallel_edges_and_direction(tmp_path: Path, direction: str, expected: bool) -> None:
    nodes, edges = read(write(tmp_path / "g.graphml", GRAPHML.replace("{direction}", direction)))
    assert (nodes.kind, edges.kind) == (TableKind.NODES, TableKind.EDGES)
    assert nodes.frame["id"].tolist() == ["007", "NA", "7"]
    assert nodes.frame["age"].tolist() == ["1.0", "9007199254740993", "18.0"]
    assert nodes.frame["id (attribute)"].tolist() == ["x", None, None]
    assert nodes.frame["member"].tolist() == ["TRUE", None, None]
    assert sorted(edges.frame[["source", "target"]].itertuples(index=False, name=None)) == [
        ("007", "NA"),
        ("007", "NA"),
        ("NA", "7"),
    ]
    assert sorted(edges.frame["weight"].tolist(), key=str) == ["2.50", None, None]
    assert edges.directed is expected
    assert nodes.lines.tolist() == [-1, -1, -1]


def test_gexf_keeps_ids_as_text_and_gives_every_edge_the_weight_the_format_does(tmp_path: Path) -> None:
    log = IssueLog()
    nodes, edges = read(write(tmp_path / "g.gexf", GEXF), log)
    assert nodes.frame["id"].tolist() == ["1.0", "2.0"]
    assert nodes.frame["label"].tolist() == ["Anna", "Bob"]
    assert nodes.frame["member"].tolist() == ["true", None]
    assert edges.frame["weight"].tolist() == ["3.0", "1.0"]
    assert [(issue.code, issue.column) for issue in log.issues] == [("data.graph_attribute", "viz")]


def test_a_packed_graph_file_is_read_and_a_limit_cuts_its_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "g.graphml.gz", gzip.compress(GRAPHML.replace("{direction}", "directed").encode()))
    nodes, edges = read(path, limit=2)
    assert (nodes.num_rows, edges.num_rows) == (2, 2)


def test_entities_are_refused_before_anything_is_expanded(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><graphml>&b;</graphml>'
    with pytest.raises(ReadError) as caught:
        read(write(tmp_path / "g.graphml", bomb))
    assert caught.value.code == "data.xml_entities"


@pytest.mark.parametrize("name", ["g.graphml", "g.gexf"])
def test_unsound_xml_and_strange_xml_are_told_apart(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(write(tmp_path / name, "<graphml>\n<node id='1'>\n"))
    assert caught.value.code == "data.xml"
    assert caught.value.details["line"] >= 2
    with pytest.raises(ReadError) as caught:
        read(write(tmp_path / name, "<recipe><flour/></recipe>"))
    assert caught.value.code == "data.graph_file"


def test_xml_in_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="encoding") as caught:
        read(write(tmp_path / "g.graphml", GRAPHML.replace("UTF-8", "UTF18")))
    assert caught.value.code == "data.xml"


def test_a_graph_file_over_the_limit_is_refused_with_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_file, "SIZE_LIMIT", 100)
    with pytest.raises(ReadError, match="limit for GraphML") as caught:
        read(write(tmp_path / "g.graphml", GRAPHML))
    assert caught.value.code == "data.too_large"
    assert "CSV" in caught.value.hint


def test_what_networkx_warns_of_becomes_an_issue(tmp_path: Path) -> None:
    log = IssueLog()
    text = GRAPHML.replace("{direction}", "directed").replace('<node id="7"/>', '<node id="7"><port name="n"/></node>')
    read(write(tmp_path / "g.graphml", text), log)
    assert log.counts["data.graph_file"] == 1


@pytest.mark.parametrize(
    ("text", "what"),
    [("<!DOCTYPE html><html/>", "web page"), ("<?xml version='1.0'?><a/>", "XML"), ('[{"a": 1}]', "JSON")],
)
def test_a_page_or_document_called_csv_is_called_what_it_is(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ReadError, match=what) as caught:
        read(write(tmp_path / "t.csv", text))
    assert caught.value.code == "data.not_a_table"


def test_an_uncertain_encoding_is_asked_for_and_then_used(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "编号,名称\n1,北京\n".encode("gb18030"))
    with pytest.raises(ReadError) as caught:
        read(path)
    assert caught.value.code == "data.encoding"
    form = TableOptions(path=str(path), kind=TableKind.NODES, encoding="gb18030")
    table = importer_for(path).read(path, form)[0]
    assert table.frame["名称"].tolist() == ["北京"]
    assert table.form.encoding == "gb18030"


def test_names_of_columns_come_from_the_header_or_are_made(tmp_path: Path) -> None:
    log = IssueLog()
    assert list(read(write(tmp_path / "a.csv", "1,2\n2,3\n"), log)[0].frame) == ["column 1", "column 2"]
    assert list(read(write(tmp_path / "b.txt", '"V1" "V2"\n"1" 15 1\n"2" 22 1\n'), log)[0].frame) == [
        "column 1",
        "V1",
        "V2",
    ]
    assert list(read(write(tmp_path / "c.csv", "id,name\n1,a,\n2,b,\n"), log)[0].frame) == ["id", "name", "column 3"]
    assert log.counts["data.no_header"] == 1
    assert log.counts["data.short_header"] == 2


def test_a_limit_beyond_the_first_megabyte_is_reached(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,text\n" + "".join(f"{k},{'x' * 90}\n" for k in range(30000)))
    assert read(path, limit=25000)[0].num_rows == 25000
    assert read(path, limit=10)[0].num_rows == 10


def test_how_a_table_was_read_can_be_stated_again(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "# note\nid;wert\n007;1,5\n")
    first = read(path)[0]
    assert (first.form.delimiter, first.form.comment, first.form.decimal, first.form.header) == (";", "#", ",", True)
    again = importer_for(path).read(path, first.form)[0]
    assert again.frame.equals(first.frame)
    assert again.form == first.form
