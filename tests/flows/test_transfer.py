"""An encoder pretrained on one graph, used for another one with other features."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec
from engine.project.runs import RunFolder
from tests.support.tables import block_recipe, write_blocks


def _job(arguments: dict[str, Any]) -> JobResult:
    return run_inline(JobSpec("run", arguments, "test"))


def _done(arguments: dict[str, Any]) -> dict[str, Any]:
    result = _job(arguments)
    assert result.status == "finished", result.error
    assert result.result is not None
    return dict(result.result)


def _with_height(files: list[Path]) -> list[Path]:
    """Give the nodes a column more, so that the features are of another width."""
    with files[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["height"] = str(150 + (number * 7) % 40)
    with files[0].open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return files


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that pretrained two encoders."""
    folder = tmp_path_factory.mktemp("source")
    recipe = block_recipe(write_blocks(folder / "data"), pretrain="dgi", seeds=(0, 1))
    _done({"recipe": recipe, "out": str(folder / "run")})
    return folder / "run"


def _target(folder: Path, seeds: tuple[int, ...] = (0, 1)) -> dict[str, Any]:
    files = _with_height(write_blocks(folder, seed=5, prefix="q"))
    recipe: Any = block_recipe(files, seeds=seeds)
    recipe["data"]["tables"][0]["columns"]["height"] = {"role": "feature", "kind": "number"}
    return dict(recipe)


def test_an_encoder_of_another_graph_stands_beside_the_same_model_without_it_paired_by_seed(
    source: Path, tmp_path: Path
) -> None:
    metrics = _done({"recipe": _target(tmp_path / "b"), "out": str(tmp_path / "run"), "transfer_from": str(source)})
    run = RunFolder(tmp_path / "run")
    recipe = run.recipe()
    assert recipe.transfer is not None
    assert Path(recipe.transfer.source) == source
    assert recipe.pretrain is not None
    assert (recipe.pretrain.type, recipe.finetune.type) == ("dgi", "full")
    found = metrics["metrics"]
    kinds = [(row["seed"], row["kind"]) for row in found["runs"]]
    assert kinds == [(0, "scratch"), (0, "pretrained"), (1, "scratch"), (1, "pretrained")]
    assert found["comparison"]["paired_difference"]["count"] == 2
    assert "the encoder of the other graph" in found["verdict"]
    assert found["transfer"]["run"] == source.name
    for seed in (0, 1):
        theirs = json.loads((source / "seeds" / f"part-{seed}" / "pretrain" / "manifest.json").read_text())
        ours = json.loads((run.path / "seeds" / f"part-{seed}" / "pretrain" / "manifest.json").read_text())
        assert ours["transfer"]["weights"] == theirs["sha256"]
        assert ours["in_width"] == theirs["in_width"] + 1


def test_an_encoder_that_is_worse_on_valid_than_none_is_not_used(source: Path, tmp_path: Path) -> None:
    metrics = _done({"recipe": _target(tmp_path / "b"), "out": str(tmp_path / "run"), "transfer_from": str(source)})
    found = metrics["metrics"]
    valid = {kind: [] for kind in ("scratch", "pretrained")}
    for row in found["runs"]:
        valid[row["kind"]].append(row["valid"]["accuracy"])
    uses = sum(valid["pretrained"]) >= sum(valid["scratch"])
    assert found["transfer"]["used"] == uses
    assert (found["chosen"]["kind"] == "pretrained") == uses


def test_a_transfer_is_resumed_and_repeated_to_the_same_numbers(source: Path, tmp_path: Path) -> None:
    recipe = _target(tmp_path / "b", seeds=(0,))
    for name in ("one", "two"):
        _done({"recipe": recipe, "out": str(tmp_path / name), "transfer_from": str(source)})
    _done({"out": str(tmp_path / "two"), "resume": True})
    assert (tmp_path / "one" / "predictions.csv").read_bytes() == (tmp_path / "two" / "predictions.csv").read_bytes()


def test_a_run_without_a_pretrained_encoder_has_nothing_to_carry_over(source: Path, tmp_path: Path) -> None:
    recipe = _target(tmp_path / "b", seeds=(0,))
    _done({"recipe": recipe, "out": str(tmp_path / "scratch")})
    failed = _job({"recipe": recipe, "out": str(tmp_path / "run"), "transfer_from": str(tmp_path / "scratch")})
    assert failed.status == "failed"
    assert failed.error is not None
    assert "no pretrained encoder" in str(failed.error)
    assert not (tmp_path / "run").exists()


def test_other_settings_than_those_of_the_source_are_refused(source: Path, tmp_path: Path) -> None:
    recipe = _target(tmp_path / "b", seeds=(0,))
    _done({"recipe": recipe, "out": str(tmp_path / "run"), "transfer_from": str(source)})
    own = RunFolder(tmp_path / "run").recipe().replaced({"encoder.width": 4})
    failed = _job({"recipe": own.model_dump(mode="json", exclude_none=True), "out": str(tmp_path / "other")})
    assert failed.status == "failed"
    assert failed.error is not None
    assert 'another "encoder"' in failed.error["message"]
