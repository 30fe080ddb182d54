"""The whole way inside one process, by real jobs: drop, roles, import, train, export, reopen."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.views.export import Export
from app.views.import_sheet import ImportSheet
from engine.core.resources import resource

LEFT = Qt.MouseButton.LeftButton
SECONDS = 60_000


def _next(window) -> QPushButton:
    return window.findChild(QPushButton, "next_step")


@pytest.fixture
def karate(tmp_path: Path) -> list[Path]:
    """A copy of the sample, so that the program's own files stay as they are."""
    copies = []
    for name in ("nodes.csv", "edges.csv"):
        copies.append(tmp_path / name)
        copies[-1].write_bytes(resource(f"samples/karate/{name}").read_bytes())
    return copies


@pytest.mark.slow
def test_from_dropped_files_to_exported_predictions_and_back_after_a_restart(opened_for_real, qtbot, karate) -> None:
    start = opened_for_real.open(*karate)
    window, session = start.window, start.session
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    sheet = window.docks.views["import_sheet"]
    assert isinstance(sheet, ImportSheet)

    role, _ = sheet.card("nodes.csv").header.cell(1)
    assert role.currentData() == "target"
    role.setFocus()
    qtbot.keyClick(role, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    assert session.importing.data["tables"][0]["columns"]["club"]["role"] == "feature"
    window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    assert session.importing.data["tables"][0]["columns"]["club"]["role"] == "target"

    qtbot.waitUntil(lambda: _next(window).text() == "Import" and _next(window).isEnabled(), timeout=SECONDS)
    qtbot.mouseClick(_next(window), LEFT)
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=SECONDS)
    assert (session.dataset.num_nodes, session.dataset.num_edges) == (34, 78)
    qtbot.waitUntil(lambda: session.draft.target == "club", timeout=SECONDS)
    session.draft.set("pretrain.training.epochs", 5)
    session.draft.set("finetune.training.epochs", 5)

    window.show_station("finetune")
    qtbot.waitUntil(lambda: _next(window).text() == "Run" and _next(window).isEnabled(), timeout=SECONDS)
    qtbot.mouseClick(_next(window), LEFT)
    qtbot.waitUntil(lambda: session.run is not None and session.run.predictions is not None, timeout=2 * SECONDS)
    qtbot.waitUntil(lambda: not session.training.is_running, timeout=SECONDS)
    monitor = window.docks.views["run_monitor"]
    # The monitor draws at most every 120 ms.
    qtbot.waitUntil(lambda: monitor._verdict.text() == session.run.metrics["verdict"], timeout=SECONDS)
    names = [bar.name for bar in monitor._scores.bars]
    assert {"features only", "label spreading", "majority class"} <= set(names)

    # The result is of the recipe that was run, and no longer of one that was changed since.
    qtbot.waitUntil(lambda: _next(window).text() == "Look at the predictions", timeout=SECONDS)
    session.draft.set("encoder.width", 24)
    qtbot.waitUntil(lambda: _next(window).text() == "Run", timeout=SECONDS)
    window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: _next(window).text() == "Look at the predictions", timeout=SECONDS)

    run = session.run.folder
    session.running.delete(run.name)
    qtbot.waitUntil(lambda: session.run is None and not session.runs.all, timeout=SECONDS)
    window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: session.run is not None and session.run.folder == run, timeout=SECONDS)

    window.show_station("export")
    export = window.docks.views["export"]
    assert isinstance(export, Export)
    out = karate[0].parent / "out.csv"
    export.path.setText(str(out))
    qtbot.mouseClick(export.go, LEFT)
    qtbot.waitUntil(lambda: out.exists() and export.go.isEnabled(), timeout=SECONDS)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with karate[0].open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert [row["id"] for row in rows] == ids
    assert out.read_bytes() == (session.run.folder / "predictions.csv").read_bytes()

    session.selection.select([0, 33])
    folder, verdict = session.project.folder, session.run.metrics["verdict"]
    opened_for_real.close()
    again = opened_for_real.open()
    qtbot.waitUntil(lambda: again.session.run is not None and again.session.dataset is not None, timeout=SECONDS)
    assert again.session.project.folder == folder
    assert again.session.run.metrics["verdict"] == verdict
    assert again.window.station == "export"
    assert again.session.draft.estimate["sentence"]
    qtbot.waitUntil(lambda: again.session.selection.indices().tolist() == [0, 33], timeout=SECONDS)
    assert again.session.running.is_of_draft


@pytest.mark.slow
def test_files_imported_anew_keep_what_is_to_be_predicted(opened_for_real, qtbot, tmp_path: Path) -> None:
    people = "".join(f"p{i},{'red' if i % 2 else 'blue'},{i % 5}\n" for i in range(20))
    (tmp_path / "nodes.csv").write_text(f"id,team,age\n{people}", encoding="utf-8")
    edges = "".join(f"p{i},p{(i + 2) % 20}\n" for i in range(20))
    (tmp_path / "edges.csv").write_text(f"x,y\n{edges}", encoding="utf-8")
    session = opened_for_real.open(tmp_path / "nodes.csv", tmp_path / "edges.csv").session
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    session.preparing.import_all()
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=SECONDS)
    session.preparing.choose_target("team", "plain", "none", "random")
    qtbot.waitUntil(lambda: session.draft.target == "team", timeout=SECONDS)
    first = session.dataset
    session.importing.set_role(str(tmp_path / "nodes.csv"), "age", "ignore")
    qtbot.waitUntil(lambda: session.importing.is_ready, timeout=SECONDS)
    session.preparing.import_all()
    qtbot.waitUntil(lambda: session.dataset is not first and session.draft.target == "team", timeout=SECONDS)
    assert session.preparing.preset == "plain"
