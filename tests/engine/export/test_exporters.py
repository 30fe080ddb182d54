from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from engine.core.errors import ExportError, UnknownComponentError, WriteError
from engine.core.events import Event, Notice
from engine.export import EXPORTERS
from engine.export._base import Content, GraphContent, ReportContent
from engine.export.csv import Csv
from engine.jobs._writing import exporter_for

_IDS = ["007", "NA", '<b>"北京"\n& co', "=1+1"]


def _graph(*, directed: bool = False, weighted: bool = False) -> GraphContent:
    nodes = pd.DataFrame(
        {
            "id": np.array(_IDS, dtype=object),
            "predicted_team": np.array(["red", "blue", "red", None], dtype=object),
            "confidence": np.array([0.5, 0.75, 1.0, np.nan]),
            "start": np.array(["a", None, "", "c"], dtype=object),
            "key with & and <": np.array([1, 2, 3, 4]),
        }
    )
    weight = np.array([1.5, 2.0, 0.25], dtype=np.float32) if weighted else None
    return GraphContent(nodes, np.array([0, 1, 0]), np.array([1, 2, 3]), weight, directed)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("key", ["graphml", "gexf"])
def test_networkx_reads_back_the_same_graph(tmp_path: Path, key: str, directed: bool, weighted: bool) -> None:
    path = tmp_path / f"graph.{key}"
    content = _graph(directed=directed, weighted=weighted)
    assert EXPORTERS.get(key)().write(Content("graph", graph=content), path) == 4
    graph = nx.read_graphml(path) if key == "graphml" else nx.read_gexf(path)
    assert set(graph.nodes) == set(_IDS)
    assert graph.is_directed() == directed
    named = {(_IDS[0], _IDS[1]), (_IDS[1], _IDS[2]), (_IDS[0], _IDS[3])}
    assert {frozenset(edge) for edge in graph.edges} == {frozenset(edge) for edge in named}
    assert graph.nodes["NA"]["predicted_team"] == "blue"
    assert graph.nodes["007"]["confidence"] == 0.5
    assert graph.nodes["007"]["key with & and <"] == 1
    assert "predicted_team" not in graph.nodes["=1+1"]
    assert "confidence" not in graph.nodes["=1+1"]
    if weighted:
        assert float(graph.edges["007", "=1+1"]["weight"]) == 0.25


@pytest.mark.parametrize("key", ["graphml", "gexf"])
def test_characters_that_xml_forbids_are_replaced_and_reported(tmp_path: Path, key: str) -> None:
    nodes = pd.DataFrame({"id": np.array(["a\x00b", "c"], dtype=object)})
    content = GraphContent(nodes, np.array([0]), np.array([1]), None, False)
    heard: list[Event] = []
    EXPORTERS.get(key)().write(Content("graph", graph=content), tmp_path / "graph.xml", heard.append)
    assert [event.code for event in heard if isinstance(event, Notice)] == ["export.xml_characters"]
    text = (tmp_path / "graph.xml").read_text(encoding="utf-8")
    assert "a\ufffdb" in text


def test_csv_and_parquet_keep_every_cell_as_it_was(tmp_path: Path) -> None:
    table = _graph().nodes
    for key in ("csv", "parquet"):
        EXPORTERS.get(key)().write(Content("predictions", table=table), tmp_path / f"t.{key}")
    csv = pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)
    assert list(csv["id"]) == _IDS
    assert list(csv["confidence"]) == ["0.5", "0.75", "1.0", ""]
    parquet = pd.read_parquet(tmp_path / "t.parquet")
    assert list(parquet["id"]) == _IDS
    assert parquet["confidence"].tolist()[:3] == [0.5, 0.75, 1.0]


def test_a_csv_for_excel_begins_with_a_byte_order_mark(tmp_path: Path) -> None:
    exporter = Csv(Csv.parse({"bom": True, "delimiter": ";"}))
    exporter.write(Content("predictions", table=_graph().nodes), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbfid;predicted_team;")


def test_the_edges_of_a_graph_are_a_table_too(tmp_path: Path) -> None:
    EXPORTERS.get("csv")().write(Content("graph", graph=_graph(weighted=True)), tmp_path / "edges.csv")
    edges = pd.read_csv(tmp_path / "edges.csv", dtype=str, keep_default_na=False)
    assert edges.iloc[2].tolist() == ["007", "=1+1", "0.25"]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old", encoding="utf-8")

    class Broken(pd.DataFrame):
        def to_csv(self, *args: object, **options: object) -> None:
            Path(str(args[0])).write_text("half", encoding="utf-8")
            raise OSError(28, "No space left on device")

    with pytest.raises(WriteError, match="No space"):
        EXPORTERS.get("csv")().write(Content("predictions", table=Broken()), path)
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]
    assert path.read_text(encoding="utf-8") == "old"


def test_the_report_is_one_page_that_escapes_names_and_loads_nothing(tmp_path: Path) -> None:
    spread = {"mean": 0.815, "std": 0.004, "count": 10}
    metrics = {
        "task": {"target": "<script>x</script>"},
        "metric": "accuracy",
        "verdict": "GCN 81.5 & more.",
        "seeds": [0, 1],
        "device": "cpu",
        "encoder": "gcn",
        "sizes": [{"split": "s", "train": 140, "valid": 500, "test": 1000}],
        "floors": {"majority": {"valid": spread, "test": spread}},
        "valid": spread,
        "test": spread,
        "runs": [],
        "confusion": {"labels": ["a<b", "c"], "matrix": [[3, 1], [0, 4]]},
    }
    report = {"test": {"classes": [{"class": "a<b", "precision": 1.0, "recall": 0.75, "f1": 0.857, "support": 4}]}}
    curves = {"scratch 0": [{"epoch": 1, "train_loss": 2.0, "valid_accuracy": 0.2}, {"epoch": 2, "train_loss": 1.0}]}
    content = Content("report", report=ReportContent("run", metrics, report, "x = '<'", curves))
    EXPORTERS.get("html")().write(content, tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "http" not in page
    assert "GCN 81.5 &amp; more." in page
    assert "81.5 % ± 0.4 %" in page
    assert page.count("<polyline") == 2
    assert "a&lt;b" in page


def test_an_exporter_says_what_it_cannot_hold_and_which_one_can() -> None:
    with pytest.raises(ExportError, match="csv, parquet"):
        exporter_for(Path("x.html"), "predictions", "html")
    with pytest.raises(ExportError, match="does not say which format"):
        exporter_for(Path("x.docx"), "predictions")
    with pytest.raises(UnknownComponentError):
        exporter_for(Path("x.csv"), "predictions", "docx")
    assert exporter_for(Path("x.parquet"), "embeddings").key == "parquet"
