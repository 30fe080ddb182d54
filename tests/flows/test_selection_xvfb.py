"""From a confusion cell to a column of the exported file, by mouse: cell, half of it, neighbours, column, export."""

import csv
import time
from pathlib import Path

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


def from_menu(person: Person, at: list[int], entry: str) -> None:
    """Ask for the menu of what is there, and choose an entry."""
    person.screen.click(*at, button=3)
    person.waits(f"the menu with {entry}", lambda s: entry in s["menu"], 20)
    time.sleep(0.3)
    person.screen.click(*person.sees()["menu"][entry])


@pytest.mark.xvfb
@pytest.mark.slow
def test_half_of_a_confusion_cell_and_its_neighbours_become_a_column_of_the_export(screen, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("nodes.csv", "edges.csv")]
    for file in files:
        file.write_bytes(resource(f"samples/karate/{file.name}").read_bytes())
    with files[1].open(encoding="utf-8", newline="") as file:
        edges = [tuple(row)[:2] for row in list(csv.reader(file))[1:]]
    with files[0].open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    person = Person(screen, tmp_path, "selection")
    person.opens(*files)
    person.presses("Import")
    person.waits("the recipe", lambda s: s["target"] == "club" and not s["busy"], 240)
    person.presses("station Fine-tune")
    person.presses("Run", 240)
    person.waits("the verdict", lambda s: not s["running"] and s["predictions"], 400)
    person.presses("Look at the predictions")
    state = person.waits("the confusion matrix", lambda s: s["cells"] and s["embedding"] and not s["busy"], 240)

    cell, at = max(state["cells"].items(), key=lambda item: int(item[0].rpartition(",")[2]))
    count = int(cell.rpartition(",")[2])
    assert count >= 2
    person.screen.click(*at)
    state = person.waits("the cell's nodes on the graph", lambda s: len(s["selected"]) == count == len(s["places"]))

    # Others out of the way, so that a loop drawn by hand holds the cell's nodes alone.
    from_menu(person, next(iter(state["places"].values())), "Hide others")
    state = person.waits("the others gone", lambda s: s["hidden"] == len(ids) - count)
    time.sleep(0.5)
    places = sorted(person.sees()["places"].items(), key=lambda item: item[1][0])
    # Near the middle, where the gap is widest: a hand is not sure to a pixel.
    middle = range(max(1, count // 4), max(2, 3 * count // 4 + 1))
    cut = max(middle, key=lambda at: places[at][1][0] - places[at - 1][1][0])
    half = places[:cut]
    edge = (half[-1][1][0] + places[len(half)][1][0]) // 2
    left, top = min(x for _, (x, _) in half) - 12, min(y for _, (_, y) in half) - 12
    bottom = max(y for _, (_, y) in half) + 12
    person.screen.click(*state["lasso"])
    corners = [(left, top), (edge, top), (edge, bottom), (left, bottom), (left, top)]
    path = [
        (round(a[0] + (b[0] - a[0]) * step / 5), round(a[1] + (b[1] - a[1]) * step / 5))
        for a, b in zip(corners, corners[1:], strict=False)
        for step in range(5)
    ]
    person.screen.drag(path)
    wanted = sorted(int(node) for node, _ in half)
    state = person.waits("half of the cell", lambda s: s["selected"] == wanted)

    from_menu(person, next(iter(state["places"].values())), "Show all")
    state = person.waits("everybody back", lambda s: s["hidden"] == 0)
    from_menu(person, state["places"][str(wanted[0])], "Select neighbours")
    names = {ids[node] for node in wanted}
    joined = names | {b for a, b in edges if a in names} | {a for a, b in edges if b in names}
    person.waits("their neighbours", lambda s: {ids[node] for node in s["selected"]} == joined)
    person.pictures("grown")

    person.screen.click(*person.sees()["tabs"]["Selections"])
    person.presses("To a column…")
    person.writes("Name of the column", "grown")
    person.presses("Write column")
    person.waits("the column", lambda s: s["columns"] == ["grown"])
    person.presses("Export")
    out = tmp_path / "out.csv"
    person.writes("File to write", str(out))
    person.presses("Write file…")
    person.screen.wait_for(out.exists, 60, "the exported file")
    person.waits("the export", lambda s: "export" not in s["busy"])
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["id"] for row in rows if row["grown"] == "yes"} == joined
    assert [row["id"] for row in rows] == ids
    person.pictures("export")
    person.screen.key("ctrl+q")
    person.program.wait(30)
