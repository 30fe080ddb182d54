"""Many small graphs, from files to predictions under their own ids and on to new files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.support.collections import shapes_recipe, write_shapes


def _result(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    done = run_inline(JobSpec(kind, arguments, "test"))
    assert done.result is not None, done.error
    return dict(done.result)


def _error(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    done = run_inline(JobSpec(kind, arguments, "test"))
    assert done.error is not None, done.result
    return dict(done.error)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that tells rings from paths."""
    folder = tmp_path_factory.mktemp("shapes")
    recipe = shapes_recipe(write_shapes(folder / "data"))
    _result("run", {"recipe": recipe, "out": str(folder / "run")})
    return folder


def test_rings_are_told_from_paths_which_no_floor_can_do_without_the_edges(trained: Path) -> None:
    metrics = json.loads((trained / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["metric"] == "accuracy"
    assert metrics["test"]["mean"] == 1.0
    assert set(metrics["floors"]) == {"majority", "features_only"}
    assert metrics["floors"]["majority"]["test"]["mean"] <= 0.6


def test_predictions_and_embeddings_stand_under_the_ids_of_the_graphs(trained: Path) -> None:
    table = pd.read_csv(trained / "run" / "predictions.csv", keep_default_na=False)
    assert list(table.columns)[:5] == ["name", "predicted_shape", "confidence", "p_path", "p_ring"]
    assert table["name"].tolist() == [f"g{k:02d}" for k in range(40)]
    assert {"split", "shape", "size", "strength", "fold"} <= set(table.columns)
    unknown = table[table["shape"] == ""]
    assert unknown["split"].tolist() == [""] * 4
    # Every tenth is unknown to the program and a path.
    assert unknown["predicted_shape"].tolist() == ["path"] * 4
    vectors = pd.read_parquet(trained / "run" / "embeddings.parquet")
    assert vectors.shape == (40, 17)
    assert vectors["name"].tolist() == table["name"].tolist()


def test_new_graphs_are_scored_under_their_ids_with_and_without_a_table_of_their_own(
    trained: Path, tmp_path: Path
) -> None:
    graphs, nodes, edges = write_shapes(tmp_path / "new", graphs=12, seed=5, prefix="new")
    run = str(trained / "run")
    out = tmp_path / "p.csv"
    _result("predict", {"run": run, "files": [str(graphs), str(nodes), str(edges)], "out": str(out)})
    table = pd.read_csv(out)
    assert table["name"].tolist() == [f"new{k:02d}" for k in range(12)]
    assert table["predicted_shape"].tolist() == ["ring", "path"] * 6
    _result("predict", {"run": run, "files": [str(nodes), str(edges)], "out": str(out)})
    # Named as the nodes name them, in the order in which they do.
    alone = pd.read_csv(out).set_index("of").loc[table["name"]]
    assert np.allclose(alone["p_ring"], table["p_ring"])


def test_the_runs_own_files_score_as_they_did_in_the_run(trained: Path, tmp_path: Path) -> None:
    files = [str(trained / "data" / name) for name in ("graphs.csv", "nodes.csv", "edges.csv")]
    out = tmp_path / "p.csv"
    _result("predict", {"run": str(trained / "run"), "files": files, "out": str(out)})
    ours, theirs = pd.read_csv(out), pd.read_csv(trained / "run" / "predictions.csv")
    assert np.allclose(ours["p_ring"], theirs["p_ring"], atol=1e-6)


def test_a_number_of_each_graph_is_predicted_fold_by_fold(tmp_path: Path) -> None:
    files = write_shapes(tmp_path / "data")
    recipe = shapes_recipe(files, epochs=200, split={"type": "kfold", "column": "fold"})
    recipe["task"] = {"type": "graph_value", "target": "strength"}
    recipe["data"]["tables"][0]["columns"] = {
        "name": "graph_id",
        "strength": {"role": "target", "kind": "number"},
        "fold": "fold",
    }
    found = _result("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    # Fold 0 always trains, the other four judge in turn.
    assert found["splits"] == ["fold-1", "fold-2", "fold-3", "fold-4"]
    assert found["metric"] == "rmse"
    table = pd.read_csv(tmp_path / "run" / "predictions.csv")
    judged = table["fold"] > 0
    assert table["out_of_fold_split"].fillna("").tolist() == [f"fold-{k}" if k else "" for k in table["fold"]]
    # Who always trains is not predicted by a model that did not see it.
    assert (table["out_of_fold_predicted_strength"].notna() == judged).all()
    own = table["split"] == "test"
    assert own.sum() == 8
    assert np.allclose(table["predicted_strength"][own], table["out_of_fold_predicted_strength"][own], atol=1e-4)
    told = found["out_of_fold"]
    errors = (table["out_of_fold_predicted_strength"] - table["strength"])[judged]
    assert told["scores"]["rmse"] == pytest.approx(float((errors**2).mean() ** 0.5), rel=1e-4)
    assert (told["items"], told["of"]) == (32, 40)
    # Strength runs from 8 to 15; the mean is off by more than 2.
    assert found["test"]["mean"] < 0.7 * found["floors"]["majority"]["test"]["mean"]


def test_a_recipe_is_suggested_given_only_the_target(tmp_path: Path) -> None:
    files = [str(path) for path in write_shapes(tmp_path / "data")]
    found = _result("suggest", {"files": files, "target": "shape", "preset": "recommended"})
    recipe = found["recipe"]
    assert recipe["task"] == {"type": "graph_class", "target": "shape"}
    assert recipe["split"] == {"type": "kfold", "column": "fold"}
    assert recipe["loader"]["type"] == "graphs"
    roles = {name: spec["role"] for name, spec in recipe["data"]["tables"][0]["columns"].items()}
    assert roles == {
        "name": "graph_id",
        "shape": "target",
        "size": "ignore",
        "strength": "ignore",
        "fold": "fold",
    }
    assert found["estimate"]["seconds"] > 0


def test_an_import_keeps_the_graphs_beside_their_nodes(tmp_path: Path) -> None:
    files = [str(path) for path in write_shapes(tmp_path / "data", graphs=6)]
    data = _result("preview", {"files": files})["data"]
    found = _result("import_data", {"data": data, "out": str(tmp_path / "sets")})
    folder = Path(found["folder"])
    assert found["summary"]["num_graphs"] == 6
    assert np.load(folder / "graph_ptr.npy").tolist() == [0, 4, 8, 13, 18, 24, 30]
    assert pd.read_parquet(folder / "graphs.parquet")["graph_id"].tolist() == [f"g{k:02d}" for k in range(6)]
    assert len(pd.read_parquet(folder / "nodes.parquet")) == 30


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"loader": {"type": "full"}}, "loader.type"),
        ({"readout": None}, "readout"),
        ({"task": {"type": "node_class", "target": "shape"}}, "loader.type"),
        ({"beside": {"type": "consistency"}}, "beside"),
        ({"after": {"smooth": "auto"}}, "after.smooth"),
        ({"noise": {"drop_edge": 0.2}}, "noise.drop_edge"),
        ({"labels": {"reuse": True}}, "labels.reuse"),
    ],
)
def test_parts_for_nodes_are_refused_for_graphs(tmp_path: Path, changes: dict[str, object], path: str) -> None:
    recipe = shapes_recipe(write_shapes(tmp_path / "data", graphs=4), **changes)
    recipe = {name: part for name, part in recipe.items() if part is not None}
    error = _error("run", {"recipe": recipe, "out": str(tmp_path / "run")})
    assert error["details"]["path"] == path


def test_several_columns_are_predicted_at_once(tmp_path: Path) -> None:
    files = [str(path) for path in write_shapes(tmp_path / "data", graphs=120)]
    found = _result("suggest", {"files": files, "targets": ["size", "strength"], "split": "random", "seeds": 1})
    recipe = found["recipe"]
    assert recipe["task"] == {"type": "graph_values", "targets": ["size", "strength"]}
    recipe["finetune"]["training"] = {"epochs": 30}
    recipe["split"] = {"type": "random", "train": 0.5, "valid": 0.25}
    recipe["loader"] = {"type": "graphs", "batch_size": 8}
    recipe["encoder"] = {"type": "gin", "layers": 2, "width": 16, "dropout": 0.0, "norm": "none"}
    recipe["runtime"] = {"device": "cpu", "threads": 1}
    metrics = _result("run", {"recipe": recipe, "out": str(tmp_path / "run")})["metrics"]
    assert metrics["test"]["mean"] < metrics["floors"]["majority"]["test"]["mean"]
    table = pd.read_csv(tmp_path / "run" / "predictions.csv")
    assert list(table.columns)[:3] == ["name", "predicted_size", "predicted_strength"]
    assert [row["target"] for row in metrics["report"]["test"]["targets"]] == ["size", "strength"]
    tested = table[table["split"] == "test"]
    for told in metrics["calibration"]["targets"]:
        low, true, high = (tested[f"{prefix}{told['target']}"] for prefix in ("low_", "", "high_"))
        assert told["coverage"] == pytest.approx(((low <= true) & (true <= high)).mean())
        assert np.allclose(high - low, told["width"], atol=1e-4)
    # New files get the same ranges.
    out = tmp_path / "p.csv"
    _result("predict", {"run": str(tmp_path / "run"), "files": files, "out": str(out)})
    again, names = pd.read_csv(out), ["low_size", "high_size", "low_strength", "high_strength"]
    assert list(again.columns)[3:7] == names
    assert np.allclose(again[names], table[names], atol=1e-4)


def test_columns_of_different_kinds_are_not_predicted_together(tmp_path: Path) -> None:
    files = [str(path) for path in write_shapes(tmp_path / "data")]
    tables = pd.read_csv(files[0])
    tables.assign(maker=[f"maker {k % 3}" for k in range(len(tables))]).to_csv(files[0], index=False)
    error = _error("suggest", {"files": files, "targets": ["strength", "maker"]})
    assert '"maker" does not fit' in error["message"]


def test_what_is_pooled_of_a_graph_is_read_beside_its_nodes_and_of_new_files_too(trained: Path, tmp_path: Path) -> None:
    files = [trained / "data" / name for name in ("graphs.csv", "nodes.csv", "edges.csv")]
    recipe = shapes_recipe(files)
    recipe["readout"] = {**recipe["readout"], "whole": "pooled"}
    run, out = tmp_path / "run", tmp_path / "p.csv"
    _result("run", {"recipe": recipe, "out": str(run)})
    _result("predict", {"run": str(run), "files": [str(path) for path in files], "out": str(out)})
    ours, theirs = pd.read_csv(out), pd.read_csv(run / "predictions.csv")
    assert np.allclose(ours["p_ring"], theirs["p_ring"], atol=1e-6)


def test_descriptors_are_for_molecules_alone(trained: Path, tmp_path: Path) -> None:
    files = [trained / "data" / name for name in ("graphs.csv", "nodes.csv", "edges.csv")]
    recipe = shapes_recipe(files)
    recipe["readout"] = {**recipe["readout"], "whole": "descriptors"}
    error = _error("run", {"recipe": recipe, "out": str(tmp_path / "run")})
    assert "Only molecules have descriptors" in error["message"]
    assert error["hint"] == 'Set it to "nothing".'
