"""A run whose score means nothing says so; a run on labels without meaning scores chance."""

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.cli.main import run as shell
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from engine.project.codec import from_plain, to_toml
from tests.support.tables import block_recipe, write_blocks


def _metrics(folder: Path, recipe: dict[str, Any]) -> dict[str, Any]:
    done = run_inline(JobSpec("run", {"recipe": recipe, "out": str(folder / "run")}))
    assert done.status == "finished", done.error
    stored: dict[str, Any] = json.loads((folder / "run" / "metrics.json").read_text(encoding="utf-8"))
    return stored


def test_a_run_as_it_should_be_has_no_mark(tmp_path: Path) -> None:
    metrics = _metrics(tmp_path, block_recipe(write_blocks(tmp_path / "files", nodes=160)))
    assert metrics["audit"] == []
    assert metrics["test"]["mean"] > 0.9


def test_a_run_on_shuffled_labels_scores_chance(tmp_path: Path) -> None:
    files = write_blocks(tmp_path / "files", nodes=400)
    table = pd.read_csv(files[0], dtype=str, keep_default_na=False)
    cells = table["team"].tolist()
    random.Random(3).shuffle(cells)
    table["team"] = cells
    table.to_csv(files[0], index=False)
    metrics = _metrics(tmp_path, block_recipe(files, epochs=40))
    # About 90 test nodes of two equally frequent classes: 0.5 within three standard errors of 0.053.
    assert metrics["test"]["mean"] == pytest.approx(0.5, abs=0.16)
    assert "audit.valid_seen" not in [one["code"] for one in metrics["audit"]]


def test_a_copied_target_marks_the_run_red_with_column_and_rows(tmp_path: Path, capsys) -> None:
    files = write_blocks(tmp_path / "files")
    table = pd.read_csv(files[0], dtype=str, keep_default_na=False)
    table["city"] = table["team"].map({"red": "r", "blue": "b", "": ""})
    table.to_csv(files[0], index=False)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(to_toml(from_plain(block_recipe(files))), encoding="utf-8")
    assert shell(["run", str(recipe), "--out", str(tmp_path / "run")]) == 0
    (found,) = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))["audit"]
    assert (found["code"], found["level"], found["columns"]) == ("audit.copies_target", "error", ["city"])
    assert (found["count"], found["rows"][:2]) == (54, ["p000", "p001"])
    assert "Do not trust these scores" in capsys.readouterr().out
