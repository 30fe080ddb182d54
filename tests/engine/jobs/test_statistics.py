"""Statistics of a dataset folder: one column each, in node order."""

from pathlib import Path

import pandas as pd
import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec

# A triangle a, b, c with a tail d, and e and f apart.
_NODES = "id,kind\n" + "".join(f"{name},{kind}\n" for name, kind in zip("abcdef", "xxyyxx", strict=True))
_EDGES = "from,to\na,b\nb,c\nc,a\nc,d\ne,f\n"


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    (tmp_path / "nodes.csv").write_text(_NODES, encoding="utf-8")
    (tmp_path / "edges.csv").write_text(_EDGES, encoding="utf-8")
    data = _do(tmp_path, "preview", files=["nodes.csv", "edges.csv"]).result["data"]
    return str(_do(tmp_path, "import_data", data=data, out="datasets").result["folder"])


def _do(place: Path, kind: str, **arguments: object) -> JobResult:
    return run_inline(JobSpec(kind, arguments), folder=place)


def test_statistics_are_columns_in_node_order_and_sentences(tmp_path: Path, dataset: str) -> None:
    types = ["degree", "triangles", "components", "homophily"]
    done = _do(tmp_path, "statistics", folder=dataset, types=types, classes="kind", out="numbers.parquet")
    assert done.status == "finished", done.error
    table = pd.read_parquet(tmp_path / "numbers.parquet")
    assert list(table) == types
    assert table["degree"].tolist() == [2, 2, 3, 1, 1, 1]
    assert table["triangles"].tolist() == [1, 1, 1, 0, 0, 0]
    assert table["components"].tolist() == [0, 0, 0, 0, 1, 1]
    assert table["homophily"].tolist() == pytest.approx([1 / 2, 1 / 2, 1 / 3, 1, 1, 1])
    told = {one["key"]: one for one in done.result["statistics"]}
    assert told["triangles"]["sentence"] == "The graph holds 1 triangle."
    assert [one["is_group"] for one in done.result["statistics"]] == [False, False, True, False]


def test_an_unknown_statistic_column_or_option_is_told_before_anything_is_written(tmp_path: Path, dataset: str) -> None:
    cases = [
        ({"types": ["degre"]}, 'Did you mean "degree"?'),
        ({"types": ["homophily"], "classes": "sort"}, 'no column "sort"'),
        ({"types": ["degree"], "options": {"degree": {"side": "in"}}}, "statistics.options.degree.side"),
    ]
    for arguments, words in cases:
        done = _do(tmp_path, "statistics", folder=dataset, out="numbers.parquet", **arguments)
        assert done.status == "failed"
        assert words in f"{done.error['message']} {done.error['hint']}"
    assert not (tmp_path / "numbers.parquet").exists()
