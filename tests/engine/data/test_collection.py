"""Tables of graphs, nodes and edges as a collection, and how such tables are recognised."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import BuildError, MismatchError, RoleError
from engine.data.collection import CollectionData, pooled_features
from engine.data.dataset import build
from engine.data.issues import IssueLog
from engine.data.options import DataOptions
from engine.data.reading import read_files
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.schema import FeatureSchema
from engine.data.suggest import options_of
from engine.data.table import Table

GRAPHS = "name,target\nb,1\na,2\nempty,3\n"
NODES = "node,of,kind\n1,a,x\n2,b,y\n3,a,x\n4,b,z\n5,c,x\n6,,x\n"
EDGES = "from,to\n1,3\n4,2\n1,2\n5,5\n6,1\n"
ROLES = {
    "graphs.csv": (TableKind.GRAPHS, {"name": Role.GRAPH_ID, "target": Role.TARGET}),
    "nodes.csv": (TableKind.NODES, {"node": Role.NODE_ID, "of": Role.GRAPH_ID, "kind": Role.FEATURE}),
    "edges.csv": (TableKind.EDGES, {"from": Role.EDGE_SOURCE, "to": Role.EDGE_TARGET}),
}


def _tables(folder: Path, **texts: str) -> tuple[list[Table], DataOptions]:
    """Return the tables with roles by their column names, whatever would be suggested."""
    found = []
    for name, text in texts.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
    for table in read_files([folder / f"{name}.csv" for name in texts]):
        kind, roles = ROLES[table.path.name]
        columns = {name: replace(spec, role=roles[name]) for name, spec in table.columns.items()}
        found.append(table.with_columns(kind, columns))
    return found, options_of(found)


def _build(folder: Path, log: IssueLog | None = None, **texts: str) -> CollectionData:
    tables, options = _tables(folder, **{"graphs": GRAPHS, "nodes": NODES, "edges": EDGES, **texts})
    data = build(tables, options, issues=log)
    assert isinstance(data, CollectionData)
    return data


def test_graphs_come_in_the_order_of_their_table_and_those_without_a_row_behind(tmp_path: Path) -> None:
    data = _build(tmp_path)
    assert data.graph_ids.tolist() == ["b", "a", "empty", "c"]
    assert data.graph_ptr.tolist() == [0, 2, 4, 4, 5]
    assert data.union.node_ids.tolist() == ["2", "4", "1", "3", "5"]
    assert data.union.nodes["kind"].tolist() == ["y", "z", "x", "x", "x"]
    assert data.graphs["target"].tolist() == ["1", "2", "3", None]
    assert data.lines.tolist() == [2, 3, 4, -1]
    assert data.items.level == "graph"
    assert len(data.items) == 4


def test_edges_between_graphs_and_nodes_without_one_are_left_out_and_told(tmp_path: Path) -> None:
    log = IssueLog()
    data = _build(tmp_path, log)
    source, target = data.graph.edge_index()
    ids = data.union.node_ids
    pairs = {(ids[a], ids[b]) for a, b in zip(source, target, strict=True)}
    assert pairs == {("1", "3"), ("3", "1"), ("2", "4"), ("4", "2")}
    assert (data.join.crossing, data.join.homeless, data.join.added, data.join.empty) == (1, 1, 1, 1)
    assert (data.join.num_graphs, data.join.nodes.num_nodes, data.join.nodes.num_edges) == (4, 5, 2)
    assert log.counts["data.edge_between_graphs"] == 1
    assert log.counts["data.node_without_graph"] == 1
    assert log.counts["data.graph_without_row"] == 1
    assert data.join.sentences()[0] == "4 graphs in graphs.csv, of 0 to 2 nodes (median 1)."


def test_nodes_alone_may_name_the_graphs(tmp_path: Path) -> None:
    tables, options = _tables(tmp_path, nodes=NODES, edges=EDGES)
    data = build(tables, options)
    assert isinstance(data, CollectionData)
    assert data.graph_ids.tolist() == ["a", "b", "c"]
    assert data.items.names == []


def test_a_collection_needs_one_column_that_names_the_graph_of_a_node(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="No node says which graph"):
        _build(tmp_path, nodes="node,of,kind\n1,,x\n2,,y\n3,,x\n4,,y\n")
    tables, options = _tables(tmp_path, graphs=GRAPHS, nodes="node,kind\n1,x\n2,y\n", edges="from,to\n1,2\n")
    with pytest.raises(RoleError, match="no column is marked as graph_id"):
        build(tables, options)


def test_a_graph_without_its_edges_is_its_size_and_what_its_nodes_sum_to(tmp_path: Path) -> None:
    data = _build(tmp_path)
    x = np.array([[1, 0], [3, 1], [0, 2], [0, 0], [5, 5]], np.float32)
    found = pooled_features(data.graph, data.graph_ptr, x)
    # Graph b: two nodes, one edge, half an edge a node; sums 4 and 1, means 2 and 0.5.
    assert found[0] == pytest.approx([np.log(3), np.log(2), 0.5, 4, 1, 2, 0.5])
    assert found[2] == pytest.approx(np.zeros(7))
    assert found[3] == pytest.approx([np.log(2), 0, 0, 5, 5, 5, 5])
    assert pooled_features(data.graph, data.graph_ptr, None).shape == (4, 3)


def _suggested(folder: Path, target: str | None = None, **texts: str) -> dict[str, Table]:
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return {table.path.stem: table for table in read_files([folder / f"{name}.csv" for name in texts], None, target)}


def _rows(count: int, line: str) -> str:
    return "".join(line.format(k=k, of=k // 5, next=k + 1) for k in range(count))


def test_a_collection_is_recognised_by_its_content_whatever_the_names(tmp_path: Path) -> None:
    texts = {
        "one": "p,q\n" + "".join(f"{k},{k % 3 / 7}\n" for k in range(20)),
        "two": "r,s,t\n" + _rows(100, "{k},{of},9\n"),
        "three": "u,v\n" + "".join(f"{k},{k + 1}\n" for k in range(100) if k % 5 < 4),
    }
    found = _suggested(tmp_path, "q", **texts)
    assert {name: table.kind.value for name, table in found.items()} == {
        "one": "graphs",
        "two": "nodes",
        "three": "edges",
    }
    assert found["one"].with_role(Role.GRAPH_ID) == ["p"]
    assert found["one"].with_role(Role.TARGET) == ["q"]
    assert found["two"].with_role(Role.NODE_ID) == ["r"]
    assert found["two"].with_role(Role.GRAPH_ID) == ["s"]


def test_a_table_of_departments_is_no_table_of_graphs(tmp_path: Path) -> None:
    texts = {
        "departments": "department,budget\n" + "".join(f"{k},{k * 7.5}\n" for k in range(20)),
        "people": "id,department,age\n" + _rows(100, "{k},{of},{k}.5\n"),
        "mails": "from,to\n" + "".join(f"{k},{(k * 37) % 100}\n" for k in range(100)),
    }
    found = _suggested(tmp_path, **texts)
    assert found["departments"].kind is TableKind.NODES
    assert not found["people"].with_role(Role.GRAPH_ID)


def test_what_stands_beside_the_target_of_a_graph_is_no_feature(tmp_path: Path) -> None:
    texts = {
        "graphs": "g,label,mass,fold\n" + "".join(f"{k},{k % 2},{k * 1.5},{k % 4}\n" for k in range(60)),
        "nodes": "n,g,kind\n" + _rows(300, "{k},{of},x{k}\n"),
        "edges": "a,b\n" + "".join(f"{k},{k + 1}\n{k - k % 5},{k + 1}\n" for k in range(300) if k % 5 < 4),
    }
    found = _suggested(tmp_path, **texts)["graphs"]
    assert found.with_role(Role.TARGET) == ["label"]
    assert found.columns["mass"].role is Role.IGNORE
    assert "unless you choose it" in found.columns["mass"].reason
    assert found.with_role(Role.FOLD) == ["fold"]


def test_a_column_of_graphs_that_was_chosen_is_told_to_every_node(tmp_path: Path) -> None:
    texts = {"graphs": "name,target\nb,1\na,2\nempty,3\n", "nodes": NODES, "edges": EDGES}
    tables, options = _tables(tmp_path, **texts)
    chosen = {"target": replace(tables[0].columns["target"], role=Role.FEATURE, kind=ColumnKind.NUMBER)}
    tables[0] = tables[0].with_columns(TableKind.GRAPHS, {**tables[0].columns, **chosen})
    data = build(tables, options)
    schema = FeatureSchema.fit(data, options)
    assert schema.names[:3] == ["kind = x", "kind = y", "kind = z"]
    x = schema.transform(data)
    # Graphs b, a, empty and c have 1, 2, 3 and nothing: b's two nodes are told the same, a's two another.
    told = x[:, schema.names.index("target")]
    assert told[0] == told[1]
    assert told[2] == told[3]
    assert told[2] > told[0]
    assert FeatureSchema.from_plain(schema.to_plain()).to_plain() == schema.to_plain()
    tables[0] = tables[0].with_columns(TableKind.GRAPHS, {"name": tables[0].columns["name"]})
    with pytest.raises(MismatchError, match='"target"'):
        schema.transform(build(tables, options))
