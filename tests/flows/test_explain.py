"""Explaining a node of a finished run: ids and names of the files, plain numbers, and whether they hold."""

import json
from pathlib import Path

import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from tests.support.tables import block_recipe, write_blocks


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained")
    recipe = block_recipe(write_blocks(folder / "files"), epochs=40)
    assert run_inline(JobSpec("run", {"recipe": recipe, "out": str(folder / "run")})).status == "finished"
    return folder


def _explain(folder: Path, **arguments: object) -> JobResult:
    return run_inline(JobSpec("explain", {"run": "run", **arguments}), folder=folder)


@pytest.mark.parametrize("key", ["gradient", "edge_mask"])
def test_a_node_is_explained_by_neighbours_and_columns_under_their_own_names(finished: Path, key: str) -> None:
    done = _explain(finished, node="p004", type=key, most=5)
    assert done.status == "finished", done.error
    result = json.loads(json.dumps(done.result))
    assert (result["node"], result["target"], result["predicted"]) == ("p004", "team", "red")
    assert 0.5 < result["probability"] <= 1
    assert len(result["edges"]) == len(result["neighbours"]) == 5
    edges = {frozenset(line.split(",")) for line in (finished / "files/edges.csv").read_text().split()}
    assert all(frozenset((one["source"], one["target"])) in edges for one in result["edges"])
    assert [one["score"] for one in result["edges"]] == sorted((one["score"] for one in result["edges"]), reverse=True)
    assert any(one["name"] == "age" for one in result["columns"])
    assert result["fidelity"]["edges"]["size"] >= 1
    assert '"p004" is predicted as red' in result["sentence"]


def test_an_id_that_is_not_there_is_told_with_the_nearest_one(finished: Path) -> None:
    done = _explain(finished, node="p0044")
    assert done.status == "failed"
    assert 'No node has the id "p0044"' in done.error["message"]
    assert "Did you mean" in done.error["hint"]
