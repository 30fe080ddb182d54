import numpy as np
import pytest

from engine.data.node_columns import suggest_node_columns
from engine.data.profile import Profile
from engine.data.roles import ColumnKind, Role
from engine.data.table import ColumnSpec

ROWS = 40


def suggest(target: str | None = None, **columns: list[str | None]) -> dict[str, ColumnSpec]:
    cells = {"id": [f"n{k}" for k in range(ROWS)], **columns}
    profiles = {name: Profile(name, np.asarray(values, dtype=object)) for name, values in cells.items()}
    return suggest_node_columns(profiles, [], target)


def repeat(*values: str | None) -> list[str | None]:
    return [values[k % len(values)] for k in range(ROWS)]


@pytest.mark.parametrize(
    ("cells", "role", "kind"),
    [
        (repeat("train", "val", "test"), Role.SPLIT, ColumnKind.CATEGORY),
        (repeat("Train", "Valid", "TEST", None), Role.SPLIT, ColumnKind.CATEGORY),
        (repeat("train", "dev", "unused"), Role.SPLIT, ColumnKind.CATEGORY),
        (repeat("训练", "验证", "测试"), Role.SPLIT, ColumnKind.CATEGORY),
        (repeat("train", "bus", "test"), Role.FEATURE, ColumnKind.CATEGORY),
        ([str(900000 + 7 * k) for k in range(ROWS)], Role.IGNORE, ColumnKind.ID),
        ([str(k) for k in range(1, ROWS + 1)], Role.IGNORE, ColumnKind.ID),
        ([f"{k:05}" for k in range(3, ROWS + 3)], Role.IGNORE, ColumnKind.ID),
        ([f"Person {k}" for k in range(ROWS)], Role.LABEL_TEXT, ColumnKind.TEXT),
        ([str(k * 1.37) for k in range(ROWS)], Role.FEATURE, ColumnKind.NUMBER),
        (repeat(*[str(k) for k in range(30, 60)]), Role.FEATURE, ColumnKind.NUMBER),
        (repeat("1", "2", "3"), Role.FEATURE, ColumnKind.CATEGORY),
        (repeat("-1", "2", "3"), Role.FEATURE, ColumnKind.NUMBER),
        (repeat("0", "1"), Role.FEATURE, ColumnKind.BOOLEAN),
        (repeat("yes", "no", None), Role.FEATURE, ColumnKind.BOOLEAN),
        (repeat("no"), Role.FEATURE, ColumnKind.CATEGORY),
        (repeat("red", "green"), Role.FEATURE, ColumnKind.CATEGORY),
        (repeat("2020-01-01", "2021-05-06"), Role.FEATURE, ColumnKind.DATE),
        (
            [*(f"2020-01-{k:02}" for k in range(1, 29)), "soon", "2020-13-40", *["NA"] * 10],
            Role.FEATURE,
            ColumnKind.DATE,
        ),
        (repeat("10.0.0.1", "10.0.0.2"), Role.FEATURE, ColumnKind.CATEGORY),
        ([f"a longer text with many words, number {k}" for k in range(ROWS)], Role.FEATURE, ColumnKind.TEXT),
        (repeat(*[f"word {k} and three more words" for k in range(21)]), Role.FEATURE, ColumnKind.TEXT),
        (repeat(None), Role.IGNORE, ColumnKind.TEXT),
    ],
)
def test_role_and_kind_follow_from_the_content(cells: list[str | None], role: Role, kind: ColumnKind) -> None:
    column = suggest(thing=cells)["thing"]
    assert (column.role, column.kind) == (role, kind)
    assert column.reason.endswith(".")


def test_counts_and_examples_are_those_of_the_cells() -> None:
    column = suggest(thing=repeat("red", "green", None, "red"))["thing"]
    assert (column.missing, column.distinct, column.examples) == (10, 2, ("red", "green"))


def test_a_few_faults_leave_a_column_of_numbers_one() -> None:
    numbers: list[str | None] = [str(k * 1.5) for k in range(ROWS)]
    numbers[3] = "about 7"
    column = suggest(thing=numbers)["thing"]
    assert column.kind is ColumnKind.NUMBER
    assert "2.5%" in column.reason


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (repeat(*[str(k) for k in range(18)]), ColumnKind.NUMBER),
        (repeat(*[str(k) for k in range(8)]), ColumnKind.CATEGORY),
        (repeat("True", "False"), ColumnKind.BOOLEAN),
        (repeat("1", "2"), ColumnKind.CATEGORY),
        ([str(k * 1.5) for k in range(ROWS)], ColumnKind.NUMBER),
        (repeat("a", "b", "c"), ColumnKind.CATEGORY),
        (repeat("007", "008"), ColumnKind.CATEGORY),
    ],
)
def test_a_target_is_a_class_or_a_number(cells: list[str | None], kind: ColumnKind) -> None:
    column = suggest("thing", thing=cells)["thing"]
    assert (column.role, column.kind) == (Role.TARGET, kind)


def test_class_numbers_up_to_a_hundred_without_a_gap_are_classes() -> None:
    codes = [str(k % 42) for k in range(1005)]
    gaps = [str(k % 42 * 3) for k in range(1005)]
    for cells, kind in ((codes, ColumnKind.CATEGORY), (gaps, ColumnKind.NUMBER)):
        profile = Profile("department", np.asarray(cells, dtype=object))
        ids = Profile("id", np.asarray([str(k) for k in range(1005)], dtype=object))
        assert suggest_node_columns({"id": ids, "department": profile}, [], "department")["department"].kind is kind


def test_a_column_named_like_a_target_is_suggested_as_one() -> None:
    columns = suggest(colour=repeat("red", "green"), label=repeat("a", "b"))
    assert columns["label"].role is Role.TARGET
    assert columns["colour"].role is Role.FEATURE


def test_beside_a_split_the_only_column_of_classes_is_the_target() -> None:
    split = repeat("train", "test")
    assert suggest(club=repeat("x", "y"), split=split)["club"].role is Role.TARGET
    both = suggest(club=repeat("x", "y"), team=repeat("p", "q", "r"), split=split)
    assert {both[name].role for name in ("club", "team")} == {Role.FEATURE}


def test_only_one_column_gives_names_the_one_called_so() -> None:
    words = {key: [f"{key} {k}" for k in range(ROWS)] for key in ("alias", "name")}
    columns = suggest(**words)
    assert columns["name"].role is Role.LABEL_TEXT
    assert columns["alias"].role is Role.IGNORE


def test_ids_written_with_a_decimal_are_ids_still() -> None:
    cells = [f"{k}.0" for k in range(100, 100 + ROWS)]
    profile = Profile("key", np.asarray(cells, dtype=object))
    names = Profile("name", np.asarray([f"x{k}" for k in range(ROWS)], dtype=object))
    edges = Profile("from", np.asarray(cells[:10] * 3, dtype=object))
    columns = suggest_node_columns({"name": names, "key": profile}, [edges], None)
    assert columns["key"].role is Role.NODE_ID


def test_a_table_without_any_unique_column_takes_its_first_for_the_id() -> None:
    profiles = {name: Profile(name, np.asarray(repeat("a", "b"), dtype=object)) for name in ("x", "y")}
    assert suggest_node_columns(profiles, [], None)["x"].role is Role.NODE_ID
