"""Real files: what comes out is compared with the counts that came with them."""

import csv
from pathlib import Path

import pytest

from engine.data.builders.relational import RelationalData, build_relational
from engine.data.content import read_content
from engine.data.issues import IssueLog
from engine.data.reading import read_files
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.suggest import options_of
from engine.data.table import Table
from tests.support.data import data_file, data_folder

DIRTY = [
    "asoiaf-book1-edges.csv",
    "asoiaf-book1-nodes.csv",
    "lanl_routes.edgelist",
    "grey-edge.csv",
    "grey-atts.csv",
    "mirna_edges.csv",
]


def expected(folder: str, file: str) -> dict[str, str]:
    with data_file(folder, "expected.csv").open(newline="", encoding="utf-8") as text:
        return next(row for row in csv.DictReader(text) if row["file"] == file)


def read(folder: str, *files: str, target: str | None = None) -> tuple[list[Table], RelationalData, IssueLog]:
    log = IssueLog()
    tables = read_files([data_folder(folder) / file for file in files], target=target, issues=log)
    return tables, build_relational(tables, options_of(tables), issues=log), log


@pytest.mark.parametrize("file", DIRTY)
def test_untidy_tables_read_as_expected(file: str) -> None:
    row = expected("dirty_csv", file)
    log = IssueLog()
    table = read_files([data_file("dirty_csv", file)], issues=log)[0]
    assert table.frame.shape == (int(row["rows"]), int(row["cols"]))
    assert log.counts["data.row"] == 0
    if not row["source_col"]:
        assert table.kind is TableKind.NODES
        return
    assert table.kind is TableKind.EDGES
    assert table.with_role(Role.EDGE_SOURCE) == [row["source_col"]]
    assert table.with_role(Role.EDGE_TARGET) == [row["target_col"]]
    join = build_relational([table], options_of([table]), issues=log).join
    assert join.nodes_in_edges == int(row["distinct_nodes_in_edges"])
    assert join.duplicates == int(row["duplicate_edge_rows"])
    assert join.self_loops == int(row["self_loops"])
    assert log.counts["data.edge_end"] == int(row["rows_missing_an_end"])


@pytest.mark.parametrize("file", ["karate.graphml", "LesMiserables.gexf", "hartford_drug.edgelist"])
def test_graph_formats_give_the_counts_expected(file: str) -> None:
    row = expected("formats", file)
    _, data, _ = read("formats", file)
    assert data.graph.num_nodes == int(row["nodes"])
    assert data.join.edges_read == float(row["edges"])


def test_grey_edges_find_their_attributes_by_row_number() -> None:
    tables, data, _ = read("dirty_csv", "grey-edge.csv", "grey-atts.csv")
    assert tables[1].with_role(Role.NODE_ID) == ["column 1"]
    assert tables[1].with_role(Role.LABEL_TEXT) == ["name"]
    assert (data.join.matched, data.join.without_edges, data.join.dangling) == (44, 0, 0)


def test_karate_has_its_clubs_weights_and_split() -> None:
    tables, data, log = read("karate", "edges.csv", "nodes.csv")
    assert tables[1].with_role(Role.TARGET) == ["club"]
    assert tables[1].with_role(Role.SPLIT) == ["split"]
    assert (data.graph.num_nodes, data.join.num_edges) == (34, 78)
    assert data.graph.weight is not None
    assert not log.counts


def test_cora_reads_as_published() -> None:
    tables, data, _ = read("cora", "nodes.csv", "edges.csv", "features_sparse.csv.gz")
    assert [table.kind for table in tables] == [TableKind.NODES, TableKind.EDGES, TableKind.FEATURES]
    # Sen et al. (2008) and Yang et al. (2016): 2,708 papers, 5,278 links, 7 classes, 49,216 words set.
    assert (data.graph.num_nodes, data.join.num_edges) == (2708, 5278)
    assert data.features is not None
    assert (data.features.nnz, data.features.shape[0]) == (49216, 2708)
    assert data.columns["label"].distinct == 7
    assert data.columns["label"].role is Role.TARGET


def test_cora_as_it_was_published_repeats_edges_and_wide_features_equal_the_long_ones() -> None:
    _, data, log = read("cora", "edges_raw.csv.gz", "nodes_wide.csv.gz")
    assert data.join.edges_read == 10858
    assert data.join.num_edges == 5278
    assert data.join.duplicates == 10858 - 5278
    assert log.counts["data.duplicate_edges"] == 10858 - 5278
    _, long, _ = read("cora", "edges.csv", "nodes.csv", "features_sparse.csv.gz")
    assert long.features is not None
    dense = long.features[:, :100].toarray()
    for place, name in enumerate(long.feature_names[:100]):
        assert (dense[:, place].astype(bool) == (data.nodes[f"w{name}"] == "1").to_numpy()).all()


def test_facebook_pages_keeps_names_of_all_scripts_and_takes_the_id_that_edges_use() -> None:
    tables, data, log = read("facebook_pages", "edges.csv", "nodes.csv", "features_sparse.csv.gz")
    roles = {name: column.role for name, column in tables[1].columns.items()}
    assert roles == {
        "id": Role.NODE_ID,
        "facebook_id": Role.IGNORE,
        "page_name": Role.LABEL_TEXT,
        "page_type": Role.TARGET,
        "split": Role.SPLIT,
    }
    assert (data.graph.num_nodes, data.join.num_edges, data.join.self_loops) == (22470, 170823, 179)
    assert data.features is not None
    assert data.features.shape == (22470, 4714)
    assert data.nodes["page_name"][0] == "The Voice of China 中国好声音"
    assert log.counts["data.row"] == 0


def test_twitch_separates_ids_features_and_target() -> None:
    tables, data, _ = read("twitch_engb", "features_sparse.csv.gz", "nodes.csv", "edges.csv", target="mature")
    assert [table.kind for table in tables] == [TableKind.FEATURES, TableKind.NODES, TableKind.EDGES]
    columns = tables[1].columns
    assert (columns["twitch_id"].role, columns["twitch_id"].kind) == (Role.IGNORE, ColumnKind.ID)
    assert (columns["mature"].role, columns["mature"].kind) == (Role.TARGET, ColumnKind.BOOLEAN)
    assert (columns["views"].role, columns["views"].kind) == (Role.FEATURE, ColumnKind.NUMBER)
    assert data.features is not None
    assert data.features.shape[1] == 2545
    views = read_files([data_file("twitch_engb", "nodes.csv")], target="views")[0].columns["views"]
    assert views.kind is ColumnKind.NUMBER


def test_minesweeper_has_ten_splits() -> None:
    tables, data, _ = read("minesweeper", "edges.csv", "nodes.csv")
    assert tables[1].with_role(Role.SPLIT) == [f"split_{k}" for k in range(10)]
    assert (data.graph.num_nodes, data.join.num_edges) == (10000, 39402)


def test_lastfm_and_email_have_class_numbers_for_targets() -> None:
    tables, data, _ = read("lastfm_asia", "edges.csv", "nodes.csv")
    assert tables[1].columns["label"].kind is ColumnKind.CATEGORY
    assert data.columns["label"].distinct == 18
    tables, data, _ = read("email_eu_core", "edges.csv", "nodes.csv")
    assert tables[1].columns["department"].kind is ColumnKind.CATEGORY
    # SNAP: 25,571 arcs with 642 self-loops; 16,064 different pairs.
    assert (data.join.edges_read, data.join.self_loops, data.join.num_edges) == (25571, 642, 16064)


def test_edges_alone_keep_their_times_and_leave_negative_ratings_out() -> None:
    tables, data, _ = read("bitcoin_otc", "edges.csv")
    roles = {name: column.role for name, column in tables[0].columns.items()}
    assert (roles["rating"], roles["time"], roles["split"]) == (Role.IGNORE, Role.TIME, Role.SPLIT)
    assert data.graph.num_nodes == 5881
    tables, data, _ = read("sfhh_contacts", "edges.csv")
    assert tables[0].with_role(Role.TIME) == ["time"]
    assert (data.graph.num_nodes, data.join.edges_read) == (403, 70261)


def scramble(folder: Path, source: Path, name: str) -> Path:
    """Write a copy whose header tells nothing."""
    head, _, body = read_content(source).data.decode().partition("\n")
    path = folder / name
    path.write_text(",".join(f"列{k}" for k in range(head.count(",") + 1)) + "\n" + body, encoding="utf-8")
    return path


@pytest.mark.parametrize("folder", ["cora", "facebook_pages", "twitch_engb", "lastfm_asia", "karate"])
def test_real_tables_are_told_apart_when_names_tell_nothing(folder: str, tmp_path: Path) -> None:
    names = {"features_sparse.csv.gz": TableKind.FEATURES, "nodes.csv": TableKind.NODES, "edges.csv": TableKind.EDGES}
    present = {name: kind for name, kind in names.items() if (data_folder(folder) / name).exists()}
    files = [scramble(tmp_path, data_file(folder, name), f"{k}.csv") for k, name in enumerate(present)]
    assert [table.kind for table in read_files(files)] == list(present.values())
