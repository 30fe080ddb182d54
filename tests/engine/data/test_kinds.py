from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.core.errors import RoleError
from engine.data.options import TableOptions
from engine.data.roles import ColumnKind, Role, TableKind
from engine.data.suggest import options_of, suggest_data, suggest_tables
from engine.data.table import Table

NODES, EDGES, FEATURES = TableKind.NODES, TableKind.EDGES, TableKind.FEATURES


def table(columns: dict[str, list[str | None]], name: str = "t.csv") -> Table:
    frame = pd.DataFrame({key: np.asarray(cells, dtype=object) for key, cells in columns.items()}, dtype=object)
    form = TableOptions(path=name, kind=NODES)
    return Table(frame, Path(name), NODES, {}, np.arange(2, len(frame) + 2), form)


def text(values: object) -> list[str]:
    return [str(value) for value in values]  # type: ignore[attr-defined]  # anything that can be walked through


def world(nodes: int = 60, edges: int = 200, width: int = 30, seed: int = 0) -> dict[TableKind, dict[str, list[str]]]:
    """A graph with all three tables and numbers everywhere: only how columns refer to each other tells them apart."""
    draw = np.random.default_rng(seed)
    ends = draw.integers(0, nodes, (edges, 2))
    owner = np.repeat(np.arange(nodes), 4)
    return {
        NODES: {"id": text(range(nodes)), "group": text(draw.integers(0, 3, nodes))},
        EDGES: {"source": text(ends[:, 0]), "target": text(ends[:, 1])},
        FEATURES: {
            "id": text(owner),
            "feature": text(draw.integers(0, width, len(owner))),
            "value": ["1"] * len(owner),
        },
    }


HEADERS = {
    "english": {NODES: ["id", "group"], EDGES: ["source", "target"], FEATURES: ["id", "feature", "value"]},
    "chinese": {NODES: ["甲", "乙"], EDGES: ["丙", "丁"], FEATURES: ["戊", "己", "庚"]},
    "none": {
        NODES: ["column 1", "column 2"],
        EDGES: ["column 1", "column 2"],
        FEATURES: [f"column {k}" for k in (1, 2, 3)],
    },
    "misleading": {NODES: ["a", "b"], EDGES: ["b", "a"], FEATURES: ["x", "y", "z"]},
}


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_three_tables_are_told_apart_whatever_their_headers(headers: str, order: tuple[int, ...]) -> None:
    made = world()
    kinds = [(NODES, EDGES, FEATURES)[place] for place in order]
    tables = [table(dict(zip(HEADERS[headers][kind], made[kind].values(), strict=True))) for kind in kinds]
    suggested = suggest_tables(tables)
    assert [one.kind for one in suggested] == kinds
    by_kind = {one.kind: [column.role for column in one.columns.values()] for one in suggested}
    assert by_kind[EDGES] == [Role.EDGE_SOURCE, Role.EDGE_TARGET]
    assert by_kind[FEATURES] == [Role.NODE_ID, Role.FEATURE_NAME, Role.FEATURE_VALUE]
    assert by_kind[NODES][0] is Role.NODE_ID


def test_a_feature_table_may_have_two_columns_and_words_for_features() -> None:
    made = world()
    words = [f"word{value}" for value in made[FEATURES]["feature"]]
    tables = [table(made[EDGES]), table(made[NODES]), table({"who": made[FEATURES]["id"], "what": words})]
    suggested = suggest_tables(tables)
    assert [one.kind for one in suggested] == [EDGES, NODES, FEATURES]
    assert [column.role for column in suggested[2].columns.values()] == [Role.NODE_ID, Role.FEATURE_NAME]


def test_weighted_edges_beside_nodes_are_not_features() -> None:
    made = world()
    weights = text(np.arange(200) % 7 + 1)
    tables = [table(made[NODES]), table({**made[EDGES], "strength": weights})]
    suggested = suggest_tables(tables)
    assert [one.kind for one in suggested] == [NODES, EDGES]
    assert suggested[1].with_role(Role.EDGE_WEIGHT) == ["strength"]


def test_one_table_alone_is_edges_where_its_columns_share_values() -> None:
    assert suggest_tables([table({"x": ["a", "b", "c", "a"], "y": ["b", "c", "a", "c"]})])[0].kind is EDGES
    assert suggest_tables([table({"x": ["a", "b", "c", "d"], "y": ["1", "2", "1", "2"]})])[0].kind is NODES


def test_two_columns_of_words_that_repeat_are_a_two_mode_graph() -> None:
    suggested = suggest_tables([table({"film": ["f", "f", "g", "h", "g"], "actor": ["x", "y", "x", "z", "z"]})])
    assert suggested[0].kind is EDGES


def test_the_id_is_the_column_that_edges_refer_to() -> None:
    nodes = {
        "page": text(range(100000, 100060)),
        "number": text(range(60)),
        "title": [f"page {k}" for k in range(60)],
    }
    suggested = suggest_tables([table(nodes), table(world()[EDGES])])
    roles = {name: column.role for name, column in suggested[0].columns.items()}
    assert roles == {"page": Role.IGNORE, "number": Role.NODE_ID, "title": Role.LABEL_TEXT}
    assert "refer" in suggested[0].columns["number"].reason


def test_source_and_target_may_stand_the_other_way_round() -> None:
    suggested = suggest_tables([table({"to": ["b", "c", "a"], "from": ["a", "b", "c"]})])
    assert suggested[0].with_role(Role.EDGE_SOURCE) == ["from"]
    assert suggested[0].with_role(Role.EDGE_TARGET) == ["to"]


def test_further_columns_of_edges_are_weight_time_type_split_or_ignored() -> None:
    made = world()[EDGES]
    rows = len(made["source"])
    edges = {
        "row": text(range(1, rows + 1)),
        **made,
        "weight": text(np.arange(rows) % 5 + 0.5),
        "when": [f"2020-01-{k % 28 + 1:02}" for k in range(rows)],
        "relation": ["knows" if k % 2 else "likes" for k in range(rows)],
        "part": ["train" if k % 2 else "test" for k in range(rows)],
        "Type": ["Undirected"] * rows,
        "same": ["7"] * rows,
        "change": text(np.arange(rows) % 9 - 4),
        "nothing": [None] * rows,
        "note": [f"seen {k}" for k in range(rows)],
    }
    suggested = suggest_tables([table(edges), table(world()[NODES])])[0]
    roles = {name: column.role for name, column in suggested.columns.items()}
    assert roles == {
        "row": Role.IGNORE,
        "source": Role.EDGE_SOURCE,
        "target": Role.EDGE_TARGET,
        "weight": Role.EDGE_WEIGHT,
        "when": Role.TIME,
        "relation": Role.EDGE_TYPE,
        "part": Role.SPLIT,
        "Type": Role.IGNORE,
        "same": Role.IGNORE,
        "change": Role.IGNORE,
        "nothing": Role.IGNORE,
        "note": Role.IGNORE,
    }
    assert "below 0" in suggested.columns["change"].reason
    assert all(column.reason.endswith(".") for column in suggested.columns.values())


@pytest.mark.parametrize(("word", "expected"), [("Directed", True), ("Undirected", False)])
def test_a_column_may_say_that_edges_are_directed(word: str, expected: bool) -> None:
    edges = {**world()[EDGES], "Type": [word] * 200}
    assert suggest_data([table(edges)]).directed is expected
    assert suggest_data([table(edges)], directed=not expected).directed is not expected


def test_a_stated_kind_is_kept_when_roles_are_suggested() -> None:
    nodes = table(world()[NODES])
    for kind in TableKind:
        assert suggest_tables([nodes], kinds=[kind])[0].kind is kind
    one = table({"only": ["a", "b"]})
    assert suggest_tables([one], kinds=[EDGES])[0].columns["only"].role is Role.EDGE_TARGET
    assert suggest_tables([one], kinds=[FEATURES])[0].columns["only"].role is Role.NODE_ID


def test_a_target_that_is_no_column_is_refused_with_the_columns_there_are() -> None:
    with pytest.raises(RoleError, match="salary") as caught:
        suggest_data([table(world()[NODES]), table(world()[EDGES])], "salary")
    assert "id, group" in caught.value.hint
    with pytest.raises(RoleError, match="salary") as caught:
        suggest_data([table(world()[EDGES])], "salary")
    assert "None of the files is a table of nodes" in caught.value.hint
    with pytest.raises(RoleError, match="names the nodes"):
        suggest_data([table(world()[NODES]), table(world()[EDGES])], "id")


def test_options_hold_kind_role_and_reading_of_every_column() -> None:
    suggested = suggest_tables([table(world()[NODES]), table(world()[EDGES])], "group")
    options = options_of(suggested)
    assert [form.kind for form in options.tables] == [NODES, EDGES]
    assert options.tables[0].columns["group"].role is Role.TARGET
    assert options.tables[0].columns["group"].kind is ColumnKind.CATEGORY
    assert suggest_data(suggested, "group") == options


def test_a_few_ids_with_letters_among_numbers_leave_the_column_an_end_of_edges() -> None:
    draw = np.random.default_rng(0)
    source, target = text(draw.integers(0, 200, 600)), text(draw.integers(0, 200, 600))
    for place in (3, 50, 400):
        source[place] = f"guest{place}"
    tables = [
        table({"person": text(range(200)), "team": text(draw.integers(0, 3, 200))}),
        table({"from": source, "to": target, "messages": text(draw.integers(1, 60, 600))}),
    ]
    nodes, edges = suggest_tables(tables)
    assert (nodes.kind, edges.kind) == (NODES, EDGES)
    assert edges.columns["from"].role is Role.EDGE_SOURCE
    assert edges.columns["messages"].role is Role.EDGE_WEIGHT
