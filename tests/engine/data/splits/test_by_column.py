import numpy as np
import pandas as pd
import pytest

from engine.core.errors import RoleError
from engine.core.events import Event, IssueFound, Notice
from engine.data.builders.relational import JoinReport, RelationalData
from engine.data.roles import ColumnKind, Role
from engine.data.splits import SPLITTERS, Split
from engine.data.table import ColumnSpec
from engine.graph.graph import Graph


def _data(**columns: list[str | None]) -> RelationalData:
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({name: np.array(cells, dtype=object) for name, cells in columns.items()})
    specs = {name: ColumnSpec(name, ColumnKind.CATEGORY, Role.SPLIT, "", 0, 0, ()) for name in columns}
    ids = np.array([f"n{i}" for i in range(n)], dtype=object)
    return RelationalData(
        Graph.from_edges([0], [1], n), ids, frame, specs, None, [], JoinReport(), np.arange(n, dtype=np.int64) + 2
    )


def _split(
    data: RelationalData, target: list[int], events: list[Event] | None = None, **options: object
) -> list[Split]:
    kind = SPLITTERS.get("by_column")
    take = (lambda event: None) if events is None else events.append
    return kind(kind.parse(options)).assign(data.items, np.array(target), is_class=True, seed=0, sink=take)


def test_words_are_understood_in_several_spellings() -> None:
    data = _data(part=["Train", " training ", "VAL", "dev", "validation", "Test", "训练", "测试", "验证"])
    (split,) = _split(data, [0] * 9)
    assert split.parts().tolist() == [
        "train", "train", "valid", "valid", "valid", "test", "train", "test", "valid"
    ]  # fmt: skip


def test_unused_and_empty_rows_are_in_no_part() -> None:
    data = _data(part=["train", "unused", None, "", "val", "test"])
    (split,) = _split(data, [0] * 6)
    assert split.parts().tolist() == ["train", "", "", "", "valid", "test"]


def test_several_columns_give_one_split_each_under_their_names() -> None:
    data = _data(split_0=["train", "val", "test"], split_1=["test", "train", "val"])
    splits = _split(data, [0, 1, 0])
    assert [split.name for split in splits] == ["split_0", "split_1"]
    assert splits[1].parts().tolist() == ["test", "train", "valid"]


def test_only_the_named_columns_are_used() -> None:
    data = _data(split_0=["train", "val", "test"], split_1=["test", "train", "val"])
    assert [split.name for split in _split(data, [0, 1, 0], columns=["split_1"])] == ["split_1"]


def test_unknown_word_is_an_issue_with_its_line_and_takes_no_part() -> None:
    events: list[Event] = []
    (split,) = _split(_data(part=["train", "later", "val", "test"]), [0] * 4, events)
    (issue,) = [event for event in events if isinstance(event, IssueFound)]
    assert (issue.line, issue.column, issue.value) == (3, "part", "later")
    assert split.parts().tolist() == ["train", "", "valid", "test"]


def test_without_valid_rows_a_part_of_train_becomes_valid_and_it_is_said() -> None:
    events: list[Event] = []
    (split,) = _split(_data(part=["train"] * 20 + ["test"] * 2), [0, 1] * 11, events)
    # A fifth of the 20, two of each class.
    assert (split.train.sum(), split.valid.sum(), split.test.sum()) == (16, 4, 2)
    assert (np.arange(22)[split.valid] % 2).sum() == 2
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert "4 of its 20 train rows became valid" in notice.text


def test_one_train_row_a_class_stays_where_it_is() -> None:
    (split,) = _split(_data(part=["train", "train", "test", "test"]), [0, 1, 0, 1])
    assert split.train.tolist() == [True, True, False, False]
    assert not split.valid.any()


@pytest.mark.parametrize("missing", ["train", "test"])
def test_column_without_train_or_test_rows_is_refused(missing: str) -> None:
    words = [word for word in ("train", "train", "valid", "test") if word != missing]
    with pytest.raises(RoleError, match=f'"part" marks no row with a known target as {missing}'):
        _split(_data(part=words), [0] * len(words))


def test_train_rows_without_a_label_do_not_count() -> None:
    with pytest.raises(RoleError, match="no row with a known target as train"):
        _split(_data(part=["train", "val", "test"]), [-1, 0, 0])


def test_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(RoleError, match='no column "fold".*It has: part'):
        _split(_data(part=["train", "val", "test"]), [0] * 3, columns=["fold"])


def test_without_any_split_column_the_other_ways_are_offered() -> None:
    data = _data(part=["train", "val", "test"])
    data = RelationalData(data.graph, data.node_ids, data.nodes, {}, None, [], data.join, data.lines)
    with pytest.raises(RoleError, match='choose the split "random" or "few"'):
        _split(data, [0] * 3)
