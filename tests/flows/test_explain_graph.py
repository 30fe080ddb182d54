"""Explaining a graph of a finished run: every node and edge has a score, under the ids of the files."""

import json
from pathlib import Path

import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from tests.support.collections import shapes_recipe, write_shapes


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained")
    recipe = shapes_recipe(write_shapes(folder / "files"))
    done = run_inline(JobSpec("run", {"recipe": recipe, "out": str(folder / "run")}))
    assert done.status == "finished", done.error
    return folder


def _explain(folder: Path, **arguments: object) -> JobResult:
    return run_inline(JobSpec("explain", {"run": "run", **arguments}), folder=folder)


@pytest.mark.parametrize("key", ["gradient", "masking"])
def test_a_graph_is_explained_by_its_own_nodes_and_edges(finished: Path, key: str) -> None:
    done = _explain(finished, graph="g04", type=key)
    assert done.status == "finished", done.error
    result = json.loads(json.dumps(done.result))
    assert (result["graph"], result["target"], result["predicted"]) == ("g04", "shape", "ring")
    assert 0.5 < result["probability"] <= 1
    nodes = [f"g04.{k}" for k in range(6)]
    assert sorted(one["id"] for one in result["nodes"]) == nodes
    assert [one["index"] for one in result["nodes"]] == list(range(6))
    ring = {frozenset((nodes[k], nodes[(k + 1) % 6])) for k in range(6)}
    assert {frozenset((one["source"], one["target"])) for one in result["edges"]} == ring
    ids = [one["id"] for one in result["nodes"]]
    assert all([ids[k] for k in one["index"]] == [one["source"], one["target"]] for one in result["edges"])
    # A ring without any one of its edges is a path: every edge speaks for the answer.
    assert all(one["score"] > 0 for one in result["edges"])
    assert result["fidelity"]["edges"]["size"] == 1
    assert '"g04" is predicted as ring' in result["sentence"]


def test_what_is_not_there_is_told(finished: Path) -> None:
    done = _explain(finished, graph="g99")
    assert 'No graph has the id "g99"' in done.error["message"]
    assert "none is named" in _explain(finished, node="g04.1").error["message"]
