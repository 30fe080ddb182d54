"""The same question by keys alone, the mouse untouched: a cell, half of it, its neighbours, a column, the export."""

import csv
import time
from pathlib import Path
from typing import Any

import pytest

from engine.core.resources import resource
from tests.support import screen as screens
from tests.support.person import Person


@pytest.fixture
def screen():
    if not screens.is_available():
        pytest.skip("Xvfb or xdotool is missing")
    with screens.Screen() as own:
        yield own


def _command(person: Person, words: str) -> None:
    """Find a command by its words, and do it."""
    person.screen.key("ctrl+k")
    time.sleep(0.6)
    person.screen.type(words)
    time.sleep(0.4)
    person.screen.key("Return")
    time.sleep(0.6)
    person.returns()


def _presses_until(person: Person, keys: tuple[str, ...], what: str, holds: Any, most: int = 40) -> dict[str, Any]:
    """Press keys again and again, as somebody does who looks at the screen."""
    for _ in range(most):
        person.screen.key(*keys)
        time.sleep(0.6)
        if holds(person.sees()):
            return person.sees()
    raise AssertionError(f"pressed {keys} in vain for {what}; {person.sees()['said']}")


@pytest.mark.xvfb
@pytest.mark.slow
def test_half_of_a_confusion_cell_and_its_neighbours_become_a_column_by_keys_alone(screen, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("nodes.csv", "edges.csv")]
    for file in files:
        file.write_bytes(resource(f"samples/karate/{file.name}").read_bytes())
    with files[1].open(encoding="utf-8", newline="") as file:
        edges = [tuple(row)[:2] for row in list(csv.reader(file))[1:]]
    with files[0].open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    person = Person(screen, tmp_path, "keys")
    person.opens(*files)
    person.returns()
    person.screen.key("ctrl+Return")
    person.waits("the recipe", lambda s: s["target"] == "club" and not s["busy"], 240)
    person.screen.key("F5")
    person.waits("the verdict", lambda s: not s["running"] and s["predictions"], 400)
    person.screen.key("ctrl+5")
    person.waits("the matrix", lambda s: s["station"] == "inspect" and s["cells"] and not s["busy"], 240)

    _command(person, "Go to Confusion")
    cell = _presses_until(person, ("Return",), "a cell", lambda s: s["selected"], 3)["selected"]
    assert len(cell) >= 2
    person.waits("the same on the graph", lambda s: s["graph"] == cell)
    _command(person, "Go to Graph")
    # With the others out of the way: from node to node, each that is met is taken out until half of them are left.
    person.screen.key("ctrl+shift+h")
    person.waits("the others gone", lambda s: s["hidden"] == len(ids) - len(cell))
    half = len(cell) // 2
    ways = [f"alt+{way}" for way in ("Right", "Down", "Left", "Up") for _ in range(5)]
    for direction in ways * 4:
        before = person.sees()["current"]
        person.screen.key(direction)
        time.sleep(0.5)
        current = person.sees()["current"]
        if current == before or current not in person.sees()["selected"]:
            continue
        person.screen.key("shift+Return")
        person.waits("one less", lambda s, node=current: node not in s["selected"], 20)
        if len(person.sees()["selected"]) == half:
            break
    chosen = person.sees()["selected"]
    assert len(chosen) == half
    assert set(chosen) < set(cell)
    person.pictures("half")
    person.screen.key("ctrl+shift+j")
    person.waits("everybody back", lambda s: s["hidden"] == 0)
    person.screen.key("ctrl+shift+n")
    names = {ids[node] for node in chosen}
    joined = names | {b for a, b in edges if a in names} | {a for a, b in edges if b in names}
    person.waits("their neighbours", lambda s: {ids[node] for node in s["selected"]} == joined)

    person.screen.key("ctrl+shift+k")
    person.waits("the dialog", lambda s: "Name of the column" in s["fields"])
    time.sleep(0.5)
    person.screen.type("grown")
    person.screen.key("Return")
    person.waits("the column", lambda s: s["columns"] == ["grown"])
    person.returns()
    person.screen.key("ctrl+6")
    person.waits("the Export station", lambda s: s["station"] == "export" and s["written"])
    out = Path(person.sees()["written"])
    person.screen.key("ctrl+e")
    person.screen.wait_for(out.exists, 60, "the exported file")
    person.waits("the export", lambda s: "export" not in s["busy"])
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["id"] for row in rows if row["grown"] == "yes"} == joined
    assert [row["id"] for row in rows] == ids
    person.pictures("export")
    person.screen.key("ctrl+q")
    person.program.wait(30)
