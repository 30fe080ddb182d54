"""What a run does between training and predicting: confidence, sets, seeds together, labels that travel."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.support.tables import block_recipe, write_blocks


def _done(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = run_inline(JobSpec(kind, arguments, "test"))
    assert result.status == "finished", result.error
    assert result.result is not None
    return dict(result.result)


def _metrics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_blocks(tmp_path_factory.mktemp("data"), nodes=120)


@pytest.fixture(scope="module")
def together(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of three seeds that answer as one."""
    folder = tmp_path_factory.mktemp("together") / "run"
    recipe = {**block_recipe(files, seeds=(0, 1, 2)), "after": {"ensemble": True}}
    _done("run", {"recipe": recipe, "out": str(folder)})
    return folder


@pytest.fixture(scope="module")
def bare(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run without anything between training and predicting."""
    folder = tmp_path_factory.mktemp("bare") / "run"
    recipe = {**block_recipe(files, seeds=(0, 1, 2)), "after": {"calibrate": False}}
    _done("run", {"recipe": recipe, "out": str(folder)})
    return folder


def test_every_node_gets_a_set_that_holds_its_prediction(together: Path) -> None:
    table = pd.read_csv(together / "predictions.csv", dtype=str, keep_default_na=False)
    assert all(
        row.predicted_team in row.set_team.split(" | ") for row in table[["predicted_team", "set_team"]].itertuples()
    )
    judged = table[(table["split"] == "test") & (table["team"] != "")]
    held = [row.team in row.set_team.split(" | ") for row in judged[["team", "set_team"]].itertuples()]
    sizes = [len(text.split(" | ")) for text in judged["set_team"]]
    calibration = _metrics(together)["calibration"]
    assert calibration["coverage"] == pytest.approx(np.mean(held))
    assert calibration["set_size"] == pytest.approx(np.mean(sizes))
    assert calibration["sentence"].startswith("Confidence is off by")


def test_calibration_changes_confidence_and_nothing_else(files: list[Path], bare: Path, tmp_path: Path) -> None:
    _done("run", {"recipe": block_recipe(files, seeds=(0, 1, 2)), "out": str(tmp_path / "run")})
    ours = pd.read_csv(tmp_path / "run" / "predictions.csv", dtype=str, keep_default_na=False)
    theirs = pd.read_csv(bare / "predictions.csv", dtype=str, keep_default_na=False)
    confidence = ["confidence", "p_blue", "p_red"]
    assert not ours[confidence].equals(theirs[confidence])
    pd.testing.assert_frame_equal(ours.drop(columns=[*confidence, "set_team"]), theirs.drop(columns=confidence))
    ours_metrics, theirs_metrics = _metrics(tmp_path / "run"), _metrics(bare)
    assert theirs_metrics["calibration"] is None
    for name in ("valid", "test", "all", "floors", "verdict", "confusion"):
        assert ours_metrics[name] == theirs_metrics[name]


def test_seeds_together_answer_with_the_mean_of_their_probabilities(
    together: Path, files: list[Path], tmp_path: Path
) -> None:
    shares = []
    for seed in (0, 1, 2):
        recipe = {**block_recipe(files, seeds=(seed,)), "after": {"calibrate": False}}
        _done("run", {"recipe": recipe, "out": str(tmp_path / str(seed))})
        shares.append(pd.read_csv(tmp_path / str(seed) / "predictions.csv")["p_red"].to_numpy())
    temperature = _metrics(together)["calibration"]["temperature"]
    mean = np.mean(shares, axis=0)
    # Of two classes the logit of the shares is the difference of the logits, so the temperature divides it.
    expected = 1 / (1 + np.exp(-np.log(mean / (1 - mean)) / temperature))
    found = pd.read_csv(together / "predictions.csv")["p_red"].to_numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)
    ensemble = _metrics(together)["ensemble"]
    assert ensemble["used"] is True
    assert [member["seed"] for member in ensemble["members"]] == [0, 1, 2]
    assert "3 seeds together" in ensemble["sentence"]


def test_new_files_are_scored_by_all_seeds_with_the_stored_confidence(
    together: Path, files: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "again.csv"
    _done("predict", {"run": str(together), "files": [str(file) for file in files], "out": str(out)})
    again, own = pd.read_csv(out), pd.read_csv(together / "predictions.csv")
    np.testing.assert_allclose(again["confidence"], own["confidence"], atol=1e-6)
    assert list(again["set_team"]) == list(own["set_team"])


def test_seeds_that_draw_their_own_split_never_answer_together(files: list[Path], tmp_path: Path) -> None:
    # A node that tests one seed trains another: an average would have seen the answer.
    recipe = {
        **block_recipe(files, seeds=(0, 1), epochs=3),
        "split": {"type": "random"},
        "after": {"ensemble": "on"},
    }
    _done("run", {"recipe": recipe, "out": str(tmp_path / "run")})
    assert _metrics(tmp_path / "run")["ensemble"] is None


def test_auto_answers_together_only_where_valid_says_so(files: list[Path], tmp_path: Path) -> None:
    recipe = {**block_recipe(files, seeds=(0, 1), epochs=3), "after": {"ensemble": "auto"}}
    metrics = _done("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    best = max(row["valid"]["accuracy"] for row in metrics["runs"])
    assert metrics["ensemble"]["used"] == (metrics["ensemble"]["valid"]["accuracy"] >= best)


def test_smoothing_is_part_of_the_score_where_it_wins_and_of_no_answer_for_new_files(
    files: list[Path], bare: Path, tmp_path: Path
) -> None:
    # Two epochs: the model knows next to nothing, and the labels of the neighbours help.
    recipe = {**block_recipe(files, epochs=2), "after": {"smooth": "auto"}}
    metrics = _done("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    plain = {**recipe, "after": {"calibrate": False}}
    before = _done("run", {"recipe": plain, "out": str(tmp_path / "plain")})["metrics"]
    assert metrics["runs"][0]["smoothing"] is not None
    assert metrics["valid"]["mean"] > before["valid"]["mean"]
    table = pd.read_csv(tmp_path / "run" / "predictions.csv", dtype=str, keep_default_na=False)
    judged = table[(table["split"] == "test") & (table["team"] != "")]
    assert metrics["test"]["mean"] == pytest.approx((judged["team"] == judged["predicted_team"]).mean())
    out = tmp_path / "again.csv"
    _done("predict", {"run": str(tmp_path / "run"), "files": [str(file) for file in files], "out": str(out)})
    own = pd.read_csv(tmp_path / "plain" / "predictions.csv", dtype=str, keep_default_na=False)
    assert list(pd.read_csv(out, dtype=str)["predicted_team"]) == list(own["predicted_team"])


def test_values_get_a_range_in_their_own_unit(files: list[Path], tmp_path: Path) -> None:
    recipe = block_recipe(files, epochs=5)
    columns = recipe["data"]["tables"][0]["columns"]  # type: ignore[index]  # plain data of a known shape
    columns["age"] = {"role": "target", "kind": "number"}
    columns["team"] = {"role": "feature", "kind": "category"}
    recipe["task"] = {"type": "node_value", "target": "age"}
    metrics = _done("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    table = pd.read_csv(tmp_path / "run" / "predictions.csv")
    width = metrics["calibration"]["width"]
    # Both ends are written as 32-bit numbers, exact to some millionths of a value below 64.
    np.testing.assert_allclose(table["high_age"] - table["low_age"], width, atol=1e-5)
    judged = table[table["split"] == "test"]
    held = ((judged["age"] >= judged["low_age"]) & (judged["age"] <= judged["high_age"])).mean()
    assert metrics["calibration"]["coverage"] == pytest.approx(held)
