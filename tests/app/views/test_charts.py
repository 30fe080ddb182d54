"""Charts of results: what they say, and which nodes a point of them selects."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt

from app.bridge.background import wait_for_background
from app.bridge.job_controller import JobController
from app.kit.settings import Settings
from app.session.session import Session
from app.views.charts import ChartsView
from app.views.inspector import InspectorView
from tests.support import pictures
from tests.support.executors import InThread

Key = Qt.Key


@pytest.fixture
def session(qtbot, tmp_path: Path) -> Iterator[Session]:
    """A session whose jobs are real, over the run made by hand written to disk."""
    run = pictures.run(tmp_path / "run")
    run.folder.mkdir()
    table = run.predictions.rename(columns={"id": "node_id"})
    table["team"] = pictures.TEAMS
    table.to_parquet(run.folder / "predictions.parquet")
    points = pd.DataFrame({"node_id": pictures.IDS, "e0": pictures.XY[:, 0] + 1, "e1": pictures.XY[:, 1]})
    points.to_parquet(run.folder / "embeddings.parquet")
    (run.folder / "recipe.toml").write_text(
        'version = 1\n[task]\ntype = "node_class"\ntarget = "team"\n[encoder]\ntype = "gcn"\n[data]\ntables = []\n'
        '[finetune]\ntype = "full"\n[split]\ntype = "random"\n',
        encoding="utf-8",
    )
    made = Session(JobController(lambda lane: InThread(tmp_path)), Settings(), tmp_path)
    made.dataset = pictures.dataset()
    made._history.reset(9)
    made.running.run = run
    with qtbot.waitSignal(made.facts.changed, timeout=5_000):
        made.dataset_changed.emit()
    made.score_curves._on_run_changed()
    yield made
    made.jobs.close()
    wait_for_background()
    made.deleteLater()


@pytest.fixture
def view(qtbot, session):
    made = ChartsView(session)
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    made.part.setCurrentIndex(made.part.findData("all"))
    made._show()
    qtbot.waitUntil(lambda: session.score_curves.of("all") is not None, timeout=20_000)
    qtbot.waitUntil(lambda: made.of.count() > 0, timeout=3_000)
    return made


def test_a_threshold_that_moves_says_what_it_finds_and_selects_when_taken(qtbot, session, view) -> None:
    # Class red, labelled nodes: red ones score .9 .8 .95 .45 .5, blue ones .3 .01 .51.
    assert view.kind.currentData() == "threshold"
    assert view.of.currentText() == "red"
    view.threshold.set_threshold(0.5)
    assert view.words.text() == "From a score of 0.500: 80 % found, 80 % of those taken are right."
    view.threshold.setFocus()
    qtbot.keyClick(view.threshold, Key.Key_Return)
    assert session.selection.indices().tolist() == [0, 1, 2, 6, 8]
    qtbot.keyClick(view.threshold, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.threshold.threshold == pytest.approx(0.6)


def test_a_point_of_the_roc_curve_selects_what_its_threshold_takes(qtbot, session, view) -> None:
    view.kind.setCurrentIndex(view.kind.findData("roc"))
    view._show()
    # Of 5 × 3 pairs of a red and a blue node, .45 and .5 stand below .51: 13 of 15 are in order.
    assert view.words.text().startswith("Area under the curve 0.867")
    view.roc.setFocus()
    for _ in range(3):
        qtbot.keyClick(view.roc, Key.Key_Right)
    assert "0.900: 40 % found, 100 %" in view.words.text()
    qtbot.keyClick(view.roc, Key.Key_Return)
    assert session.selection.indices().tolist() == [0, 2]
    session.undo_stack.undo()
    assert session.selection.count == 0


def test_a_bin_of_the_calibration_selects_its_nodes(qtbot, session, view) -> None:
    view.kind.setCurrentIndex(view.kind.findData("calibration"))
    view._show()
    view.calibration.chosen.emit(0)
    # Confidence up to 0.5: node 007 alone.
    assert session.selection.indices().tolist() == [8]


def test_numbers_have_pairs_and_errors_and_both_select(qtbot, session, view) -> None:
    run = session.running.run
    table = pd.read_parquet(run.folder / "predictions.parquet").drop(columns=["confidence", "p_red", "p_blue", "team"])
    ages = [31.0, 9, 40, np.nan, 22, 35, 61, 18, 27]
    table = table.drop(columns="predicted_team").assign(predicted_age=[30.0, 9, 50, 1, 22, 35, 61, 18, 27], age=ages)
    table.to_parquet(run.folder / "predictions.parquet")
    recipe = (run.folder / "recipe.toml").read_text(encoding="utf-8")
    (run.folder / "recipe.toml").write_text(recipe.replace('"team"', '"age"'), encoding="utf-8")
    again = pictures.run(run.folder)
    session.running.run = type(again)(run.folder, again.metrics, table, {"task": {"target": "age"}}, {}, "finished")
    with qtbot.waitSignal(session.facts.changed, timeout=5_000):
        session.run_changed.emit()
    assert [view.kind.itemData(i) for i in range(view.kind.count())] == ["pairs", "residuals"]
    view.part.setCurrentIndex(view.part.findData("all"))
    view._show()
    view.pairs.chosen.emit(2)
    assert session.selection.indices().tolist() == [2]
    view.kind.setCurrentIndex(1)
    view._show()
    qtbot.waitUntil(lambda: session.score_curves.of("all") is not None, timeout=20_000)
    told = session.score_curves.of("all")["residuals"]
    assert told["mean"] == pytest.approx(9 / 8)
    view.residuals.chosen.emit(len(told["count"]) - 1)
    assert session.selection.indices().tolist() == [2], "the largest error, 50 for 40"


def test_the_inspector_lists_what_is_nearest_and_what_sets_a_selection_apart(qtbot, session) -> None:
    inspector = InspectorView(session)
    qtbot.addWidget(inspector)
    inspector.show()
    session.selection.select([4])
    qtbot.waitUntil(lambda: len(inspector.nearest.bars) == 8, timeout=20_000)
    # By hand: e lies at (7, 0) and d at (3, 0), so their angle is nought.
    assert inspector.nearest.bars[0].shown == "1.000"
    session.selection.select([4, 5, 6, 7])
    qtbot.waitUntil(lambda: "higher" in inspector.contrast.text() or "here" in inspector.contrast.text(), timeout=5_000)
    session.selection.clear()
    assert inspector.title.text() == "The graph"
