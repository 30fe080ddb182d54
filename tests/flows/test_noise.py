"""Recipes against wrong edges and wrong labels, from files to files."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.core.cancel import CancelToken
from engine.core.events import EpochFinished, Event
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.support.tables import block_recipe, write_blocks


def _done(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = run_inline(JobSpec(kind, arguments, "test"))
    assert result.status == "finished", result.error
    assert result.result is not None
    return dict(result.result)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_blocks(tmp_path_factory.mktemp("data"))


def test_a_run_with_everything_against_noise_goes_on_exactly_where_it_was_cancelled(
    files: list[Path], tmp_path: Path
) -> None:
    noise = {"prune": "cosine", "threshold": 0.0, "drop_edge": 0.3, "loss": "generalised"}
    recipe = {**block_recipe(files, epochs=12), "noise": noise}
    whole = _done("run", {"recipe": recipe, "out": str(tmp_path / "whole")})["metrics"]
    rule = whole["pruning"][0]
    assert rule["kind"] == "cosine"
    assert 0 < rule["left_out"] < rule["edges"]

    token = CancelToken()

    def cancel(event: Event) -> None:
        if isinstance(event, EpochFinished) and event.epoch == 5:
            token.cancel()

    first = run_inline(
        JobSpec("run", {"recipe": recipe, "out": str(tmp_path / "two")}, "test"), sink=cancel, cancel=token
    )
    assert first.status == "cancelled"
    _done("run", {"out": str(tmp_path / "two"), "resume": True})
    for name in ("predictions.csv", "embeddings.parquet"):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_new_files_lose_the_same_edges_as_the_runs_own(files: list[Path], tmp_path: Path) -> None:
    recipe = {**block_recipe(files, epochs=12), "noise": {"prune": "cosine", "threshold": 0.0}}
    _done("run", {"recipe": recipe, "out": str(tmp_path / "run")})
    out = tmp_path / "again.csv"
    _done("predict", {"run": str(tmp_path / "run"), "files": [str(file) for file in files], "out": str(out)})
    own = pd.read_csv(tmp_path / "run" / "predictions.csv")
    np.testing.assert_allclose(pd.read_csv(out)["p_red"], own["p_red"], atol=1e-6)
    plain = block_recipe(files, epochs=12)
    _done("run", {"recipe": plain, "out": str(tmp_path / "plain")})
    assert np.abs(pd.read_csv(tmp_path / "plain" / "predictions.csv")["p_red"] - own["p_red"]).max() > 1e-3


def test_dropping_edges_changes_the_training_and_not_the_graph_that_answers(files: list[Path], tmp_path: Path) -> None:
    answers = {}
    for share in (0.0, 0.5):
        recipe = {**block_recipe(files, epochs=3), "noise": {"drop_edge": share}}
        metrics = _done("run", {"recipe": recipe, "out": str(tmp_path / str(share))})["metrics"]
        assert metrics["pruning"] == []
        answers[share] = pd.read_csv(tmp_path / str(share) / "predictions.csv")["p_red"]
    assert (answers[0.0] - answers[0.5]).abs().max() > 1e-4
