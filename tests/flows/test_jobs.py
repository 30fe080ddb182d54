"""The jobs that the window asks for, on small files."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.events import ArtefactWritten, EpochFinished, Event, JobFinished, Progress
from engine.jobs.executors.inline import run_inline
from engine.jobs.executors.process import Ended, ProcessExecutor, Received
from engine.jobs.spec import JobSpec
from engine.project.runs import RunFolder
from tests.support.tables import block_recipe, write_blocks


def _result(kind: str, arguments: dict[str, Any], heard: list[Event] | None = None) -> dict[str, Any]:
    done = run_inline(JobSpec(kind, arguments, "test"), sink=(heard if heard is not None else []).append)
    assert done.result is not None, done.error
    return dict(done.result)


def _error(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    done = run_inline(JobSpec(kind, arguments, "test"))
    assert done.error is not None, done.result
    return dict(done.error)


def test_an_import_keeps_every_cell_as_text_and_every_edge(tmp_path: Path) -> None:
    nodes, edges = tmp_path / "n.csv", tmp_path / "e.csv"
    nodes.write_text("id,node_id,empty,size\n007,x,,1.50\nNA,y,,\n9007199254740993,z,,2\n", encoding="utf-8")
    edges.write_text("from,to\n007,NA\nNA,9007199254740993\nNA,007\n", encoding="utf-8")
    data = _result("preview", {"files": [str(nodes), str(edges)]})["data"]
    heard: list[Event] = []
    found = _result("import_data", {"data": data, "out": str(tmp_path / "data")}, heard)
    folder = Path(found["folder"])
    table = pd.read_parquet(folder / "nodes.parquet")
    assert list(table.columns) == ["node_id", "node_id_original", "empty", "size"]
    assert list(table["node_id"]) == ["007", "NA", "9007199254740993"]
    assert list(table["size"])[0] == "1.50"
    assert table["size"].isna().tolist() == [False, True, False]
    assert np.load(folder / "indptr.npy").tolist() == [0, 1, 3, 4]
    assert np.load(folder / "indices.npy").tolist() == [1, 0, 2, 1]
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["num_nodes"], summary["num_edges"]) == (3, 2)
    assert summary["card"]["nodes"] == 3
    assert ArtefactWritten("graph", str(folder)) in heard
    assert all(Path(one["path"]).is_absolute() for one in json.loads((folder / "data.json").read_text())["tables"])


def test_the_same_import_twice_is_one_dataset(tmp_path: Path) -> None:
    nodes, edges = write_blocks(tmp_path / "a", nodes=12)
    data = _result("preview", {"files": [str(nodes), str(edges)]})["data"]
    first = _result("import_data", {"data": data, "out": str(tmp_path / "data")})
    second = _result("import_data", {"data": data, "out": str(tmp_path / "data")})
    assert first["dataset"] == second["dataset"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == [first["dataset"]]


def test_files_behind_a_link_are_imported_under_the_names_they_were_given(tmp_path: Path) -> None:
    write_blocks(tmp_path / "real", nodes=24)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    files = sorted(str(path) for path in (tmp_path / "link").iterdir())
    data = _result("preview", {"files": files})["data"]
    folder = _result("import_data", {"data": data, "out": str(tmp_path / "data")})["folder"]
    assert json.loads((Path(folder) / "data.json").read_text(encoding="utf-8")) == data


def test_a_layout_and_a_projection_place_every_node(tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "a", nodes=24)
    data = _result("preview", {"files": [str(path) for path in files]})["data"]
    folder = _result("import_data", {"data": data, "out": str(tmp_path / "data")})["folder"]
    heard: list[Event] = []
    _result("layout", {"folder": folder, "type": "force", "out": str(tmp_path / "p.npy")}, heard)
    positions = np.load(tmp_path / "p.npy")
    assert positions.shape == (24, 2)
    assert positions.dtype == np.float32
    assert np.isfinite(positions).all()
    assert ArtefactWritten("positions", str(tmp_path / "p.npy")) in heard
    _result(
        "layout", {"folder": folder, "type": "rings", "options": {"column": "team"}, "out": str(tmp_path / "r.npy")}
    )
    assert len(np.load(tmp_path / "r.npy")) == 24
    np.save(tmp_path / "held.npy", np.arange(24) < 5)
    more = {"start": str(tmp_path / "p.npy"), "held": str(tmp_path / "held.npy"), "out": str(tmp_path / "s.npy")}
    _result("layout", {"folder": folder, "type": "force", **more})
    moved = np.load(tmp_path / "s.npy")
    assert (moved[:5] == positions[:5]).all()
    assert (moved[5:] != positions[5:]).any()
    points = pd.DataFrame({"node_id": list("abcd"), "e0": [0.0, 1, 2, 3], "e1": [0.0, 0, 0, 1]})
    points.to_parquet(tmp_path / "e.parquet")
    _result("projection", {"file": str(tmp_path / "e.parquet"), "type": "pca", "out": str(tmp_path / "q.npy")})
    assert np.load(tmp_path / "q.npy").shape == (4, 2)


def test_a_projection_tells_its_first_picture_and_better_ones(tmp_path: Path) -> None:
    points = pd.DataFrame(np.random.default_rng(0).normal(size=(80, 3)), columns=["e0", "e1", "e2"])
    points.insert(0, "node_id", [str(node) for node in range(80)])
    points.to_parquet(tmp_path / "e.parquet")
    heard: list[Event] = []
    arguments = {"file": str(tmp_path / "e.parquet"), "type": "tsne", "out": str(tmp_path / "q.npy")}
    _result("projection", arguments, heard)
    assert heard.count(ArtefactWritten("positions", str(tmp_path / "q.npy"))) >= 2


def test_places_to_go_on_from_must_be_of_this_graph(tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "a", nodes=24)
    data = _result("preview", {"files": [str(path) for path in files]})["data"]
    folder = _result("import_data", {"data": data, "out": str(tmp_path / "data")})["folder"]
    np.save(tmp_path / "p.npy", np.zeros((23, 2), np.float32))
    for start in ("p.npy", "none.npy"):
        given = {"folder": folder, "start": str(tmp_path / start), "out": str(tmp_path / "q.npy")}
        assert _error("layout", given)["code"] == "project"


def test_a_projection_of_a_run_that_is_taken_away_meanwhile_leaves_nothing_behind(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    points = np.random.default_rng(0).normal(size=(60, 3))
    frame = pd.DataFrame(points, columns=["e0", "e1", "e2"])
    frame.insert(0, "node_id", [str(node) for node in range(60)])
    frame.to_parquet(run / "embeddings.parquet")

    def take_away(event: Event) -> None:
        if isinstance(event, Progress) and run.exists():
            run.rename(tmp_path / "trash")

    spec = JobSpec("projection", {"run": "run", "type": "tsne", "out": "run/projection-tsne.npy"}, "j")
    result = run_inline(spec, sink=take_away, folder=tmp_path)
    assert result.status == "cancelled"
    assert not run.exists()


@pytest.mark.parametrize(
    ("kind", "arguments", "code"),
    [
        ("layout", {"folder": "none", "out": "p.npy"}, "project"),
        ("layout", {"folder": "none", "type": "forec", "out": "p.npy"}, "recipe.component"),
        ("projection", {"run": "none", "out": "p.npy"}, "project"),
        ("projection", {"out": "p.npy"}, "recipe.option"),
        ("export", {"run": "none", "out": "x.csv"}, "project"),
        ("embed", {"run": "none", "out": "x.docx"}, "export"),
        ("predict", {"run": "none", "files": ["x.csv"]}, "project"),
        ("preview", {}, "recipe.option"),
        ("suggest", {"target": "x"}, "recipe.option"),
        ("run", {"out": "x"}, "recipe.option"),
        ("run", {"out": "x", "recipe": {}, "recipe_path": "y"}, "recipe.option"),
    ],
)
def test_a_job_that_cannot_be_done_says_why(kind: str, arguments: dict[str, Any], code: str) -> None:
    assert _error(kind, arguments)["code"] == code


def test_several_split_columns_get_a_training_each(tmp_path: Path) -> None:
    nodes, edges = write_blocks(tmp_path / "a")
    table = pd.read_csv(nodes, dtype=str, keep_default_na=False)
    turned = {"train": "test", "valid": "val", "test": "training"}
    table.assign(second=table["part"].map(turned)).to_csv(nodes, index=False)
    recipe: dict[str, Any] = block_recipe([nodes, edges], epochs=5, seeds=(0, 1))
    recipe["data"]["tables"][0]["columns"]["second"] = "split"
    recipe["split"] = {"type": "by_column", "columns": ["part", "second"]}
    metrics = _result("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    assert metrics["splits"] == ["part", "second"]
    assert [(run["split"], run["seed"]) for run in metrics["runs"]] == [
        ("part", 0),
        ("second", 0),
        ("part", 1),
        ("second", 1),
    ]
    assert metrics["test"]["count"] == 4
    assert metrics["floors"]["majority"]["test"]["count"] == 2


def test_numbers_are_predicted_with_their_own_metric_and_columns(tmp_path: Path) -> None:
    nodes, edges = write_blocks(tmp_path / "a")
    recipe: dict[str, Any] = block_recipe([nodes, edges], pretrain="graphmae", epochs=5)
    columns = recipe["data"]["tables"][0]["columns"]
    columns["age"] = {"role": "target", "kind": "number"}
    columns["team"] = {"role": "feature", "kind": "category"}
    recipe["task"] = {"type": "node_value", "target": "age"}
    metrics = _result("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    assert metrics["metric"] == "rmse"
    assert metrics["maximise"] is False
    table = pd.read_csv(tmp_path / "run" / "predictions.csv")
    assert list(table.columns) == ["id", "predicted_age", "split", "age", "city", "team", "part"]
    judged = table[table["split"] == "test"]
    rmse = float(np.sqrt(((judged["predicted_age"] - judged["age"]) ** 2).mean()))
    assert metrics["test"]["mean"] == pytest.approx(rmse, rel=1e-5)
    _result("export", {"run": str(tmp_path / "run"), "what": "report", "to": "html", "out": str(tmp_path / "r.html")})


def test_another_target_set_by_hand_is_no_feature_any_more(tmp_path: Path) -> None:
    recipe: dict[str, Any] = block_recipe(write_blocks(tmp_path / "a"), epochs=3)
    recipe["task"] = {"type": "node_class", "target": "city"}
    _result("run", {"recipe": recipe, "out": str(tmp_path / "run")})
    schema = (tmp_path / "run" / "schema.json").read_text(encoding="utf-8")
    assert "age" in schema
    assert "city" not in schema
    assert "team" not in schema
    columns = RunFolder(tmp_path / "run").recipe().data.tables[0].columns
    assert (columns["city"].role, columns["team"].role) == ("target", "ignore")


def test_a_target_that_the_suggested_roles_make_a_feature_is_refused(tmp_path: Path) -> None:
    recipe: dict[str, Any] = block_recipe(write_blocks(tmp_path / "a"), epochs=3)
    for table in recipe["data"]["tables"]:
        del table["columns"]
    recipe["task"] = {"type": "node_value", "target": "age"}
    found = _error("run", {"recipe": recipe, "out": str(tmp_path / "run")})
    assert found["code"] == "data.role"
    assert '"age"' in found["message"]


def test_a_random_split_differs_by_seed_and_each_has_its_floors(tmp_path: Path) -> None:
    recipe: dict[str, Any] = block_recipe(write_blocks(tmp_path / "a"), epochs=3, seeds=(0, 1))
    recipe["split"] = {"type": "random"}
    metrics = _result("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    assert metrics["floors"]["features_only"]["test"]["count"] == 2
    assert len(list((tmp_path / "run").glob("seeds/*/floors.json"))) == 2


def test_the_childs_numbers_are_those_of_this_process(tmp_path: Path) -> None:
    recipe = block_recipe(write_blocks(tmp_path / "a"), pretrain="links", epochs=10)
    _result("run", {"recipe": recipe, "out": str(tmp_path / "here")})
    executor = ProcessExecutor(tmp_path)
    executor.start()
    try:
        executor.submit(JobSpec("run", {"recipe": recipe, "out": "there"}, "one"))
        last = _wait(executor, lambda event: isinstance(event, JobFinished))
    finally:
        executor.close()
    assert isinstance(last, Received)
    assert isinstance(last.event, JobFinished)
    assert last.event.status == "finished", last.event.error
    for name in ("predictions.csv", "embeddings.parquet"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_a_run_in_a_child_killed_in_the_middle_resumes_in_the_next_child(tmp_path: Path) -> None:
    recipe = block_recipe(write_blocks(tmp_path / "a"), epochs=4000)
    executor = ProcessExecutor(tmp_path, log=tmp_path / "worker.log")
    executor.start()
    try:
        executor.submit(JobSpec("run", {"recipe": recipe, "out": "run"}, "first"))
        _wait(executor, lambda event: isinstance(event, EpochFinished))
        assert executor.pid is not None
        os.kill(executor.pid, signal.SIGKILL)
        ended = _wait(executor, lambda event: False)
        assert isinstance(ended, Ended)
        assert ended.job == "first"
        assert RunFolder(tmp_path / "run").status() == "interrupted"
        executor.start()
        executor.submit(JobSpec("run", {"out": "run", "resume": True}, "second"))
        _wait(executor, lambda event: isinstance(event, EpochFinished))
        executor.stop("second")
        last = _wait(executor, lambda event: isinstance(event, JobFinished))
        assert isinstance(last, Received)
        assert isinstance(last.event, JobFinished)
        assert last.event.status == "stopped"
        assert len(pd.read_csv(tmp_path / "run" / "predictions.csv")) == 60
    finally:
        executor.close()


def _wait(executor: ProcessExecutor, is_it: Any, seconds: float = 120.0) -> Received | Ended:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = executor.receive(0.5)
        if isinstance(answer, Ended) or (isinstance(answer, Received) and is_it(answer.event)):
            return answer
    raise AssertionError("nothing of the kind came")
