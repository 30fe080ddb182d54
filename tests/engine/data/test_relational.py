from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import BuildError, RoleError
from engine.core.events import Event, Progress
from engine.data.builders.relational import RelationalData, build_relational
from engine.data.issues import IssueLog
from engine.data.options import DataOptions, TableOptions
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.table import ColumnSpec, Table

NODES, EDGES, FEATURES = TableKind.NODES, TableKind.EDGES, TableKind.FEATURES
ROLES = {
    NODES: {"id": Role.NODE_ID},
    EDGES: {"source": Role.EDGE_SOURCE, "target": Role.EDGE_TARGET, "weight": Role.EDGE_WEIGHT},
    FEATURES: {"id": Role.NODE_ID, "feature": Role.FEATURE_NAME, "value": Role.FEATURE_VALUE},
}


def table(kind: TableKind, text: str, name: str = "") -> Table:
    """Make a table from lines of cells; `-` is an empty cell, the first line holds the names."""
    names, *rows = [line.split() for line in text.strip().splitlines()]
    cells = np.asarray([[None if cell == "-" else cell for cell in row] for row in rows], dtype=object)
    frame = pd.DataFrame(cells.reshape(len(rows), len(names)), columns=names, dtype=object)
    columns = {key: ColumnSpec(key, ColumnKind.TEXT, ROLES[kind].get(key, Role.FEATURE), "", 0, 0, ()) for key in names}
    path = Path(name or f"{kind.value}.csv")
    return Table(frame, path, kind, columns, np.arange(2, len(rows) + 2), TableOptions(path=str(path), kind=kind))


def build(*tables: Table, log: IssueLog | None = None, **options: object) -> RelationalData:
    stated = DataOptions(tables=tuple(one.form for one in tables), **options)  # type: ignore[arg-type]  # a table of options
    return build_relational(tables, stated, issues=log)


def edges_of(data: RelationalData) -> set[tuple[str, str]]:
    source, target = data.graph.edge_index()
    return {(data.node_ids[a], data.node_ids[b]) for a, b in zip(source, target, strict=True)}


PEOPLE = table(NODES, "id team\nanna red\nbob blue\ncarl -\ndora red")
TIES = table(EDGES, "source target\nanna bob\nbob carl")


def test_nodes_keep_the_order_of_their_table_and_their_text() -> None:
    data = build(TIES, table(NODES, "id team\n007 red\nNA blue\n9007199254740993 -\n1.0 red\nanna -\nbob x\ncarl y"))
    assert data.node_ids.tolist() == ["007", "NA", "9007199254740993", "1.0", "anna", "bob", "carl"]
    assert data.nodes["team"].tolist() == ["red", "blue", None, "red", None, "x", "y"]
    assert list(data.nodes) == ["team"]
    assert list(data.columns) == ["team"]
    assert data.lines.tolist() == [2, 3, 4, 5, 6, 7, 8]


def test_undirected_edges_are_stored_both_ways_and_directed_ones_once() -> None:
    both = {("anna", "bob"), ("bob", "anna"), ("bob", "carl"), ("carl", "bob")}
    assert edges_of(build(PEOPLE, TIES)) == both
    assert edges_of(build(PEOPLE, TIES, directed=True)) == {("anna", "bob"), ("bob", "carl")}


def test_a_graph_without_a_node_table_takes_its_nodes_as_they_appear() -> None:
    data = build(table(EDGES, "source target\nb a\nc b\na d"))
    assert data.node_ids.tolist() == ["b", "a", "c", "d"]
    assert data.nodes.shape == (4, 0)
    assert data.lines.tolist() == [-1] * 4
    assert data.join.sentences() == [
        "There is no table of nodes: 4 nodes come from the ends of edges.csv.",
        "The graph has 4 nodes and 3 edges.",
    ]


def test_edge_ends_without_a_node_row_are_added_behind_or_their_edges_dropped() -> None:
    ties = table(EDGES, "source target\nanna zoe\nanna bob\nyan zoe")
    log = IssueLog()
    added = build(PEOPLE, ties, log=log)
    assert added.node_ids.tolist() == ["anna", "bob", "carl", "dora", "zoe", "yan"]
    assert added.nodes["team"].tolist() == ["red", "blue", None, "red", None, None]
    assert added.lines.tolist() == [2, 3, 4, 5, -1, -1]
    assert (added.join.dangling, added.join.implicit_added, added.join.edges_dropped) == (2, 2, 0)
    assert added.join.dangling_edges == 2
    found = [(issue.code, issue.file, issue.line, issue.column, issue.value) for issue in log.issues[:2]]
    assert found == [
        ("data.dangling", "edges.csv", 2, "target", "zoe"),
        ("data.dangling", "edges.csv", 4, "source", "yan"),
    ]

    dropped = build(PEOPLE, ties, implicit_nodes="drop")
    assert dropped.node_ids.tolist() == ["anna", "bob", "carl", "dora"]
    assert edges_of(dropped) == {("anna", "bob"), ("bob", "anna")}
    assert (dropped.join.dangling, dropped.join.implicit_added, dropped.join.edges_dropped) == (2, 0, 2)


def test_the_report_counts_and_says_how_the_tables_fit() -> None:
    ties = table(EDGES, "source target\nanna bob\nanna bob\nbob anna\ncarl carl\nbob zoe")
    join = build(PEOPLE, ties).join
    assert join.sentences() == [
        "3 of 4 nodes in nodes.csv matched; 1 has no edges; "
        "1 edge end in edges.csv is not in nodes.csv (first: 'zoe') and was added as a node.",
        "The graph has 5 nodes and 2 edges.",
        "2 repeated edge rows were merged into one edge each, 1 of them read backwards.",
        "1 edge row from a node to itself was left out of the structure.",
        "2 nodes have no edge in the graph.",
    ]
    plain = join.to_plain()
    assert (plain["matched"], plain["without_edges_ids"], plain["self_loops"]) == (3, ["dora"], 1)
    assert plain["sentences"] == join.sentences()
    directed = build(PEOPLE, ties, directed=True).join
    assert (directed.duplicates, directed.reversed_duplicates, directed.num_edges) == (1, 0, 3)


def test_repeats_and_self_loops_are_counted_and_the_first_is_shown_with_its_lines() -> None:
    log = IssueLog()
    ties = table(EDGES, "source target\nx anna\nanna anna\nanna bob\nbob carl\nbob anna\nanna bob\nbob bob")
    build(PEOPLE, ties, log=log, implicit_nodes="drop")
    assert log.counts == {"data.dangling": 1, "data.duplicate_edges": 2, "data.self_loops": 2, "data.isolated": 1}
    places = {issue.code: (issue.file, issue.line, issue.value) for issue in log.issues}
    assert places["data.duplicate_edges"] == ("edges.csv", 6, "bob, anna")
    assert places["data.self_loops"] == ("edges.csv", 3, "anna, anna")
    assert "line 6 repeats line 4" in next(i.text for i in log.issues if i.code == "data.duplicate_edges")


def test_of_very_many_loose_ends_the_first_are_listed_and_the_rest_counted() -> None:
    log = IssueLog()
    rows = "".join(f"\nanna stranger{k}" for k in range(150))
    build(PEOPLE, table(EDGES, f"source target{rows}"), log=log)
    assert log.counts["data.dangling"] == 150
    listed = [issue for issue in log.issues if issue.code == "data.dangling"]
    assert len(listed) == 101
    assert listed[-1].text == "50 more edge ends are in no table of nodes."


def test_issues_past_the_cap_are_counted_and_not_kept() -> None:
    seen: list[Event] = []
    log = IssueLog(seen.append, cap=2)
    for line in range(5):
        log.add("data.row", "A row.", line=line)
    assert log.counts["data.row"] == 5
    assert [issue.line for issue in log.issues] == [0, 1]
    assert seen == log.issues


def test_weights_of_repeated_edges_are_added_up() -> None:
    data = build(table(EDGES, "source target weight\na b 1.5\nb a 2\nb c 1"))
    assert data.graph.weight is not None
    source, target = data.graph.edge_index()
    weight = {
        f"{data.node_ids[a]}{data.node_ids[b]}": w for a, b, w in zip(source, target, data.graph.weight, strict=True)
    }
    assert weight == {"ab": 3.5, "ba": 3.5, "bc": 1, "cb": 1}


def test_edges_without_an_end_or_with_a_bad_weight_are_left_out_with_their_line() -> None:
    log = IssueLog()
    data = build(table(EDGES, "source target weight\na b 1\n- b 1\na - 1\nb c x\nb d -1\nc a 0"), log=log)
    assert data.join.edges_read == 2
    assert [(issue.code, issue.line, issue.column, issue.value) for issue in log.issues[:4]] == [
        ("data.edge_end", 3, "source", None),
        ("data.edge_end", 4, "target", None),
        ("data.weight", 5, "weight", "x"),
        ("data.weight", 6, "weight", "-1"),
    ]


def test_a_table_without_weights_beside_one_with_them_counts_one_for_each_edge() -> None:
    first = table(EDGES, "source target weight\na b 3", "first.csv")
    second = table(EDGES, "source target\nb c", "second.csv")
    data = build(first, second)
    assert sorted(data.graph.weight.tolist()) == [1, 1, 3, 3]  # type: ignore[union-attr]  # it is weighted
    assert data.join.edge_files == ("first.csv", "second.csv")


def test_repeated_and_missing_ids_are_left_out_with_their_line() -> None:
    log = IssueLog()
    data = build(TIES, table(NODES, "id team\nanna red\n- blue\nanna green\nbob x\ncarl y"), log=log)
    assert data.node_ids.tolist() == ["anna", "bob", "carl"]
    assert data.nodes["team"].tolist() == ["red", "x", "y"]
    assert [(issue.code, issue.line, issue.value) for issue in log.issues] == [
        ("data.no_id", 3, None),
        ("data.duplicate_node", 4, "anna"),
    ]
    assert data.join.duplicate_nodes == 1
    assert "1 row of nodes.csv has an id that came before." in data.join.sentences()


def test_several_node_tables_are_joined_by_id() -> None:
    more = table(NODES, "id team age\nbob green 40\nzoe blue 30\ncarl - 50", "more.csv")
    log = IssueLog()
    data = build(PEOPLE, more, TIES, log=log)
    assert data.node_ids.tolist() == ["anna", "bob", "carl", "dora", "zoe"]
    assert data.nodes["team"].tolist() == ["red", "blue", None, "red", None]
    assert data.nodes["team (more.csv)"].tolist() == [None, "green", None, None, "blue"]
    assert data.nodes["age"].tolist() == [None, "40", "50", None, "30"]
    assert data.lines.tolist() == [2, 3, 4, 5, 3]
    assert log.counts["data.shared_ids"] == 1


def test_features_become_a_sparse_matrix_in_the_order_of_their_names() -> None:
    features = table(FEATURES, "id feature value\nbob 10 1\nanna 9 2.5\nanna word 1\nbob 9 -3")
    data = build(PEOPLE, TIES, features)
    assert data.feature_names == ["9", "10", "word"]
    assert data.features is not None
    assert data.features.dtype == np.float32
    np.testing.assert_array_equal(data.features.toarray()[:2], [[2.5, 0, 1], [-3, 1, 0]])
    assert data.features.shape == (4, 3)
    assert "2 nodes have no row in the feature table." in data.join.sentences()


def test_features_without_values_count_one() -> None:
    data = build(PEOPLE, TIES, table(FEATURES, "id feature\nanna a\nbob b"))
    assert data.features is not None
    assert data.features.sum() == 2


def test_feature_rows_that_cannot_be_used_become_issues() -> None:
    log = IssueLog()
    rows = "id feature value\nanna a 1\nanna a 5\n- a 1\nbob - 1\nbob b x\nnobody a 1"
    data = build(PEOPLE, TIES, table(FEATURES, rows), log=log)
    assert data.features is not None
    assert data.features.toarray()[0].tolist() == [1]
    assert log.counts == {
        "data.feature_row": 2,
        "data.feature_value": 1,
        "data.feature_unmatched": 1,
        "data.duplicate_feature": 1,
        "data.isolated": 1,
    }
    assert next((i.line, i.value) for i in log.issues if i.code == "data.isolated") == (5, "dora")
    assert "1 feature row of 3 names no node." in data.join.sentences()


def test_ids_that_look_alike_are_told() -> None:
    log = IssueLog()
    build(table(EDGES, "source target\nAnna bob\nanna bob\nＡnna carl"), log=log)
    assert log.counts["data.similar_ids"] == 2
    found = next(issue for issue in log.issues if issue.code == "data.similar_ids")
    assert "'Anna' and 'anna'" in found.text
    log = IssueLog()
    build(table(NODES, "id\n1.0\n2.0\n10"), table(EDGES, "source target\n1 2\n2 10\n010 100"), log=log)
    assert log.counts["data.similar_ids"] == 3


def test_no_edges_no_match_and_no_readable_row_are_errors_with_a_way_out() -> None:
    with pytest.raises(BuildError, match="None of the tables holds edges") as caught:
        build(PEOPLE)
    assert caught.value.hint
    with pytest.raises(BuildError, match="No id of nodes.csv") as caught:
        build(PEOPLE, table(EDGES, "source target\nx y"), implicit_nodes="drop")
    assert "'anna'" in caught.value.message
    with pytest.raises(BuildError, match="holds no edge that could be read"):
        build(PEOPLE, table(EDGES, "source target\nx -"))
    with pytest.raises(BuildError, match="no node that could be read"):
        build(table(NODES, "id\n-"), TIES, implicit_nodes="drop")


def test_a_table_without_the_columns_of_its_kind_is_refused_by_name() -> None:
    with pytest.raises(RoleError, match="edges.csv is a table of edges, but no column is marked as edge_target"):
        build(table(EDGES, "source other\na b"))
    twice = table(NODES, "id team\na b")
    doubled = {name: ColumnSpec(name, ColumnKind.ID, Role.NODE_ID, "", 0, 0, ()) for name in twice.columns}
    with pytest.raises(RoleError, match=r"2 columns are \(id, team\)"):
        build(twice.with_columns(NODES, doubled), TIES)


def test_building_tells_its_progress_and_can_be_cancelled() -> None:
    seen: list[Event] = []
    options = DataOptions(tables=(PEOPLE.form, TIES.form))
    build_relational([PEOPLE, TIES], options, sink=seen.append)
    assert seen[-1] == Progress(4, 4, "steps")
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        build_relational([PEOPLE, TIES], options, cancel=token)


def test_the_order_of_edge_rows_does_not_change_a_graph_with_a_node_table() -> None:
    forward, backward = build(PEOPLE, TIES), build(PEOPLE, table(EDGES, "source target\ncarl bob\nbob anna"))
    np.testing.assert_array_equal(forward.graph.indices, backward.graph.indices)
    np.testing.assert_array_equal(forward.graph.indptr, backward.graph.indptr)
