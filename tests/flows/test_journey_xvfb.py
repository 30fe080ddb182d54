"""The main job in the real window with a real mouse and real keys: tables in, predictions under the same ids out."""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import screen as screens
from tests.support.data import data_folder
from tests.support.person import Person

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def screen():
    if not screens.is_available():
        pytest.skip("Xvfb or xdotool is missing")
    with screens.Screen() as own:
        yield own


@pytest.mark.xvfb
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("lastfm_asia", ("nodes.csv", "edges.csv")),
        ("facebook_pages", ("nodes.csv", "edges.csv", "features_sparse.csv.gz")),
    ],
)
def test_from_tables_to_predictions_with_mouse_and_keys(
    screen, tmp_path: Path, name: str, names: tuple[str, ...]
) -> None:
    files = [data_folder(name) / file for file in names]
    person = Person(screen, tmp_path, name)
    person.pictures("0-welcome")
    person.screen.key("ctrl+o")
    person.waits("the file dialog", lambda s: s["dialog"])
    time.sleep(1.0)
    person.screen.type(" ".join(f'"{file}"' for file in files))
    person.screen.key("Return")

    person.waits("the preview", lambda s: s["importing"])
    person.pictures("1-data")
    person.presses("Import")
    with files[0].open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    person.waits("the graph", lambda s: s["nodes"] == len(ids) and s["positions"], 240)
    person.presses("Go on to exploring")
    person.pictures("2-explore")
    person.presses("Go on to pretraining", 400)
    person.pictures("3-pretrain")
    person.presses("Pretrain")
    person.waits("the first epoch", lambda s: s["running"] and s["epochs"] > 0, 400)
    person.waits("the pretrained encoder", lambda s: not s["running"] and bool(s["run"]), 400)
    person.presses("Go on to fine-tuning")
    person.presses("Run")
    person.waits("live curves", lambda s: s["running"] and s["epochs"] > 5, 400)
    person.pictures("4-running")
    state = person.waits("the verdict", lambda s: not s["running"] and s["predictions"], 600)
    person.pictures("5-verdict")
    run = Path(state["run"])
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["comparison"]["scratch"]["mean"] is not None
    assert metrics["comparison"]["pretrained"]["mean"] is not None
    floor = max(metrics["floors"][key]["test"]["mean"] for key in ("majority", "label_spreading"))
    assert metrics["test"]["mean"] > floor or "label spreading alone" in state["verdict"]

    person.presses("Look at the predictions")
    state = person.waits("the confusion matrix", lambda s: s["cells"] and s["embedding"], 240)
    cell, at = min(state["cells"].items(), key=lambda item: int(item[0].rpartition(",")[2]))
    person.screen.click(*at)
    state = person.waits("a selection", lambda s: len(s["selected"]) == int(cell.rpartition(",")[2]))
    state = person.waits("the same in graph and embedding", lambda s: s["graph"] == s["embedded"] == s["selected"])
    person.pictures("6-inspect")

    person.presses("Export")
    out = tmp_path / "out.csv"
    person.writes("File to write", str(out))
    person.presses("Write file…")
    person.screen.wait_for(out.exists, 60, "the exported file")
    person.waits("the export", lambda s: "export" not in s["busy"])
    person.pictures("7-export")
    assert person.sees()["heavy"] == [], "the window's process loads no torch and no compiler, all the way"
    with out.open(encoding="utf-8", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ids
    person.screen.key("ctrl+q")
    person.program.wait(30)
    assert out.read_bytes() == _by_the_engine_alone(run, tmp_path / "alone")


def _by_the_engine_alone(run: Path, out: Path) -> bytes:
    """Return the predictions that the same recipe gives without a window."""
    command = [sys.executable, "-m", "engine", "run", str(run / "recipe.toml"), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return (out / "predictions.csv").read_bytes()
