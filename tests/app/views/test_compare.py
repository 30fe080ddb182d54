"""Comparing runs: choosing them, what is told, and selecting the nodes that changed."""

import json
import shutil
from pathlib import Path

import pytest
import tomli_w

from app.session.runs import read_info
from app.views.compare import CompareView
from tests.support import pictures


def written(folder: Path, name: str, *, width: int, predicted: list[str]) -> Path:
    """Write what the window reads of a run."""
    path = folder / name
    path.mkdir()
    (path / "metrics.json").write_text(json.dumps(pictures.metrics()))
    recipe = {"task": {"type": "node_class", "target": "team"}, "encoder": {"type": "gcn", "width": width}}
    (path / "recipe.toml").write_text(tomli_w.dumps(recipe))
    events = [{"event": "JobStarted"}]
    for epoch, value in ((1, 0.4), (2, 0.6)):
        metrics = {"valid_accuracy": value, "train_loss": 1.0}
        events.append({"event": "EpochFinished", "epoch": epoch, "metrics": metrics, "stage": "scratch", "seed": 0})
    events.append({"event": "JobFinished", "status": "finished"})
    (path / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in events))
    table = pictures.run().predictions.assign(predicted_team=predicted)
    table.to_parquet(path / "predictions.parquet", index=False)
    return path


@pytest.fixture
def two_runs(given, tmp_path: Path) -> list[Path]:
    runs = [
        written(tmp_path, "20260102-090000-aaaaaa", width=16, predicted=pictures.PREDICTED),
        written(
            tmp_path,
            "20260102-100000-bbbbbb",
            width=64,
            predicted=[*pictures.PREDICTED[:3], "red", *pictures.PREDICTED[4:]],
        ),
    ]
    given.dataset()
    given.session.runs.all = [read_info(run) for run in reversed(runs)]
    return runs


def shown(qtbot, given) -> CompareView:
    view = CompareView(given.session)
    qtbot.addWidget(view)
    view.resize(1200, 320)
    view.show()
    qtbot.waitUntil(lambda: not given.session.comparing._background.busy)
    return view


def test_the_two_newest_runs_stand_side_by_side_from_the_start(qtbot, given, two_runs) -> None:
    view = shown(qtbot, given)
    given.session.runs.changed.emit()
    qtbot.waitUntil(lambda: view.differences.rowCount() > 0)
    lines = [
        [view.differences.data(view.differences.index(row, column)) for column in range(3)]
        for row in range(view.differences.rowCount())
    ]
    assert ["encoder.width", "16", "64"] in lines
    assert [view.differences.headerData(column, view_orientation()) for column in (1, 2)] == ["09:00:00", "10:00:00"]
    qtbot.waitUntil(lambda: len(view.chart.curves()) == 2)
    assert [curve.points for curve in view.chart.curves()] == [((1, 0.4), (2, 0.6))] * 2


def view_orientation():
    from PySide6.QtCore import Qt

    return Qt.Orientation.Horizontal


def test_a_click_on_a_group_selects_its_nodes_everywhere(qtbot, given, two_runs) -> None:
    view = shown(qtbot, given)
    given.session.runs.changed.emit()
    qtbot.waitUntil(lambda: view.moves.rowCount() == 1)
    view.move_table.clicked.emit(view.moves.index(0, 0))
    assert given.selected() == [3]
    assert view.moves.move(0).gained == 1  # d is red


def test_taking_a_run_out_leaves_nothing_to_compare_and_says_so(qtbot, given, two_runs) -> None:
    view = shown(qtbot, given)
    given.session.runs.changed.emit()
    qtbot.waitUntil(lambda: view.differences.rowCount() > 0)
    given.session.comparing.toggle(two_runs[0].name, on=False)
    assert view.empty.isVisible()


def test_a_run_that_is_gone_is_compared_no_longer(qtbot, given, two_runs) -> None:
    shown(qtbot, given)
    given.session.runs.changed.emit()
    shutil.rmtree(two_runs[0])
    given.session.runs.all = given.session.runs.all[:1]
    given.session.runs.changed.emit()
    assert given.session.comparing.chosen == (two_runs[1].name,)
