"""Why a node is predicted so: asked from the menu, told beside the graph, drawn on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.bridge.background import wait_for_background
from app.bridge.job_controller import JobController
from app.canvas.node_menu import NodeMenu
from app.kit.settings import Settings
from app.session.session import Session
from app.views.explanation import ExplanationView
from app.views.graph import GraphView
from tests.support import pictures
from tests.support.executors import Scripted, finished

LEFT = Qt.MouseButton.LeftButton
ANSWER = {
    "sentence": '"d" is predicted as blue (55%).',
    "neighbours": [{"id": "e", "score": 0.8}, {"id": "c", "score": 0.4}, {"id": "a", "score": 0.0}],
    "edges": [{"source": "e", "target": "d", "score": 0.8}, {"source": "c", "target": "d", "score": 0.4}],
    "columns": [{"name": "age", "score": 0.5, "value": -0.25}],
}


ANSWERS: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def answers() -> Iterator[None]:
    yield
    ANSWERS.clear()


@pytest.fixture
def asked() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def session(qtbot, tmp_path: Path, asked) -> Iterator[Session]:
    def script(spec) -> list[object]:
        asked.append(dict(spec.arguments))
        named = {"node": spec.arguments["node"], "target": spec.arguments.get("target", "team")}
        return [finished(spec.id, "finished", {**ANSWER, **ANSWERS, **named})]

    made = Session(JobController(lambda lane: Scripted(script)), Settings(), tmp_path)
    made.dataset = pictures.dataset()
    made._history.reset(9)
    made.running.run = pictures.run()
    with qtbot.waitSignal(made.facts.changed, timeout=5000):
        made.dataset_changed.emit()
    made.pictures.positions = pictures.XY
    yield made
    made.jobs.close()
    wait_for_background()
    made.deleteLater()


def test_the_menu_of_a_node_explains_it_and_the_graph_shows_what_counted(qtbot, session, asked) -> None:
    view, graph = ExplanationView(session), GraphView(session)
    for widget in (view, graph):
        qtbot.addWidget(widget)
        widget.show()
    session.positions_changed.emit()
    shown: list[str] = []
    session.view_requested.connect(shown.append)
    menu = NodeMenu(session, graph)
    menu._node = 3
    menu.explain.trigger()
    qtbot.waitUntil(lambda: session.explaining.result is not None, timeout=5000)
    assert asked[0]["node"] == "d"
    assert shown == ["explanation"]
    assert view.sentence.text() == ANSWER["sentence"]
    assert [bar.name for bar in view.neighbours.bars] == ["e", "c"], "what does not count is left out"
    reasons = graph.panel.canvas._reasons
    assert reasons.edges.tolist() == [[4, 3], [2, 3]]
    assert np.allclose(reasons.weight, [1.0, 0.5])
    qtbot.mouseClick(view.select, LEFT)
    assert session.selection.indices().tolist() == [2, 3, 4]


def test_of_several_targets_the_user_chooses_what_is_explained(qtbot, session, asked) -> None:
    view = ExplanationView(session)
    qtbot.addWidget(view)
    view.show()
    session.explaining.explain(3)
    qtbot.waitUntil(lambda: session.explaining.result is not None, timeout=5000)
    assert view.target.isHidden(), "one target leaves no choice"
    ANSWERS["targets"] = ["team", "age"]
    session.explaining.explain(3)
    qtbot.waitUntil(lambda: session.explaining.targets == ["team", "age"], timeout=5000)
    assert "target" not in asked[-1]
    assert (view.target.isVisible(), view.target.currentText()) == (True, "team")
    view.target.setFocus()
    qtbot.keyClick(view.target, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: view.target.currentText() == "age" and session.explaining.result is not None, timeout=5000)
    assert asked[-1]["target"] == "age"
    view.method.activated.emit(0)
    qtbot.waitUntil(lambda: len(asked) == 4, timeout=5000)
    assert asked[-1]["target"] == "age", "another way of explaining keeps the target"
    session.running.run = pictures.run(Path("another"))
    session.run_changed.emit()
    session.explaining.explain(3)
    qtbot.waitUntil(lambda: len(asked) == 5, timeout=5000)
    assert "target" not in asked[-1], "another run may predict other columns"


def test_another_run_takes_the_explanation_away(qtbot, session) -> None:
    view = ExplanationView(session)
    qtbot.addWidget(view)
    session.explaining.explain(3)
    qtbot.waitUntil(lambda: session.explaining.result is not None, timeout=5000)
    session.running.run = pictures.run(Path("another"))
    session.run_changed.emit()
    assert session.explaining.result is None
    assert session.explaining.edges()[0].tolist() == []


def test_without_a_run_nothing_can_be_explained_and_the_view_says_why(qtbot, session) -> None:
    session.running.run = None
    session.run_changed.emit()
    view = ExplanationView(session)
    qtbot.addWidget(view)
    assert not session.explaining.can_explain
    assert view.empty._label.text() == "No predictions yet"
