"""The run as it goes: stages, progress, time left, live curves, Stop; afterwards the verdict and its floors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from app.canvas.score_bars import ScoreBars
from app.kit.sayings import said
from app.kit.scores import metric_name
from app.kit.throttle import Throttle
from app.kit.translate import tr
from app.kit.widgets.basics import Empty, Strip, button, card, column, label, row, set_role
from app.kit.widgets.chart import LineChart
from app.kit.widgets.findings import Findings
from app.kit.widgets.tall import Tall
from app.kit.words import duration
from app.models.learning_curves import kind_of, loss_curves, metric_curves
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session
    from app.session.training import Curves

_KEPT_STAGES = ("floors", "pretrain", "probe", "scratch", "finetune", "evaluate")
_LEAST_CHART = 220  # pixels


class RunMonitor(View):
    """Shows the run that goes on, or the one in view."""

    spec = ViewSpec("run_monitor", "Run", "finetune", "centre", also=("pretrain",), icon="chart", order=10)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._strip = Strip()
        self._stages = label("", "muted")
        self._line = label("", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of this stage"))
        self._cancel = button(tr("Cancel"), session.training.cancel)
        self._resume = button(tr("Resume"), self._on_resume, icon="resume", primary=True)
        self._resume.setObjectName("resume")
        texts = column(self._stages, self._line, self._bar, spacing=4)
        line = row(texts, self._cancel, self._resume, spacing=10)
        line.setStretch(0, 1)
        self._top = card(line)
        self._top.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._verdict = label("", "heading", wrap=True)
        self._scores = ScoreBars()
        self._trap = label("", "muted", wrap=True)
        self._findings = Findings()
        self._findings.rows_asked.connect(session.selecting.ids)
        self._result = card(self._findings, self._verdict, self._scores, self._trap)
        self._result.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.pretrain_chart = LineChart(tr("PRETRAINING LOSS"), tr("epoch"), 450)
        self.loss_chart = LineChart(tr("LOSS"), tr("epoch"), 550)
        self.metric_chart = LineChart(tr("SCORE ON VALID"), tr("epoch"), 650)
        charts = row(self.pretrain_chart, self.loss_chart, self.metric_chart, spacing=14)
        for number in range(3):
            charts.setStretch(number, 1)
        self._charts = QWidget()
        self._charts.setLayout(charts)
        # As high as there is room for: what a chart would like would push its axis below the screen.
        self._charts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._charts.setMinimumHeight(_LEAST_CHART)
        self._empty = Empty("chart", tr("No run yet"), tr("Once it runs, floors come first, then the curves."))
        self._before = Empty("chart", tr("Floors come first"), tr("The curves begin with the first epoch."))
        pages = (self._charts, self._before, self._empty)
        body = column(self._strip, self._top, self._result, *pages, margins=14, spacing=12)
        for number in range(3, 6):
            body.setStretch(number, 1)
        page = QWidget()
        page.setLayout(body)
        self.setLayout(column(Tall(page), spacing=0))
        self._throttle = Throttle(self._update, 120, self)
        for signal in (session.run_changed, session.runs_changed, session.training.live_changed):
            signal.connect(self._throttle.request)
        self._update()

    def _update(self) -> None:
        live, run = self.session.training.live, self.session.run
        going_on = self.session.training.is_running
        shows_live = live is not None and (going_on or run is None or run.folder == live.folder)
        self._empty.setVisible(live is None and run is None)
        curves: Curves = {}
        if shows_live and live is not None:
            curves = live.curves
        elif run is not None:
            curves = run.curves
        # Charts without a point would show axes that mean nothing.
        self._charts.setVisible(bool(curves))
        self._before.setVisible(going_on and not curves)
        self._show_curves(curves)
        self._show_line(going_on)
        self._show_result(None if going_on else run)
        self._show_notices()

    def _show_line(self, going_on: bool) -> None:
        live, run = self.session.training.live, self.session.run
        info = next((info for info in self.session.runs.all if run is not None and info.folder == run.folder), None)
        can_resume = not going_on and info is not None and info.can_resume
        self._top.setVisible(going_on or can_resume)
        self._cancel.setVisible(going_on)
        self._bar.setVisible(going_on)
        self._resume.setVisible(can_resume)
        if going_on and live is not None:
            job = live.job
            self._cancel.setEnabled(job.state in ("running", "stopping"))
            self._stages.setText(self._stage_words())
            self._line.setText(self._progress_words())
            fraction = job.fraction
            self._bar.setRange(0, 0 if fraction is None else 1000)
            if fraction is not None:
                self._bar.setValue(round(1000 * fraction))
        elif can_resume and info is not None:
            words = {"stopped": tr("This run was stopped."), "cancelled": tr("This run was cancelled.")}
            self._stages.setText(info.name)
            self._line.setText(words.get(info.status, tr("This run was cut off.")))

    def _stage_words(self) -> str:
        live = self.session.training.live
        if live is None or not live.stages:
            return tr("Starting…")
        stage = live.stages[-1]
        parts = [tr("Stage {number} of {count}", number=stage.index + 1, count=stage.count), stage_title(stage.name)]
        if stage.seed is not None:
            parts.append(tr("seed {seed}", seed=stage.seed))
        if stage.split:
            parts.append(tr("split {name}", name=stage.split))
        return " · ".join(parts)

    def _progress_words(self) -> str:
        live = self.session.training.live
        assert live is not None
        job = live.job
        if job.state == "stopping":
            return tr("Stopping: waiting for the end of this epoch.")
        if job.state == "cancelling":
            return tr("Cancelling: waiting for the end of this batch.")
        parts = []
        if live.progress is not None and live.progress.total > 0:
            done, total = round(live.progress.done), round(live.progress.total)
            parts.append(tr("{done} of {total} {unit}", unit=said(live.progress.unit), done=done, total=total))
        if live.epoch_seconds > 0:
            parts.append(tr("{time} ms per epoch", time=f"{1000 * live.epoch_seconds:.0f}"))
        left = job.seconds_left
        if left is not None:
            parts.append(tr("{time} left in this stage", time=duration(left)))
        parts.append(tr("{time} so far", time=duration(job.seconds)))
        return " · ".join(parts)

    def _show_curves(self, curves: Curves) -> None:
        stages, together = sorted(curves), not self.session.training.is_running
        pretraining = [stage for stage in stages if kind_of(stage) == "pretrain"]
        training = [stage for stage in stages if kind_of(stage) in ("scratch", "finetune")]
        self.pretrain_chart.show_curves(loss_curves(curves, pretraining, together=together))
        self.pretrain_chart.setVisible(bool(pretraining) or not stages)
        self.loss_chart.show_curves(loss_curves(curves, training, together=together))
        for chart in (self.loss_chart, self.metric_chart):
            chart.setVisible(bool(training) or not stages)
        name, found = metric_curves(curves, training, together=together)
        if name:
            self.metric_chart.set_title(tr("VALID {metric}", metric=metric_name(name)).upper())
        self.metric_chart.show_curves(found)

    def _show_result(self, run: Any) -> None:  # Any: RunFrame or None
        metrics: dict[str, Any] = run.metrics if run is not None else {}
        self._result.setVisible(bool(metrics))
        if metrics:
            verdict = metrics.get("verdict")
            pretrained = tr("Pretrained. A probe on the frozen embeddings says what they know already.")
            self._verdict.setText(said(str(verdict or pretrained)))
            sample = self.session.sample
            self._trap.setText(tr("The trap in this sample: {trap}", trap=str(sample.get("trap"))))
            # Once the column is no feature any more, the trap was avoided.
            column_ = sample.get("trap_column")
            in_it = not column_ or column_ in feature_columns(run.recipe)
            self._trap.setVisible(bool(verdict and sample.get("trap") and in_it))
            self._scores.show_metrics(metrics)
            self._findings.show_findings(metrics.get("audit"))

    def _show_notices(self) -> None:
        live = self.session.training.live
        warnings = [notice for notice in live.notices if notice.level == "warning"] if live is not None else []
        if warnings:
            self._strip.say("warning", warnings[-1].text)
            set_role(self._strip, "tone", "warning")
        else:
            self._strip.hide()

    @Slot()
    def _on_resume(self) -> None:
        if self.session.run is not None:
            self.session.running.resume(self.session.run.folder)


def feature_columns(recipe: dict[str, Any]) -> set[str]:  # Any: JSON values
    """Return the columns of node tables that a recipe takes as features; a role may stand for the whole column."""
    tables = (recipe.get("data") or {}).get("tables", [])
    columns = {name: spec for table in tables for name, spec in (table.get("columns") or {}).items()}
    return {
        name for name, spec in columns.items() if (spec.get("role") if isinstance(spec, dict) else spec) == "feature"
    }


def stage_title(name: str) -> str:
    """Return what a stage is called on screen."""
    known = {
        "read": tr("Reading"),
        "floors": tr("Floors: what a graph model has to beat"),
        "pretrain": tr("Pretraining without labels"),
        "probe": tr("Probing the frozen embeddings"),
        "scratch": tr("Training from scratch"),
        "finetune": tr("Fine-tuning the pretrained encoder"),
        "evaluate": tr("Scoring on test, once"),
    }
    return known.get(name, name)
