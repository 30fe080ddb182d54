"""Searching settings from the window: trials as they come, the best one taken, going on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt

from app.bridge.background import wait_for_background
from app.bridge.job_controller import JobController
from app.kit.settings import Settings
from app.models.trials import best_so_far
from app.session.session import Session
from app.views.search import SearchView
from engine.core.events import ArtefactWritten, Event, Progress
from tests.support.executors import Scripted, finished

LEFT = Qt.MouseButton.LeftButton
RECIPE = {"encoder": {"type": "gcn", "width": 16}, "task": {"type": "node_class", "target": "team"}}
BEST = {**RECIPE, "encoder": {"type": "gcn", "width": 64}}


def _trial(number: int, state: str, valid: float | None, changes: dict[str, Any]) -> dict[str, Any]:
    return {"number": number, "state": state, "valid": valid, "epochs": 50, "changes": changes}


TRIALS = [
    _trial(0, "finished", 0.70, {}),
    _trial(1, "pruned", 0.40, {"encoder.width": 128}),
    _trial(2, "finished", 0.80, {"encoder.width": 64}),
]


@pytest.fixture
def asked() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def session(qtbot, tmp_path: Path, asked) -> Iterator[Session]:
    def script(spec) -> list[Event]:
        asked.append(dict(spec.arguments))
        folder = Path(spec.arguments["out"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.toml").write_text("")
        (folder / "trials.jsonl").write_text("".join(json.dumps(trial) + "\n" for trial in TRIALS))
        result = {"recipe": BEST, "valid": 0.8, "changes": {"encoder.width": 64}, "sentence": "3 trials."}
        return [
            Progress(3, 3, "trials"),
            ArtefactWritten("trials", "trials.jsonl"),
            finished(spec.id, "finished", result),
        ]

    settings = Settings(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    made = Session(JobController(lambda lane: Scripted(script)), settings, tmp_path)
    made.searching._place = lambda: tmp_path / "searches" / made.draft.stamp
    made.draft.load(RECIPE)
    yield made
    made.jobs.close()
    wait_for_background()
    made.deleteLater()


@pytest.fixture
def view(qtbot, session) -> SearchView:
    made = SearchView(session)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    return made


def test_trials_come_in_and_the_best_becomes_the_draft(qtbot, session, view) -> None:
    qtbot.mouseClick(view.go, LEFT)
    qtbot.waitUntil(lambda: view.model.rowCount() == 3 and view.take.isVisible(), timeout=5000)
    cells = [[view.model.data(view.model.index(row, column)) for column in range(5)] for row in range(3)]
    assert cells[0] == ["3", "finished", "80.0 %", "50", "width 64"]
    assert cells[2] == ["1", "finished", "70.0 %", "50", "the recipe as it is"]
    assert view.model.data(view.model.index(0, 0), Qt.ItemDataRole.FontRole).bold()
    assert view.model.data(view.model.index(2, 0), Qt.ItemDataRole.FontRole) is None
    assert view.sentence.text() == "3 trials."
    qtbot.mouseClick(view.take, LEFT)
    assert session.draft.plain == BEST
    assert view.model.rowCount() == 3, "the search that led to the draft stays in view"
    session.undo_stack.undo()
    assert session.draft.plain == RECIPE


def test_going_on_asks_for_more_trials_in_the_same_folder(qtbot, session, view, asked) -> None:
    view.trials.setValue(5)
    qtbot.mouseClick(view.go, LEFT)
    qtbot.waitUntil(lambda: view.model.rowCount() == 3 and not session.searching.is_running, timeout=5000)
    assert view.go.text() == "Go on searching"
    qtbot.mouseClick(view.go, LEFT)
    qtbot.waitUntil(lambda: len(asked) == 2 and not session.searching.is_running, timeout=5000)
    assert [one["trials"] for one in asked] == [5, 8]
    assert asked[0]["out"] == asked[1]["out"]
    assert "recipe" in asked[0]
    assert "recipe" not in asked[1]


def test_another_recipe_has_no_trials_yet_and_the_first_finds_its_own_again(qtbot, session, view) -> None:
    qtbot.mouseClick(view.go, LEFT)
    qtbot.waitUntil(lambda: view.model.rowCount() == 3 and not session.searching.is_running, timeout=5000)
    session.draft.load({**RECIPE, "encoder": {"type": "mlp"}})
    assert view.model.rowCount() == 0
    session.draft.load(RECIPE)
    qtbot.waitUntil(lambda: view.model.rowCount() == 3, timeout=5000)


def test_the_best_so_far_never_gets_worse() -> None:
    errors = [_trial(0, "finished", 3.0, {}), _trial(1, "finished", 4.0, {}), _trial(2, "finished", 2.0, {})]
    assert best_so_far(errors, "rmse") == [(1, 3.0), (2, 3.0), (3, 2.0)]
    assert best_so_far(TRIALS, "accuracy") == [(1, 0.7), (3, 0.8)]
