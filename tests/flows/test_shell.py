"""The shell commands as a person or a script runs them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from engine.cli.main import run as command
from tests.support.tables import write_blocks

_NO_TRACEBACK = "Traceback"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tables, a recipe and a short run."""
    folder = tmp_path_factory.mktemp("shell")
    nodes, edges = write_blocks(folder / "data")
    assert (
        command(["suggest", str(nodes), str(edges), "--target", "team", "--preset", "plain"] + _out(folder, "r.toml"))
        == 0
    )
    cut = ["--set", "finetune.training.epochs=15", "--set", "runtime.threads=1"]
    assert command(["run", str(folder / "r.toml"), *cut, *_out(folder, "run")]) == 0
    return folder


def _out(folder: Path, name: str) -> list[str]:
    return ["--out", str(folder / name)]


def test_check_says_what_was_understood(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["check", str(place / "data/nodes.csv"), str(place / "data/edges.csv"), "--target", "team"]) == 0
    said = capsys.readouterr().out
    assert "team: target" in said
    assert "part: split" in said
    assert "60 of 60 nodes in nodes.csv matched" in said


def test_check_speaks_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["check", "--json", str(place / "data/nodes.csv"), str(place / "data/edges.csv")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {table["kind"] for table in found["tables"]} == {"nodes", "edges"}


def test_the_recipe_explains_itself_and_runs_from_where_it_lies(place: Path) -> None:
    text = (place / "r.toml").read_text(encoding="utf-8")
    assert 'path = "data/nodes.csv"' in text
    assert '# "part" says which nodes train, choose and judge.' in text
    assert 'type = "by_column"' in text


def test_a_run_writes_predictions_and_its_own_recipe(place: Path) -> None:
    assert (place / "run" / "predictions.csv").is_file()
    assert "epochs = 15" in (place / "run" / "recipe.toml").read_text(encoding="utf-8")


def test_run_speaks_json_and_takes_seeds(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    cut = ["--set", "finetune.training.epochs=3", "--seeds", "2", "--json"]
    assert command(["run", str(place / "r.toml"), *cut, *_out(place, "two")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["metrics"]["seeds"] == [0, 1]


def test_predicting_the_same_files_gives_the_same_predictions(place: Path) -> None:
    files = [str(place / "data/nodes.csv"), str(place / "data/edges.csv")]
    assert command(["predict", str(place / "run"), *files, *_out(place, "same.csv")]) == 0
    new = pd.read_csv(place / "same.csv")
    old = pd.read_csv(place / "run" / "predictions.csv")
    assert list(new["id"]) == list(old["id"])
    assert (new["p_red"] - old["p_red"]).abs().max() < 1e-6


def test_a_prediction_is_explained_by_name(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = pd.read_csv(place / "run" / "predictions.csv", dtype=str).iloc[0]
    asked = ["explain", str(place / "run"), "--node", row.iloc[0], "--target", "team"]
    assert command(asked) == 0
    said = capsys.readouterr().out
    assert said.startswith(f'"{row.iloc[0]}" is predicted as {row["predicted_team"]}')
    assert "\nNeighbours: " in said
    assert command([*asked[:-1], "age", "--json"]) == 2
    assert "It predicts team." in json.loads(capsys.readouterr().out)["error"]["hint"]


def test_predicting_a_new_graph_matches_columns_by_name(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes, edges = write_blocks(place / "new", nodes=20, seed=5, prefix="q")
    table = pd.read_csv(nodes, dtype=str, keep_default_na=False)
    table = table[["city", "age", "id"]].assign(mood="fine")
    renamed = place / "new" / "people of next year.csv"
    table.to_csv(renamed, index=False, sep=";")
    assert command(["predict", str(place / "run"), str(edges), str(renamed), *_out(place, "new.csv")]) == 0
    assert "mood" in capsys.readouterr().out
    found = pd.read_csv(place / "new.csv", dtype=str)
    assert list(found["id"]) == [f"q{number:03d}" for number in range(20)]
    assert list(found["mood"]) == ["fine"] * 20


def test_a_missing_column_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes, edges = write_blocks(place / "poor", nodes=20, seed=5)
    pd.read_csv(nodes, dtype=str).drop(columns="age").to_csv(nodes, index=False)
    assert command(["predict", str(place / "run"), str(edges), str(nodes), *_out(place, "poor.csv")]) == 2
    assert "age" in capsys.readouterr().err
    assert not (place / "poor.csv").exists()


def test_embeddings_come_from_the_run_and_for_new_files(place: Path) -> None:
    assert command(["embed", str(place / "run"), *_out(place, "e.parquet")]) == 0
    own = pd.read_parquet(place / "e.parquet")
    assert list(own.columns) == ["id", *(f"e{number}" for number in range(16))]
    files = [str(place / "data/nodes.csv"), str(place / "data/edges.csv")]
    assert command(["embed", str(place / "run"), *files, *_out(place, "again.csv")]) == 0
    again = pd.read_csv(place / "again.csv")
    assert list(again.columns) == list(own.columns)
    assert (own.iloc[:, 1:].to_numpy() - again.iloc[:, 1:].to_numpy()).max() < 1e-6


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("predictions", "csv"),
        ("predictions", "parquet"),
        ("embeddings", "csv"),
        ("embeddings", "parquet"),
        ("report", "html"),
        ("report", "csv"),
        ("graph", "graphml"),
        ("graph", "gexf"),
        ("graph", "csv"),
    ],
)
def test_every_export_writes_a_file(place: Path, what: str, to: str) -> None:
    assert command(["export", str(place / "run"), "--what", what, "--to", to, *_out(place, f"x-{what}.{to}")]) == 0
    assert (place / f"x-{what}.{to}").stat().st_size > 50


def test_without_a_format_the_name_of_the_file_says_which(place: Path) -> None:
    assert command(["export", str(place / "run"), "--what", "graph", *_out(place, "named.gexf")]) == 0
    assert (place / "named.gexf").read_text(encoding="utf-8").startswith("<?xml")
    assert command(["export", str(place / "run"), *_out(place, "named")]) == 2


def test_the_exported_graph_carries_predictions(place: Path) -> None:
    import networkx as nx

    command(["export", str(place / "run"), "--what", "graph", "--to", "graphml", *_out(place, "g.graphml")])
    graph = nx.read_graphml(place / "g.graphml")
    edges = pd.read_csv(place / "data/edges.csv")
    assert graph.number_of_edges() == len(edges)
    predictions = pd.read_csv(place / "run/predictions.csv", dtype=str).set_index("id")
    assert all(graph.nodes[name]["predicted_team"] == predictions.loc[name, "predicted_team"] for name in graph)


def test_components_lists_one_kind_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["components", "statistic"]) == 0
    shown = capsys.readouterr().out
    assert "pagerank (recommended) – PageRank" in shown
    assert "gcn" not in shown
    assert command(["components", "statistics"]) == 2
    assert "Known: " in capsys.readouterr().err


def test_components_lists_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["components", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["broken"] == {}
    keys = {kind: [one["key"] for one in components] for kind, components in found["kinds"].items()}
    assert "gcn" in keys["encoder"]
    assert {"dgi", "graphmae", "links"} <= set(keys["objective"])
    assert all(keys.values())


def _bad(folder: Path) -> dict[str, list[str]]:
    (folder / "empty.csv").write_bytes(b"")
    (folder / "binary.csv").write_bytes(bytes(range(256)) * 20)
    (folder / "typo.toml").write_text(
        (folder / "r.toml").read_text(encoding="utf-8").replace("width = 16", "widht = 16"), encoding="utf-8"
    )
    (folder / "unknown.toml").write_text(
        (folder / "r.toml").read_text(encoding="utf-8").replace('type = "gcn"', 'type = "gnc"'), encoding="utf-8"
    )
    nodes, edges = str(folder / "data/nodes.csv"), str(folder / "data/edges.csv")
    recipe, out = str(folder / "r.toml"), ["--out", str(folder / "bad")]
    return {
        "no such file": ["check", str(folder / "none.csv")],
        "a folder": ["check", str(folder)],
        "an empty file": ["check", str(folder / "empty.csv"), edges],
        "a binary file": ["check", str(folder / "binary.csv"), edges],
        "no edges": ["check", nodes],
        "no such target": ["suggest", nodes, edges, "--target", "teem", *out],
        "no such split column": ["suggest", nodes, edges, "--target", "team", "--split", "pert", *out],
        "no such objective": ["suggest", nodes, edges, "--target", "team", "--pretrain", "dig", *out],
        "recipe missing": ["run", str(folder / "none.toml"), *out],
        "recipe is a table": ["run", nodes, *out],
        "recipe is a folder": ["run", str(folder), *out],
        "recipe with a typo": ["run", str(folder / "typo.toml"), *out],
        "unknown component": ["run", str(folder / "unknown.toml"), *out],
        "value out of range": ["run", recipe, "--set", "encoder.layers=99", *out],
        "unknown option": ["run", recipe, "--set", "encoder.wdith=9", *out],
        "nothing set": ["run", recipe, "--set", "encoder.width", *out],
        "target not there": ["run", recipe, "--set", "task.target=teem", *out],
        "no gpu of that number": ["run", recipe, "--set", "runtime.device=cuda:99", *out],
        "no seeds": ["run", recipe, "--seeds", "0", *out],
        "resume what is no run": ["run", "--resume", str(folder / "data")],
        "run that is there": ["run", recipe, "--out", str(folder / "run")],
        "no such run": ["predict", str(folder / "none"), nodes, *out],
        "format that cannot": ["export", str(folder / "run"), "--what", "graph", "--to", "html", *out],
        "unknown format": ["export", str(folder / "run"), "--to", "docx", *out],
        "files of another kind": ["predict", str(folder / "run"), str(folder / "run/predictions.csv"), *out],
    }


def test_every_bad_input_is_one_message_and_exit_code_two(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {}
    for name, arguments in _bad(place).items():
        capsys.readouterr()
        code = command(arguments)
        said = capsys.readouterr().err
        messages = [line for line in said.splitlines() if line and not line.startswith(("[", "!", "·"))]
        if code != 2 or len(messages) != 1 or _NO_TRACEBACK in said:
            wrong[name] = (code, said)
    assert not wrong, wrong


def test_an_uncertain_encoding_is_shown_with_samples_and_never_guessed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes, edges = write_blocks(place / "gb")
    text = nodes.read_text(encoding="utf-8")
    nodes.write_bytes(text.encode("gb18030"))
    assert command(["check", str(nodes), str(edges)]) == 2
    shown = capsys.readouterr()
    assert "gb18030" in shown.out
    assert "--encoding" in shown.err
    assert command(["check", str(nodes), str(edges), "--encoding", "gb18030"]) == 0
    assert command(["suggest", str(nodes), str(edges), "--target", "team", *_out(place, "gb.toml")]) == 2
    named = ["--encoding", "gb18030", "--preset", "plain"]
    assert command(["suggest", str(nodes), str(edges), "--target", "team", *named, *_out(place, "gb.toml")]) == 0
    assert 'encoding = "gb18030"' in (place / "gb.toml").read_text(encoding="utf-8")


def _start(place: Path, out: str) -> subprocess.Popen[str]:
    arguments = ["run", str(place / "r.toml"), "--set", "finetune.training.epochs=100000", "--out", str(place / out)]
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _until_training(run: Path, child: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and child.poll() is None:
        events = run / "events.jsonl"
        if events.is_file() and "EpochFinished" in events.read_text(encoding="utf-8"):
            return
        time.sleep(0.1)
    raise AssertionError(f"the run did not begin to train: {child.communicate()}")


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_control_c_stops_keeps_the_best_and_says_how_to_go_on(place: Path) -> None:
    child = _start(place, "cut")
    _until_training(place / "cut", child)
    child.send_signal(signal.SIGINT)
    said, complained = child.communicate(timeout=60)
    assert child.returncode == 3, complained
    assert "run --resume" in said
    assert "Press Ctrl+C again" in complained
    assert (place / "cut" / "predictions.csv").is_file()


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_run_killed_in_the_middle_is_known_as_interrupted_and_goes_on(place: Path) -> None:
    from engine.project.runs import RunFolder

    child = _start(place, "killed")
    _until_training(place / "killed", child)
    assert RunFolder(place / "killed").status() == "running"
    child.kill()
    child.communicate()
    assert RunFolder(place / "killed").status() == "interrupted"
    recipe = (place / "killed" / "recipe.toml").read_text(encoding="utf-8")
    (place / "killed" / "recipe.toml").write_text(recipe.replace("epochs = 100000", "epochs = 5"), encoding="utf-8")
    assert command(["run", "--resume", str(place / "killed")]) == 0


def test_the_facade_runs_the_same_recipe_to_the_same_numbers(place: Path) -> None:
    import engine
    from engine.project.codec import read_recipe

    recipe = read_recipe(place / "run" / "recipe.toml")
    metrics = engine.run(recipe, place / "python")
    stored = json.loads((place / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["test"] == stored["test"]
    assert (place / "python" / "predictions.csv").read_bytes() == (place / "run" / "predictions.csv").read_bytes()
