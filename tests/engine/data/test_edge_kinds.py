"""Kinds of edges in a table of a collection: marks for the encoder, the same for other files."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import MismatchError
from engine.data.collection import CollectionData
from engine.data.options import DataOptions
from engine.data.schema import FeatureSchema
from engine.graph.csr import row_of_entry
from engine.project.opened import open_data

NODES = "node,graph,colour\n" + "".join(f"{g}{k},{g},{'red' if k % 2 else 'blue'}\n" for g in "pq" for k in range(3))
EDGES = ["p0,p1,10", "p1,p2,2", "q0,q1,2", "q2,q1,", "p1,p0,2"]


def _open(folder: Path, edges: list[str], header: str = "a,b,bond") -> CollectionData:
    folder.mkdir(exist_ok=True)
    (folder / "nodes.csv").write_text(NODES, encoding="utf-8")
    (folder / "edges.csv").write_text("\n".join([header, *edges]) + "\n", encoding="utf-8")
    kinds = {
        "a": {"role": "edge_source", "kind": "id"},
        "b": {"role": "edge_target", "kind": "id"},
        "bond": {"role": "edge_type", "kind": "category"},
    }
    columns = {name: kinds[name] for name in header.split(",")}
    tables = [
        {
            "path": str(folder / "nodes.csv"),
            "kind": "nodes",
            "columns": {
                "node": {"role": "node_id", "kind": "id"},
                "graph": {"role": "graph_id", "kind": "id"},
                "colour": {"role": "feature", "kind": "category"},
            },
        },
        {"path": str(folder / "edges.csv"), "kind": "edges", "columns": columns},
    ]
    data = open_data(DataOptions.model_validate({"tables": tables})).data
    assert isinstance(data, CollectionData)
    return data


def _fitted(data: CollectionData) -> FeatureSchema:
    return FeatureSchema.fit(data, DataOptions.model_construct())


def _marks(data: CollectionData) -> dict[tuple[str, str], list[int]]:
    graph, ids = data.union.graph, data.union.node_ids
    assert graph.edge_attr is not None
    ends = zip(row_of_entry(graph.indptr), graph.indices, strict=True)
    return {(str(ids[i]), str(ids[j])): row.tolist() for (i, j), row in zip(ends, graph.edge_attr, strict=True)}


def test_both_directions_of_an_edge_carry_the_kind_of_its_first_row(tmp_path: Path) -> None:
    data = _open(tmp_path, EDGES)
    assert data.union.edge_names == ("bond=2", "bond=10"), "numbers in their order"
    assert _marks(data) == {
        **dict.fromkeys([("p0", "p1"), ("p1", "p0")], [0, 1]),
        **dict.fromkeys([("p1", "p2"), ("p2", "p1"), ("q0", "q1"), ("q1", "q0")], [1, 0]),
        **dict.fromkeys([("q2", "q1"), ("q1", "q2")], [0, 0]),
    }


def test_other_files_get_the_columns_that_were_there_at_fitting(tmp_path: Path) -> None:
    schema = _fitted(_open(tmp_path / "first", EDGES))
    again = FeatureSchema.from_plain(schema.to_plain())
    assert again.edge_names == ("bond=2", "bond=10")
    new = again.aligned(_open(tmp_path / "new", ["p0,p1,aromatic", "q0,q2,10"]))
    assert _marks(new)["p0", "p1"] == [0, 0], "a kind that was not there has no mark"
    assert _marks(new)["q2", "q0"] == [0, 1]
    with pytest.raises(MismatchError, match="bond"):
        again.aligned(_open(tmp_path / "bare", ["p0,p1", "q0,q1"], "a,b"))


def test_a_model_that_was_told_no_kinds_is_told_none(tmp_path: Path) -> None:
    plain = _open(tmp_path / "bare", ["p0,p1", "q0,q1"], "a,b")
    assert plain.union.graph.edge_attr is None
    schema = _fitted(plain)
    assert schema.aligned(_open(tmp_path / "typed", EDGES)).union.graph.edge_attr is None


def test_many_kinds_are_names_and_no_kinds(tmp_path: Path) -> None:
    data = _open(tmp_path, [f"p{k % 3},p{(k + 1) % 3},kind {k}" for k in range(70)])
    # Three edges, but seventy different words for them.
    assert data.union.graph.edge_attr is None
    assert data.union.edge_names == ()
    assert np.diff(data.union.graph.indptr).tolist()[:3] == [2, 2, 2]
