"""Molecules by mouse and keys: pretrain, fine-tune, the worst errors and their atoms, new molecules, an SDF file."""

import csv
import gzip
import time
from pathlib import Path

import pytest

from engine.core.resources import resource
from tests.support import screen as screens
from tests.support.person import Person

NEW = [("cyclooctanol", "OC1CCCCCCC1"), ("cisplatin", "N[Pt](N)(Cl)Cl"), ("broken", "C1CC")]


@pytest.fixture
def screen():
    if not screens.is_available():
        pytest.skip("Xvfb or xdotool is missing")
    with screens.Screen() as own:
        yield own


def _write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _chooses_next(person: Person, box: str, what: str) -> None:
    """Open a list and take the entry below the present one."""
    person.waits(f"the list {box}", lambda s: box in s["boxes"])
    person.screen.click(*person.sees()["boxes"][box])
    time.sleep(0.7)
    person.screen.key("Down")
    person.screen.key("Return")
    time.sleep(0.7)
    person.waits(what, lambda s: s["boxes"])


def _names_a_file(person: Person, path: Path) -> None:
    person.waits("the file dialog", lambda s: s["dialog"])
    time.sleep(1.0)
    person.screen.type(f'"{path}"')
    person.screen.key("Return")
    person.waits("the file dialog gone", lambda s: not s["dialog"])


@pytest.mark.xvfb
@pytest.mark.slow
def test_from_a_table_of_smiles_to_scored_molecules_and_an_sdf(screen, tmp_path: Path) -> None:
    with resource("samples/liquids/liquids.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["name"], row["structure"], row["boiling_point"]) for row in csv.DictReader(file)]
    table = _write(tmp_path / "measured.csv", [("name", "structure", "boiling_point"), *rows])
    new = _write(tmp_path / "new.csv", [("name", "structure"), *NEW])
    person = Person(screen, tmp_path, "molecules")
    person.screen.key("ctrl+o")
    _names_a_file(person, table)
    person.waits("the preview", lambda s: s["importing"])
    person.presses("Import")
    person.waits("the molecules", lambda s: s["nodes"] == len(rows) - 1 and s["target"] == "boiling_point", 240)

    person.presses("station Explore")
    person.waits("drawn structures", lambda s: s["structures"]["drawn"] >= 6)
    person.pictures("1-explore")
    person.presses("station Pretrain")
    _chooses_next(person, "Objective", "the first objective of the list")
    person.presses("Pretrain now")
    person.waits("the pretrained encoder", lambda s: not s["running"] and bool(s["run"]), 400)
    person.presses("Go on to fine-tuning")
    person.presses("Run")
    state = person.waits("the verdict", lambda s: not s["running"] and s["predictions"], 400)
    assert "pretraining" in state["verdict"]
    person.pictures("2-verdict")

    person.presses("Look at the predictions")
    person.waits("the predictions", lambda s: s["structures"]["drawn"] and s["embedding"] and not s["busy"], 240)
    order = person.sees()["structures"]["order"]
    _chooses_next(person, "Order by", "the worst first")
    state = person.waits("another order", lambda s: s["structures"]["order"] != order)
    # The second worst: the worst may be methane, of which there is nothing to explain.
    person.screen.click(*state["structures"]["at"][1])
    chosen = [state["structures"]["order"][1]]
    person.waits("one molecule, everywhere", lambda s: s["selected"] == s["embedded"] == chosen)
    person.screen.click(*person.sees()["tabs"]["Why"])
    person.presses("Explain what is selected")
    person.waits("its atoms", lambda s: s["explained"] and s["atoms"], 240)
    person.pictures("3-atoms")

    person.presses("Score new files…")
    person.presses("Choose files…")
    _names_a_file(person, new)
    person.waits("two molecules scored", lambda s: "Write predictions…" in s["buttons"], 240)
    person.pictures("4-scored")
    person.presses("Write predictions…")
    out = tmp_path / "scored.csv"
    _names_a_file(person, out)
    person.screen.wait_for(out.exists, 60, "the scored molecules")
    with out.open(encoding="utf-8", newline="") as file:
        scored = {row["name"]: row for row in csv.DictReader(file)}
    assert set(scored) == {"cyclooctanol", "cisplatin"}
    for row in scored.values():
        low, high = float(row["low_boiling_point"]), float(row["high_boiling_point"])
        assert low < float(row["predicted_boiling_point"]) < high
    assert (scored["cyclooctanol"]["in_domain"], scored["cisplatin"]["in_domain"]) == ("True", "False")
    person.presses("Close")

    person.presses("Export")
    sdf = tmp_path / "out.sdf"
    _chooses_sdf(person)
    person.writes("File to write", str(sdf))
    person.presses("Write file…")
    person.screen.wait_for(sdf.exists, 60, "the exported molecules")
    person.waits("the export", lambda s: "export" not in s["busy"])
    person.pictures("5-export")
    text = sdf.read_bytes()
    text = gzip.decompress(text) if text[:2] == b"\x1f\x8b" else text
    assert text.count(b"$$$$") == len(rows) - 1
    assert b"predicted_boiling_point" in text
    assert person.sees()["heavy"] == []


def _chooses_sdf(person: Person) -> None:
    for _ in range(8):
        if person.sees()["chosen"].get("Format", "").startswith("SDF"):
            return
        _chooses_next(person, "Format", "another format")
    raise AssertionError(f"no SDF among the formats; {person.sees()['chosen']}")
