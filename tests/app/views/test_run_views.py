"""The run monitor, the export station and scoring: what they show, and what they ask for."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.bridge.jobs import Job
from app.dialogs.score_files import ScoreFiles
from app.kit.widgets.tall import Tall
from app.session.training import LiveRun
from app.views.export import Export
from app.views.run_monitor import RunMonitor, feature_columns
from engine.core.events import EpochFinished, JobFinished, Notice, Progress, StageStarted

LEFT = Qt.MouseButton.LeftButton


class Asked:
    """Stands for the job controller: keeps what was asked."""

    def __init__(self, session) -> None:
        self._session = session
        self.jobs: list[Job] = []

    def submit(self, kind: str, arguments, **words) -> Job:
        job = Job(str(len(self.jobs)), kind, dict(arguments), words.get("lane", "quick"), "", self._session)
        self.jobs.append(job)
        return job


@pytest.fixture
def asked(given, monkeypatch) -> Asked:
    made = Asked(given.session)
    monkeypatch.setattr(given.session.jobs, "submit", made.submit)
    return made


def _live(given, tmp_path: Path) -> tuple[LiveRun, Job]:
    training = given.session.training
    job = Job("1", "run", {}, "train", "Training", training)
    training.live = LiveRun(tmp_path / "run", job)
    job.begin()
    return training.live, job


def _tell(given, job: Job, *events) -> None:
    for event in events:
        job.take(event)
        given.session.jobs.job_event.emit((job, event))


def test_the_monitor_draws_scratch_and_pretrained_as_their_epochs_come(qtbot, given, tmp_path) -> None:
    monitor = RunMonitor(given.session)
    qtbot.addWidget(monitor)
    monitor.show()
    _, job = _live(given, tmp_path)
    _tell(given, job, StageStarted("scratch", 3, 7, 0, "split"), Progress(2, 50, "epochs"))
    for epoch, score in ((1, 0.5), (2, 0.7)):
        metrics = {"train_loss": 1.0 / epoch, "valid_loss": 1.2 / epoch, "valid_accuracy": score}
        _tell(given, job, EpochFinished("scratch", epoch, metrics, 0.02, 0, "split"))
    _tell(given, job, StageStarted("finetune", 4, 7, 0, "split"))
    _tell(given, job, EpochFinished("finetune", 1, {"train_loss": 0.4, "valid_accuracy": 0.8}, 0.02, 0, "split"))
    qtbot.waitUntil(lambda: len(monitor.metric_chart.curves()) == 2, timeout=3000)
    found = {curve.name: list(curve.points) for curve in monitor.metric_chart.curves()}
    assert found == {"pretrained": [(1, 0.8)], "scratch": [(1, 0.5), (2, 0.7)]}
    names = [curve.name for curve in monitor.loss_chart.curves()]
    assert names == ["pretrained train", "scratch train", "scratch valid"]
    assert "Stage 5 of 7" in monitor._stages.text()
    assert monitor._cancel.isVisible()


def test_stop_and_cancel_say_at_once_what_they_wait_for(qtbot, given, tmp_path) -> None:
    monitor = RunMonitor(given.session)
    qtbot.addWidget(monitor)
    monitor.show()
    _, job = _live(given, tmp_path)
    _tell(given, job, StageStarted("scratch", 3, 7))
    given.session.training.stop()
    given.session.training.live_changed.emit()
    qtbot.waitUntil(lambda: "end of this epoch" in monitor._line.text(), timeout=1000)
    qtbot.mouseClick(monitor._cancel, LEFT)
    given.session.training.live_changed.emit()
    qtbot.waitUntil(lambda: "end of this batch" in monitor._line.text(), timeout=1000)
    _tell(given, job, JobFinished("1", "cancelled", 0.0))


def test_a_warning_of_the_run_stays_in_sight(qtbot, given, tmp_path) -> None:
    monitor = RunMonitor(given.session)
    qtbot.addWidget(monitor)
    _, job = _live(given, tmp_path)
    _tell(given, job, Notice("warning", "device.fallback", "No GPU answers; the CPU is used."))
    qtbot.waitUntil(lambda: monitor._strip.text() == "No GPU answers; the CPU is used.", timeout=2000)
    _tell(given, job, JobFinished("1", "finished", 0.0, {}))


def test_the_finished_run_shows_its_verdict_above_floors_and_probes(qtbot, given) -> None:
    monitor = RunMonitor(given.session)
    qtbot.addWidget(monitor)
    given.dataset()
    given.run()
    qtbot.waitUntil(lambda: monitor._verdict.text() == given.session.run.metrics["verdict"], timeout=2000)


def test_export_asks_for_what_is_chosen_and_tells_where_it_was_written(qtbot, given, asked, tmp_path) -> None:
    view = Export(given.session)
    qtbot.addWidget(view)
    given.dataset()
    given.run(with_points=False)
    view.choose("embeddings")
    assert view.format.currentData() == "parquet"
    view.choose("predictions")
    view.path.setText(str(tmp_path / "out.csv"))
    qtbot.mouseClick(view.go, LEFT)
    (job,) = [job for job in asked.jobs if job.kind == "export"]
    expected = {"what": "predictions", "to": "csv", "out": str(tmp_path / "out.csv")}
    assert {name: job.arguments[name] for name in expected} == expected
    assert not view.go.isEnabled()
    job.take(JobFinished(job.id, "finished", 0.0, {"path": str(tmp_path / "out.csv"), "rows": 9}))
    assert view.strip.text() == f"Wrote 9 rows to {tmp_path / 'out.csv'}."
    assert view.go.isEnabled()


def test_an_export_that_fails_says_why_and_can_be_tried_again(qtbot, given, asked, tmp_path) -> None:
    view = Export(given.session)
    qtbot.addWidget(view)
    given.dataset()
    given.run(with_points=False)
    view.path.setText(str(tmp_path / "no" / "out.csv"))
    view._on_go()
    error = {"code": "export", "message": "The folder cannot be written.", "hint": "Choose another.", "details": {}}
    asked.jobs[-1].take(JobFinished("1", "failed", 0.0, error=error))
    assert view.strip.text() == "The folder cannot be written."
    assert view.go.isEnabled()


def test_new_files_are_scored_first_and_written_when_asked(qtbot, given, asked, tmp_path) -> None:
    class Answers:
        def files(self, title: str) -> list[Path]:
            return [tmp_path / "new.csv"]

        def folder(self, title: str) -> None:
            return None

        def save(self, title: str, name: str, kinds: str = "") -> Path:
            return tmp_path / "scored.csv"

    given.dataset()
    given.run(with_points=False)
    dialog = ScoreFiles(given.session, Answers())
    qtbot.addWidget(dialog)
    dialog._on_choose()
    job = asked.jobs[-1]
    assert (job.kind, "out" in job.arguments) == ("predict", False)
    result = {
        "rows": 2,
        "path": None,
        "schema": {"matched": ["age"], "missing": [], "extra": ["hobby"], "kind_changed": []},
        "columns": ["id", "predicted_team"],
        "preview": [["007", "red"], ["008", None]],
    }
    job.take(JobFinished(job.id, "finished", 0.0, result))
    assert "not used: hobby" in dialog._schema.text()
    assert dialog._model.index(1, 1).data() == "–"
    qtbot.mouseClick(dialog.write, LEFT)
    assert asked.jobs[-1].arguments["out"] == str(tmp_path / "scored.csv")
    asked.jobs[-1].take(JobFinished("2", "finished", 0.0, {**result, "path": str(tmp_path / "scored.csv")}))
    assert "Wrote 2 rows" in dialog.strip.text()


@pytest.mark.parametrize(
    ("kind", "words"),
    [("nodes", "looks at the graph alone; it needs no column"), ("molecules", "reads atoms and bonds from the struct")],
)
def test_a_model_that_needs_no_column_says_what_it_reads(qtbot, given, asked, tmp_path, kind: str, words: str) -> None:
    given.dataset()
    given.run(with_points=False)
    given.session.dataset = replace(given.session.dataset, data={"tables": [{"kind": kind, "columns": {}}]})
    dialog = ScoreFiles(given.session, None)
    qtbot.addWidget(dialog)
    dialog.take([tmp_path / "new.csv"])
    schema = {"matched": [], "missing": [], "extra": []}
    result = {"rows": 1, "path": None, "schema": schema, "columns": ["id"], "preview": [["1"]]}
    asked.jobs[-1].take(JobFinished("1", "finished", 0.0, result))
    assert words in dialog._schema.text()


def test_columns_that_the_new_files_lack_are_named(qtbot, given, asked, tmp_path) -> None:
    given.dataset()
    given.run(with_points=False)
    dialog = ScoreFiles(given.session, None)
    qtbot.addWidget(dialog)
    dialog.take([tmp_path / "new.csv"])
    error = {"code": "recipe.mismatch", "message": 'The column "age" is missing.', "hint": "Add it.", "details": {}}
    asked.jobs[-1].take(JobFinished("1", "failed", 0.0, error=error))
    assert dialog.strip.text() == 'The column "age" is missing.'
    assert not dialog.write.isEnabled()


def test_features_are_read_from_a_recipe_in_either_form() -> None:
    columns = {"cost_centre": {"role": "feature", "kind": "category"}, "age": "feature", "office": {"role": "ignore"}}
    assert feature_columns({"data": {"tables": [{"columns": columns}, {"path": "edges.csv"}]}}) == {
        "cost_centre",
        "age",
    }


def test_before_the_first_epoch_no_empty_axes_are_shown(qtbot, given, tmp_path) -> None:
    monitor = RunMonitor(given.session)
    qtbot.addWidget(monitor)
    monitor.show()
    _, job = _live(given, tmp_path)
    _tell(given, job, StageStarted("floors", 1, 7))
    qtbot.waitUntil(lambda: monitor._before.isVisible() and not monitor._charts.isVisible(), timeout=2000)
    _tell(given, job, EpochFinished("scratch", 1, {"train_loss": 1.0}, 0.02, 0, "split"))
    qtbot.waitUntil(lambda: monitor._charts.isVisible() and not monitor._before.isVisible(), timeout=2000)
    _tell(given, job, JobFinished("1", "finished", 0.0, {}))


def test_on_a_low_screen_the_axes_of_the_curves_stay_in_sight(qtbot, given, tmp_path) -> None:
    """900 by 545 is what a screen of 1280×720 leaves it."""
    monitor = RunMonitor(given.session)
    qtbot.addWidget(monitor)
    monitor.resize(900, 545)
    monitor.show()
    _, job = _live(given, tmp_path)
    _tell(given, job, StageStarted("scratch", 3, 7), EpochFinished("scratch", 1, {"train_loss": 1.0}, 0.02, 0, "split"))
    qtbot.waitUntil(lambda: monitor._charts.isVisible(), timeout=2000)
    page = monitor.findChild(Tall)
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() == 0, timeout=2000)
    monitor.resize(900, 200)
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() > 0, timeout=2000)
    _tell(given, job, JobFinished("1", "finished", 0.0, {}))
