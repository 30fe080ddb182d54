"""Molecules written anew: from a table of SMILES to a run with its floor, and to molecules out of that run."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.flows.test_molecules import _molecules

COLUMNS = {"name": {"role": "graph_id"}, "formula": {"role": "smiles"}}


def _done(kind: str, arguments: dict[str, Any]) -> Any:
    return run_inline(JobSpec(kind, arguments, "test"))


def _result(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    done = _done(kind, arguments)
    assert done.result is not None, done.error
    return dict(done.result)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    path = folder / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [(f"m{k:02d}", smiles) for k, smiles in enumerate(_molecules())]
        csv.writer(file).writerows([("name", "formula"), *rows])
    recipe = {
        "data": {"tables": [{"path": str(path), "kind": "molecules", "columns": COLUMNS}]},
        "split": {"type": "random"},
        "task": {"type": "generate", "target": "formula", "width": 64},
        "encoder": {"type": "gine", "layers": 2, "width": 32, "jumping": "cat"},
        "readout": {"type": "sum", "after": 0},
        "finetune": {"type": "scratch", "training": {"epochs": 30}, "optimiser": {"rate": 0.01}},
        "loader": {"type": "graphs", "batch_size": 8},
        "runtime": {"device": "cpu", "threads": 1},
    }
    _result("run", {"recipe": recipe, "out": str(folder / "run")})
    return folder


def test_the_run_is_set_against_a_trigram_and_says_how_unusual_each_molecule_is(trained: Path) -> None:
    metrics = json.loads((trained / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["metric"] == "nll"
    assert list(metrics["floors"]) == ["trigram"]
    assert metrics["test"]["mean"] < metrics["floors"]["trigram"]["test"]["mean"]
    assert "a model of the two tokens before needs" in metrics["verdict"]
    table = pd.read_csv(trained / "run" / "predictions.csv")
    assert table["name"].tolist() == [f"m{k:02d}" for k in range(48)]
    assert (table["surprise"] > 0).all()


def test_molecules_are_written_near_to_those_of_the_test(trained: Path) -> None:
    arguments = {"run": str(trained / "run"), "count": 40, "seed": 1, "out": str(trained / "new.csv")}
    found = _result("generate", arguments)
    assert found["count"] == 40
    # Within the grammar a text that ends is a molecule; chains of a dozen tokens do.
    assert found["valid"] > 0.9
    assert 0 <= found["novel"] <= 1
    assert 0 <= found["rewritten"] <= 1
    table = pd.read_csv(trained / "new.csv")
    assert len(table) == 40
    assert table["valid"].mean() == pytest.approx(found["valid"])
    assert _result("generate", {**arguments, "out": None}) == {**found, "path": None}


def test_one_can_walk_from_one_molecule_to_another(trained: Path) -> None:
    arguments = {"run": str(trained / "run"), "near": "CCCO", "to": "CCCCCC", "count": 5, "temperature": 0.0}
    found = _result("generate", arguments)
    assert len(found["molecules"]) == 5
    assert found["rewritten"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"near": "C1CC"}, "not a molecule"),
        ({"to": "CC"}, "no molecule to start from"),
    ],
)
def test_what_cannot_be_written_from_is_refused(trained: Path, arguments: dict[str, Any], message: str) -> None:
    done = _done("generate", {"run": str(trained / "run"), **arguments})
    assert done.error is not None
    assert message in done.error["message"]


def test_writing_reads_nothing_beside_the_atoms(trained: Path, tmp_path: Path) -> None:
    from engine.project.codec import read_recipe

    recipe = read_recipe(trained / "run" / "recipe.toml").replaced({"readout.whole": "descriptors"})
    done = _done("run", {"recipe": recipe.model_dump(mode="json", exclude_none=True), "out": str(tmp_path / "run")})
    assert done.error is not None
    assert 'Set readout.whole to "nothing".' in done.error["hint"]
