"""The feature schema as a whole: columns together, files compared, state kept as plain data."""

import json

import numpy as np
import pytest
import scipy.sparse as sp

from engine.core.errors import MismatchError, RoleError, VersionError
from engine.core.events import Event, IssueFound, Notice
from engine.data.builders.relational import RelationalData
from engine.data.options import DataOptions
from engine.data.roles import ColumnKind, Role
from engine.data.schema import FeatureSchema
from tests.support.relational import relational

NUMBER, CATEGORY, BOOLEAN, DATE, TEXT = (
    ColumnKind.NUMBER,
    ColumnKind.CATEGORY,
    ColumnKind.BOOLEAN,
    ColumnKind.DATE,
    ColumnKind.TEXT,
)


def _options(**options: object) -> DataOptions:
    return DataOptions(tables=(), **options)


def _everything() -> RelationalData:
    return relational(
        {
            "age": (NUMBER, ["20", "30", None, "40"]),
            "city": (CATEGORY, ["Oslo", "北京", "Oslo", "Lima"]),
            "member": (BOOLEAN, ["yes", "no", "no", "yes"]),
            "since": (DATE, ["2020-01-31", "2020-02-01", "2021-05-05", "2019-12-24"]),
            "about": (TEXT, ["red apples", "green apples", "", "blue pears"]),
            "team": (CATEGORY, ["a", "b", "a", "b"]),
        },
        role={"team": Role.TARGET},
        features=sp.csr_matrix(np.array([[1, 0, 1], [0, 0, 2], [0, 0, 0], [1, 0, 0]], np.float32)),
        feature_names=["w0", "w1", "w2"],
    )


def test_target_and_ignored_columns_are_no_features() -> None:
    data = relational(
        {name: (CATEGORY, ["a", "b", "a"]) for name in ("colour", "team", "note", "part")},
        role={"team": Role.TARGET, "note": Role.IGNORE, "part": Role.SPLIT},
    )
    assert FeatureSchema.fit(data, _options()).names == ["colour = a", "colour = b"]


def test_all_kinds_stand_side_by_side_under_their_names() -> None:
    data = _everything()
    schema = FeatureSchema.fit(data, _options(text_width=16))
    x = schema.transform(data)
    assert sp.issparse(x)
    assert x.dtype == np.float32
    assert x.shape == (4, schema.width)
    column = {name: x.toarray()[:, k] for k, name in enumerate(schema.names)}
    # Mean 30, standard deviation sqrt(200 / 3) over the three known ages; the unknown one counts as the mean.
    np.testing.assert_allclose(column["age"], np.array([-10, 0, 0, 10]) / np.sqrt(200 / 3), rtol=1e-6)
    assert column["age is missing"].tolist() == [0, 0, 1, 0]
    assert column["city = Oslo"].tolist() == [1, 0, 1, 0]
    assert column["city = 北京"].tolist() == [0, 1, 0, 0]
    assert column["member"].tolist() == [1, 0, 0, 1]
    # Rows of counts sum to one; w1 is zero everywhere and left out.
    assert [column["w0"].tolist(), column["w2"].tolist()] == [[0.5, 0, 0, 1], [0.5, 1, 0, 0]]
    assert "w1" not in column


def test_only_dense_columns_give_an_ordinary_matrix() -> None:
    data = relational({"a": (NUMBER, ["1", "2"]), "b": (BOOLEAN, ["no", "yes"])})
    x = FeatureSchema.fit(data, _options()).transform(data)
    assert isinstance(x, np.ndarray)
    assert x.tolist() == [[-1, 0], [1, 1]]


def test_plain_state_survives_json_and_gives_the_same_features() -> None:
    data = _everything()
    schema = FeatureSchema.fit(data, _options(structural="random_walk"))
    again = FeatureSchema.from_plain(json.loads(json.dumps(schema.to_plain())))
    assert again == schema
    assert (again.transform(data) != schema.transform(data)).nnz == 0


def test_state_of_a_newer_program_is_refused() -> None:
    plain = FeatureSchema.fit(_everything(), _options()).to_plain()
    with pytest.raises(VersionError, match="has version 99"):
        FeatureSchema.from_plain({**plain, "version": 99})


def test_missing_columns_are_named_all_at_once() -> None:
    schema = FeatureSchema.fit(_everything(), _options())
    other = relational({"age": (NUMBER, ["1", "2"]), "city": (CATEGORY, ["a", "b"])})
    with pytest.raises(MismatchError) as caught:
        schema.check(other)
    assert caught.value.details["missing"] == [
        "member",
        "since",
        "about",
        "sparse features (a table of id, feature, value)",
    ]


def test_report_tells_matched_extra_and_changed_columns() -> None:
    schema = FeatureSchema.fit(relational({"a": (NUMBER, ["1", "2"]), "b": (NUMBER, ["1", "3"])}), _options())
    other = relational({"b": (CATEGORY, ["x", "y"]), "c": (NUMBER, ["1", "2"]), "a": (NUMBER, ["1", "2"])})
    report = schema.check(other).to_plain()
    assert report == {"matched": ["a", "b"], "missing": [], "extra": ["c"], "kind_changed": ["b"]}


def test_other_files_are_scaled_as_those_that_were_fitted() -> None:
    schema = FeatureSchema.fit(relational({"a": (NUMBER, ["1", "3"])}), _options())
    assert schema.transform(relational({"a": (NUMBER, ["5", "2"])})).tolist() == [[3], [0]]


def test_sparse_features_are_matched_by_name_and_unknown_ones_are_counted() -> None:
    matrix = sp.csr_matrix(np.array([[1, 1], [0, 2]], np.float32))
    schema = FeatureSchema.fit(relational(num_nodes=2, features=matrix, feature_names=["a", "b"]), _options())
    events: list[Event] = []
    other = relational(
        num_nodes=2,
        features=sp.csr_matrix(np.array([[3, 1, 1], [5, 0, 0]], np.float32)),
        feature_names=["new", "b", "a"],
    )
    assert schema.transform(other, sink=events.append).toarray().tolist() == [[0.5, 0.5], [0, 0]]
    assert any(isinstance(e, Notice) and e.details == {"count": 1, "share": 0.5} for e in events)


def test_negative_sparse_values_are_divided_by_the_largest_of_their_column() -> None:
    matrix = sp.csr_matrix(np.array([[-4, 0], [2, 1]], np.float32))
    data = relational(num_nodes=2, features=matrix, feature_names=["a", "b"])
    assert FeatureSchema.fit(data, _options()).transform(data).toarray().tolist() == [[-1, 0], [0.5, 1]]


def test_many_mostly_empty_columns_equal_the_same_features_in_a_long_table() -> None:
    dense = (np.random.default_rng(0).random((30, 80)) < 0.1).astype(np.float32)
    dense[0] = 0
    names = [f"w{k}" for k in range(80)]
    wide = relational({name: (BOOLEAN, [str(int(v)) for v in dense[:, k]]) for k, name in enumerate(names)})
    long = relational(num_nodes=30, features=sp.csr_matrix(dense), feature_names=names)
    from_wide, from_long = FeatureSchema.fit(wide, _options()), FeatureSchema.fit(long, _options())
    assert from_wide.names == from_long.names
    np.testing.assert_array_equal(from_wide.transform(wide).toarray(), from_long.transform(long).toarray())


@pytest.mark.parametrize(
    ("normalise", "expected"),
    [("none", [[1, 3], [3, 1]]), ("rows", [[0.25, 0.75], [0.75, 0.25]]), ("standard", [[-1, 1], [1, -1]])],
)
def test_normalise_does_what_it_says(normalise: str, expected: list[list[float]]) -> None:
    data = relational({"a": (NUMBER, ["1", "3"]), "b": (NUMBER, ["3", "1"])})
    assert FeatureSchema.fit(data, _options(normalise=normalise)).transform(data).tolist() == expected


@pytest.mark.parametrize(
    ("kind", "cells", "code"),
    [
        (NUMBER, ["7", "7", "7"], "feature.constant"),
        (NUMBER, ["x", None, "y"], "feature.empty"),
        (BOOLEAN, ["yes", "yes", "yes"], "feature.constant"),
        (CATEGORY, ["a", "a", "a"], "feature.constant"),
        (CATEGORY, ["a", "b", "c"], "feature.unique"),
        (CATEGORY, [None, None, None], "feature.empty"),
        (DATE, ["2020-01-01", "2020-01-01", "2020-01-01"], "feature.constant"),
        (TEXT, ["same words", "same words", "same words"], "feature.constant"),
        (TEXT, ["", None, "--"], "feature.empty"),
    ],
)
def test_column_that_tells_nothing_is_left_out_with_an_issue(
    kind: ColumnKind, cells: list[str | None], code: str
) -> None:
    events: list[Event] = []
    data = relational({"dull": (kind, cells), "good": (NUMBER, ["1", "2", "3"])})
    schema = FeatureSchema.fit(data, _options(), sink=events.append)
    assert schema.names == ["good"]
    left_out = [event for event in events if isinstance(event, IssueFound) and event.code == code]
    assert [event.column for event in left_out] == ["dull"]
    assert schema.reasons["dull"].startswith("Not used: it ")


def test_without_any_feature_the_graph_itself_gives_some_and_it_is_said() -> None:
    events: list[Event] = []
    data = relational(num_nodes=4, edges=[(0, 1), (1, 2), (2, 3)])
    schema = FeatureSchema.fit(data, _options(), sink=events.append)
    assert schema.names[0] == "log degree"
    assert any(isinstance(e, Notice) and e.code == "feature.structural" for e in events)


def test_without_any_feature_and_none_from_the_graph_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(RoleError, match='set "data.structural" to "auto"'):
        FeatureSchema.fit(relational(num_nodes=2), _options(structural="none"))


def test_unreadable_number_is_an_issue_with_its_line() -> None:
    events: list[Event] = []
    FeatureSchema.fit(relational({"age": (NUMBER, ["1", "old", "3"])}), _options(), sink=events.append)
    (issue,) = [event for event in events if isinstance(event, IssueFound)]
    assert (issue.file, issue.line, issue.column, issue.value) == ("nodes.csv", 3, "age", "old")


def test_standard_divides_sparse_columns_by_their_deviation_and_keeps_zeros() -> None:
    # Column a: values 0 and 2, deviation 1. Column b: the same value everywhere has none, and stays.
    matrix = sp.csr_matrix(np.array([[2, 3], [0, 3]], np.float32))
    data = relational(num_nodes=2, features=matrix, feature_names=["a", "b"])
    x = FeatureSchema.fit(data, _options(normalise="standard")).transform(data)
    assert x.toarray().tolist() == [[2, 3], [0, 3]]
    assert x.nnz == 3


def test_sparse_table_of_zeros_leaves_the_graph_to_give_features() -> None:
    empty = sp.csr_matrix((3, 2), dtype=np.float32)
    data = relational(num_nodes=3, edges=[(0, 1), (1, 2)], features=empty, feature_names=["a", "b"])
    assert FeatureSchema.fit(data, _options()).names[0] == "log degree"


def test_nodes_without_sparse_features_are_counted() -> None:
    events: list[Event] = []
    matrix = sp.csr_matrix(np.array([[1], [0], [0]], np.float32))
    data = relational(num_nodes=3, features=matrix, feature_names=["a"])
    FeatureSchema.fit(data, _options(), sink=events.append)
    assert any("2 nodes have no sparse features" in getattr(event, "text", "") for event in events)
