"""Neighbours in the space of embeddings, against scikit-learn and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from engine.infer.nearest import nearest
from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobResult, JobSpec


def _ask(place: Path, **arguments: object) -> JobResult:
    return run_inline(JobSpec("nearest", {"file": "e.parquet", **arguments}), folder=place)


def test_nearest_equals_scikit_learn_by_cosine():
    points = np.random.default_rng(0).normal(size=(300, 7)).astype(np.float32)
    rows = np.array([3, 250, 3, 0, *range(20, 40)])
    found = nearest(points, rows, 9)
    distance, index = NearestNeighbors(n_neighbors=10, metric="cosine").fit(points).kneighbors(points[rows])
    np.testing.assert_array_equal(found.index, index[:, 1:])
    np.testing.assert_allclose(found.cosine, 1 - distance[:, 1:], atol=1e-5)


def test_ties_stand_in_row_order_and_a_vector_of_zeros_is_like_no_one():
    points = np.array([[1, 0], [2, 0], [0, 0], [3, 0], [-1, 0]], np.float32)
    found = nearest(points, np.array([1, 2]), 10)
    assert found.index.tolist() == [[0, 3, 2, 4], [0, 1, 3, 4]]
    assert found.cosine.tolist() == [[1, 1, 0, -1], [0, 0, 0, 0]]


def test_job_lists_ids_and_rows(tmp_path: Path):
    pd.DataFrame({"node_id": ["ann", "bob", "cy"], "e0": [1.0, 1.0, -1.0], "e1": [0.0, 1.0, 0.0]}).to_parquet(
        tmp_path / "e.parquet"
    )
    done = _ask(tmp_path, nodes=["cy", "ann"], k=2)
    assert done.status == "finished", done.error
    assert done.result["nodes"][1] == {
        "node": "ann",
        "nearest": [{"id": "bob", "row": 1, "cosine": pytest.approx(0.5**0.5, abs=1e-5)},
                    {"id": "cy", "row": 2, "cosine": -1.0}],
    }  # fmt: skip
    assert [one["id"] for one in done.result["nodes"][0]["nearest"]] == ["bob", "ann"]


def test_unknown_node_and_missing_file_say_what_to_do(tmp_path: Path):
    assert "Let the run finish" in _ask(tmp_path, nodes=["a"]).error["hint"]
    pd.DataFrame({"node_id": ["anna"], "e0": [1.0]}).to_parquet(tmp_path / "e.parquet")
    assert _ask(tmp_path, nodes=["ana"]).error["hint"] == 'Did you mean "anna"?'
    assert _ask(tmp_path, nodes=["anna"]).result["nodes"][0]["nearest"] == []
