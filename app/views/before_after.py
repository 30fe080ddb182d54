"""The same model from scratch and pretrained, paired by split and seed: what pretraining is worth here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.canvas.pairs_chart import Pair, PairsChart
from app.canvas.score_bars import ScoreBars
from app.kit.scores import Score, difference, is_lower_better, is_share, metric_name, scaled
from app.kit.translate import tr, tr_n
from app.kit.widgets.basics import Empty, column, label
from app.kit.widgets.tall import Tall
from app.views._base import View, ViewSpec

if TYPE_CHECKING:
    from app.session.session import Session

Plain = dict[str, Any]  # Any: JSON values


class BeforeAfterView(View):
    """Scratch against pretrained, and the probe against random weights."""

    spec = ViewSpec(
        "before_after", "Before and after", "inspect", "right", order=25, tabs=("confusion",), icon="pretrain"
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.sentence = label("", "heading", wrap=True)
        self.note = label("", "muted", wrap=True)
        self.chart = PairsChart(tr("from scratch"), tr("pretrained"))
        self.chart.setAccessibleName(tr("Scores from scratch and pretrained, by seed"))
        self.probe_title = label(tr("LINEAR PROBE ON FROZEN EMBEDDINGS"), "section")
        self.probe = ScoreBars(("probe",))
        self.floors_title = label(tr("WITH ITS FLOORS, ON TEST"), "section")
        self.floors = ScoreBars(("model", "scratch", "floor"))
        self.empty = Empty("pretrain", "")
        body = QWidget()
        below = (self.floors_title, self.floors, self.probe_title, self.probe)
        parts = (self.sentence, self.note, self.chart, *below)
        layout = column(*parts, margins=14, spacing=8)
        layout.setStretchFactor(self.chart, 1)
        body.setLayout(layout)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(Tall(body))
        self.setLayout(column(self._pages, spacing=0))
        session.run_changed.connect(self._on_run_changed)
        self._on_run_changed()

    @Slot()
    def _on_run_changed(self) -> None:
        run = self.session.run
        metrics = run.metrics if run is not None else {}
        comparison, probe = metrics.get("comparison"), metrics.get("probe")
        if not comparison and not probe:
            self._say_why(bool(metrics))
            self._pages.setCurrentWidget(self.empty)
            return
        self._pages.setCurrentIndex(1)
        self._show_comparison(metrics, comparison)
        self._show_rest(metrics)

    def _say_why(self, has_metrics: bool) -> None:
        if has_metrics:
            self.empty.say(
                tr("This run was not pretrained"),
                tr("Choose an objective at the Pretrain station; the next run then trains both ways and compares."),
            )
        else:
            self.empty.say(tr("Nothing to compare yet"), tr("Train a model; what pretraining adds is told here."))

    def _show_comparison(self, metrics: Plain, comparison: Plain | None) -> None:
        metric = str(metrics["metric"])
        gain = Score.read(comparison.get("paired_difference")) if comparison else None
        for widget in (self.chart, self.note):
            widget.setVisible(gain is not None)
        if gain is None:
            self.sentence.setText(tr("There is no training from scratch to compare with."))
            return
        change = difference(gain, metric)
        self.sentence.setText(
            tr("Pretraining changes {metric} by {change}.", metric=metric_name(metric), change=change)
        )
        pairs = pairs_of(metrics)
        words = [tr_n("{count} pair on test", "{count} pairs on test", len(pairs))]
        better = sum(
            (pair.after < pair.before) if is_lower_better(metric) else (pair.after > pair.before) for pair in pairs
        )
        words.append(tr("better in {better} of {count}", better=better, count=len(pairs)))
        if len(pairs) == 1:
            words.append(tr("one pair cannot tell a gain from luck: run more seeds"))
        self.note.setText(" · ".join(words))
        self.chart.set_pairs(pairs, "%" if is_share(metric) else "", less_is_better=is_lower_better(metric))

    def _show_rest(self, metrics: Plain) -> None:
        """Show the probes, and the floors that either way has to beat."""
        for bars, title in ((self.probe, self.probe_title), (self.floors, self.floors_title)):
            bars.show_metrics(metrics)
            for widget in (bars, title):
                widget.setVisible(bool(bars.bars))


def pairs_of(metrics: Plain) -> list[Pair]:
    """Return the test scores of each split and seed that was trained both ways, in the unit shown."""
    metric = str(metrics["metric"])
    found: dict[tuple[str, int], dict[str, float]] = {}
    for one in metrics.get("runs", []):
        value = (one.get("test") or {}).get(metric)
        if value is not None:
            found.setdefault((str(one["split"]), int(one["seed"])), {})[str(one["kind"])] = scaled(value, metric)
    return [
        Pair(tr("{split}, seed {seed}", split=split, seed=str(seed)), both["scratch"], both["pretrained"])
        for (split, seed), both in found.items()
        if len(both) == 2
    ]
