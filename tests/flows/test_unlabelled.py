"""Pretraining on other graphs than those that are labelled."""

import json
from pathlib import Path

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from engine.project.codec import from_plain, from_toml, to_toml
from tests.support.collections import shapes_recipe, write_shapes
from tests.support.tables import block_recipe, write_blocks


def _recipe(folder: Path, **parts: object) -> dict:
    own = shapes_recipe(write_shapes(folder / "own", graphs=20))
    other = shapes_recipe(write_shapes(folder / "other", graphs=60, seed=3, prefix="u"))["data"]
    pretrain = {"type": "attributes", "training": {"epochs": 2}}
    finetune = {"type": "full", "training": {"epochs": 3}}
    return {**own, "unlabelled": other, "pretrain": pretrain, "finetune": finetune, **parts}


def _run(folder: Path, recipe: dict) -> JobResult:
    return run_inline(JobSpec("run", {"recipe": recipe, "out": str(folder / "run")}))


def test_the_encoder_sees_the_other_graphs_and_goes_on_with_the_own(tmp_path: Path) -> None:
    done = _run(
        tmp_path, _recipe(tmp_path, pretrain={"type": "supervised", "columns": ["size"], "training": {"epochs": 2}})
    )
    assert done.status == "finished", done.error
    manifests = {path.parent.name: json.loads(path.read_text()) for path in (tmp_path / "run").rglob("manifest.json")}
    assert {"pretrain", "scratch", "finetune"} <= set(manifests)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert {row["kind"] for row in metrics["runs"]} == {"scratch", "pretrained"}


def test_a_pretrained_encoder_is_of_these_very_files(tmp_path: Path) -> None:
    recipe = _recipe(tmp_path)
    needs = []
    for name in ("one", "two"):
        assert run_inline(JobSpec("run", {"recipe": recipe, "out": str(tmp_path / name)})).status == "finished"
        (path,) = (tmp_path / name).rglob("pretrain/manifest.json")
        needs.append(json.loads(path.read_text())["needs"])
        nodes = tmp_path / "other" / "nodes.csv"
        nodes.write_text(nodes.read_text().replace("blue", "red", 1))
    assert needs[0] != needs[1]


def test_other_graphs_are_written_into_the_recipe_and_read_again(tmp_path: Path) -> None:
    recipe = from_plain(_recipe(tmp_path))
    assert from_toml(to_toml(recipe)) == recipe
    moved = recipe.relative_to(tmp_path)
    assert moved.unlabelled.tables[0].path == "other/graphs.csv"
    assert moved.based_on(tmp_path) == recipe
    plain = {name: value for name, value in _recipe(tmp_path).items() if name != "unlabelled"}
    assert from_plain(plain).fingerprint() != recipe.fingerprint()


def test_other_graphs_without_pretraining_are_refused(tmp_path: Path) -> None:
    recipe = _recipe(tmp_path, finetune={"type": "scratch", "training": {"epochs": 1}})
    del recipe["pretrain"]
    assert 'no "pretrain"' in _run(tmp_path, recipe).error["message"]


def test_other_graphs_without_the_columns_are_refused(tmp_path: Path) -> None:
    recipe = _recipe(tmp_path)
    nodes = tmp_path / "other" / "nodes.csv"
    nodes.write_text(nodes.read_text().replace("colour", "paint", 1))
    columns = recipe["unlabelled"]["tables"][1]["columns"]
    columns["paint"] = columns.pop("colour")
    assert "colour" in _run(tmp_path, recipe).error["message"]


def test_files_to_pretrain_on_are_suggested_a_recipe_for(tmp_path: Path) -> None:
    own, other = write_shapes(tmp_path / "own", graphs=40), write_shapes(tmp_path / "other", graphs=60, prefix="u")
    arguments = {"files": [str(path) for path in own], "target": "shape", "pretrain_on": [str(path) for path in other]}
    done = run_inline(JobSpec("suggest", arguments))
    assert done.status == "finished", done.error
    recipe = done.result["recipe"]
    assert [table["path"] for table in recipe["unlabelled"]["tables"]] == [str(path) for path in other]
    assert (recipe["pretrain"]["type"], recipe["finetune"]["type"]) == ("attributes", "full")
    assert {"pretrain", "probe", "finetune"} <= set(done.result["estimate"]["parts"])


def test_an_objective_for_many_graphs_is_refused_for_nodes_before_work_begins(tmp_path: Path) -> None:
    recipe = block_recipe(write_blocks(tmp_path), pretrain="infograph")
    done = _run(tmp_path, recipe)
    assert "looks at many graphs" in done.error["message"]
    assert done.error["details"]["path"] == "pretrain.type"
