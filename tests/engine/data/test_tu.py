"""Collections in the layout of the TU data sets."""

from pathlib import Path

import pytest

from engine.core.errors import ReadError
from engine.data.collection import CollectionData
from engine.data.dataset import build
from engine.data.importers import without_companions
from engine.data.reading import read_files
from engine.data.roles import Role
from engine.data.suggest import options_of

FILES = {
    # Two triangles and a pair; each edge in both directions.
    "A": "1, 2\n2, 1\n2, 3\n3, 2\n1, 3\n3, 1\n4, 5\n5, 4\n5, 6\n6, 5\n4, 6\n6, 4\n7, 8\n8, 7\n",
    "graph_indicator": "1\n1\n1\n2\n2\n2\n3\n3\n",
    "graph_labels": "1\n1\n-1\n",
    "node_labels": "0\n1\n0\n1\n0\n1\n0\n0\n",
    "node_attributes": "0.5,1\n1,2\n1.5,3\n2,4\n2.5,5\n3,6\n3.5,7\n4,8\n",
    "edge_labels": "0\n0\n1\n1\n0\n0\n1\n1\n0\n0\n1\n1\n0\n0\n",
}


def _write(folder: Path, **changes: str) -> list[Path]:
    paths = []
    for name, text in {**FILES, **changes}.items():
        path = folder / f"SMALL_{name}.txt"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def test_the_files_of_a_collection_are_one_and_its_edges_stand_for_all(tmp_path: Path) -> None:
    paths = _write(tmp_path)
    assert without_companions(paths) == [tmp_path / "SMALL_A.txt"]
    tables = read_files(paths, None, "label")
    data = build(tables, options_of(tables))
    assert isinstance(data, CollectionData)
    assert data.graph_ids.tolist() == ["1", "2", "3"]
    assert data.graph_ptr.tolist() == [0, 3, 6, 8]
    assert data.graph.num_links == 7
    assert data.graphs["label"].tolist() == ["1", "1", "-1"]
    assert data.columns["label"].role is Role.TARGET
    assert data.union.nodes["node_attribute 1"].tolist() == ["0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4"]
    assert data.union.nodes["node_label"].tolist() == list("01010100")
    assert data.join.nodes.duplicates == 0


def test_what_belongs_to_another_number_of_lines_is_refused_with_its_file(tmp_path: Path) -> None:
    paths = _write(tmp_path, node_labels="0\n1\n")
    with pytest.raises(ReadError, match=r"SMALL_node_labels.txt has 2 lines, but 8"):
        read_files(paths)
    paths = _write(tmp_path, A="1, 2\n2; 1\n")
    with pytest.raises(ReadError, match=r"Line 2 of SMALL_A.txt"):
        read_files(paths)
