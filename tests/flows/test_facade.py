"""The engine as a notebook uses it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import engine
from engine.core.errors import EngineError
from tests.support.tables import write_blocks


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables and a short quick run."""
    folder = tmp_path_factory.mktemp("facade")
    recipe = engine.suggest(write_blocks(folder / "data"), "team", preset="quick")
    short = recipe.replaced(
        {"finetune.training.epochs": 5, "pretrain.training.epochs": 5, "encoder.width": 8, "runtime.threads": 1}
    )
    engine.run(short, folder / "run")
    return folder


def test_the_facade_has_at_most_fifteen_names_and_all_of_them_work() -> None:
    assert len(engine.__all__) <= 15
    for name in engine.__all__:
        assert callable(getattr(engine, name))
    assert set(engine.__all__) <= set(dir(engine))
    with pytest.raises(AttributeError):
        getattr(engine, "no_such_name")  # noqa: B009 - the name is not there


def test_quick_pretrains_on_what_the_nodes_bring_along(place: Path) -> None:
    recipe = engine.suggest([place / "data/nodes.csv", place / "data/edges.csv"], "team", preset="quick")
    assert recipe.pretrain is not None
    assert recipe.pretrain.type == "dgi"
    assert 40 <= recipe.finetune.training.epochs <= 200


def test_tables_become_a_graph(place: Path) -> None:
    tables = engine.read_tables([place / "data/nodes.csv", place / "data/edges.csv"], target="team")
    opened = engine.build(engine.suggest_data(tables, target="team"))
    assert opened.data.graph.num_nodes == 60
    assert opened.id_name == "id"
    assert list(opened.data.node_ids[:2]) == ["p000", "p001"]


def test_a_run_predicts_and_embeds_in_memory_what_it_wrote(place: Path) -> None:
    files = [place / "data/nodes.csv", place / "data/edges.csv"]
    stored = pd.read_csv(place / "run/predictions.csv", dtype=str, keep_default_na=False)
    found = engine.predict(place / "run", files)
    assert list(found["predicted_team"]) == list(stored["predicted_team"])
    own, again = engine.embed(place / "run"), engine.embed(place / "run", files)
    assert np.abs(own.iloc[:, 1:].to_numpy() - again.iloc[:, 1:].to_numpy()).max() < 1e-6


def test_a_loaded_run_is_a_model_with_its_schema_and_task(place: Path) -> None:
    fitted = engine.load_run(place / "run")
    assert fitted.task.class_names == ("blue", "red")
    assert "age" in " ".join(fitted.schema.names)


def test_predictions_of_a_permuted_file_are_permuted_and_otherwise_the_same(place: Path) -> None:
    nodes = pd.read_csv(place / "data/nodes.csv", dtype=str, keep_default_na=False)
    turned = place / "turned.csv"
    nodes.iloc[::-1].to_csv(turned, index=False)
    first = engine.predict(place / "run", [place / "data/nodes.csv", place / "data/edges.csv"])
    second = engine.predict(place / "run", [turned, place / "data/edges.csv"]).iloc[::-1]
    assert list(first["id"]) == list(second["id"])
    assert np.abs(first["p_red"].to_numpy() - second["p_red"].to_numpy()).max() < 1e-5


def test_exports_and_errors_come_as_values(place: Path) -> None:
    assert engine.export_run(place / "run", "predictions", "csv", place / "p.csv").is_file()
    with pytest.raises(EngineError, match="cannot hold predictions"):
        engine.export_run(place / "run", "predictions", "gexf", place / "p.gexf")


def test_the_window_sees_every_component_as_data() -> None:
    assert engine.components()["options"].keys() >= {"training", "optimiser", "schedule", "runtime", "data"}


def test_open_project_opens_what_was_made(tmp_path: Path) -> None:
    made = engine.Project.create(tmp_path / "p.kith", "Mine")
    made.close()
    project = engine.open_project(tmp_path / "p.kith")
    assert project.name == "Mine"
    project.close()
