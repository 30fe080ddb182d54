"""Two runs' spaces side by side, as a job on files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec

POINTS = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)


def _run(place: Path, name: str, points: np.ndarray, ids: list[str] | None = None) -> None:
    (place / name).mkdir()
    names = ids or [f"n{i}" for i in range(len(points))]
    frame = pd.DataFrame({"node_id": names, **{f"e{i}": column for i, column in enumerate(points.T)}})
    frame.to_parquet(place / name / "embeddings.parquet")


def _ask(place: Path, **more: object) -> JobResult:
    return run_inline(JobSpec("spaces", {"first": "a", "second": "b", **more}), folder=place)


def test_a_mirrored_space_lies_on_the_first_and_shares_every_neighbour(tmp_path: Path):
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0].astype(np.float32)
    _run(tmp_path, "a", POINTS)
    _run(tmp_path, "b", POINTS @ turn)
    done = _ask(tmp_path)
    assert done.status == "finished", done.error
    assert (done.result["k"], done.result["mean"]) == (15, 1.0)
    first, second, shared = (np.load(tmp_path / done.result[name]) for name in ("first", "second", "shared"))
    np.testing.assert_allclose(second, first, atol=1e-3)
    assert shared.tolist() == [1.0] * 40
    assert (first.dtype, shared.dtype) == (np.float32, np.float32)


def test_pictures_that_are_stored_are_used_again_and_foreign_ones_are_made_anew(tmp_path: Path):
    _run(tmp_path, "a", POINTS)
    _run(tmp_path, "b", POINTS[:, ::-1].copy())
    own = np.random.default_rng(2).normal(size=(40, 2)).astype(np.float32)
    np.save(tmp_path / "a" / "projection-pca.npy", own)
    np.save(tmp_path / "b" / "projection-pca.npy", own[:7])
    done = _ask(tmp_path, k=100)
    np.testing.assert_array_equal(np.load(done.result["first"]), own)
    assert np.load(done.result["second"]).shape == (40, 2)
    assert np.load(tmp_path / "b" / "projection-pca.npy").shape == (40, 2)
    assert done.result["k"] == 39


@pytest.mark.parametrize("other", [[f"m{i}" for i in range(40)], [f"n{i}" for i in range(39)]])
def test_runs_on_other_nodes_are_told_apart(tmp_path: Path, other: list[str]):
    _run(tmp_path, "a", POINTS)
    _run(tmp_path, "b", POINTS[: len(other)], other)
    error = _ask(tmp_path).error
    assert "about other nodes" in error["message"]
    assert error["hint"] == "Choose two runs on the same data."


def test_a_run_without_embeddings_says_what_to_do(tmp_path: Path):
    _run(tmp_path, "a", POINTS)
    (tmp_path / "b").mkdir()
    assert _ask(tmp_path).error["hint"] == "Let the run finish, or resume it."


def test_nodes_that_are_asked_for_are_measured_alone(tmp_path: Path):
    other = POINTS.copy()
    other[:5] *= -1
    _run(tmp_path, "a", POINTS)
    _run(tmp_path, "b", other)
    everyone = np.load(_ask(tmp_path, k=4).result["shared"])
    (tmp_path / "a" / "projection-pca.npy").unlink()
    done = _ask(tmp_path, k=4, nodes=[7, 3, 3])
    assert done.result == {"k": 4, "mean": pytest.approx(float(everyone[[3, 7]].mean()))}
    assert not (tmp_path / "a" / "projection-pca.npy").exists()
    assert "no row 40" in _ask(tmp_path, nodes=[2, 40]).error["message"]


def test_of_very_many_nodes_some_are_drawn(tmp_path: Path):
    rng = np.random.default_rng(4)
    points = rng.normal(size=(10_500, 3)).astype(np.float32)
    _run(tmp_path, "a", points)
    _run(tmp_path, "b", points + 0.05 * rng.normal(size=points.shape).astype(np.float32))
    done = _ask(tmp_path)
    shared = np.load(done.result["shared"])
    assert np.isfinite(shared).sum() == 2_000
    assert done.result["mean"] == pytest.approx(float(np.nanmean(shared)))
    assert _ask(tmp_path, nodes=list(range(3_000))).result["mean"] == pytest.approx(done.result["mean"], abs=0.03)
