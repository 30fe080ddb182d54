"""A run's scores on test side by side: the model, from scratch, probes and floors, with their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from PySide6.QtWidgets import QWidget

from app.canvas.bars import Bar, Bars
from app.kit.scores import Score, is_share, metric_name, scaled, shown
from app.kit.translate import tr

Plain = Mapping[str, Any]  # Any: JSON values
Part = Literal["model", "scratch", "probe", "floor"]
EVERYTHING: tuple[Part, ...] = ("model", "scratch", "probe", "floor")


class ScoreBars(Bars):
    """Draws what `score_bars` finds in a run's metrics. Args: parts: which of them, in this order."""

    def __init__(self, parts: Sequence[Part] = EVERYTHING, parent: QWidget | None = None) -> None:
        super().__init__(tr("Scores"), parent=parent)
        self._parts = parts

    def show_metrics(self, metrics: Plain) -> None:
        """Show another run's scores."""
        metric = str(metrics.get("metric", ""))
        self.set_bars(score_bars(metrics, self._parts), top=100.0 if is_share(metric) else None)
        self.setAccessibleName(tr("{metric} on test", metric=metric_name(metric)))


def score_bars(metrics: Plain, parts: Sequence[Part] = EVERYTHING) -> list[Bar]:
    """Return a bar for each score on test that a run has; the whisker is one standard deviation."""
    metric = str(metrics.get("metric", ""))
    bars = []
    for part in parts:
        for name, plain in _rows(metrics, metric, part):
            score = Score.read(plain)
            if score is not None:
                error = scaled(score.std, metric) if score.count > 1 else None
                value = max(0.0, scaled(score.mean, metric))
                bars.append(Bar(name, value, shown(score, metric), error=error, is_strong=part == "model"))
    return bars


def model_name(metrics: Plain) -> str:
    """Return what the model that was trained is called."""
    encoder = str(metrics.get("encoder", tr("model"))).upper()
    return tr("{encoder}, pretrained", encoder=encoder) if metrics.get("comparison") else encoder


def _rows(metrics: Plain, metric: str, part: Part) -> list[tuple[str, Any]]:  # Any: JSON values
    if part == "model":
        rows: list[tuple[str, Any]] = [(model_name(metrics), metrics.get("test"))]
        together = ((metrics.get("ensemble") or {}).get("test") or {}).get(metric)
        return rows if together is None else [*rows, (tr("its seeds together"), {"mean": together, "count": 1})]
    if part == "scratch":
        return [(tr("the same from scratch"), (metrics.get("comparison") or {}).get("scratch"))]
    if part == "probe":
        probes = (("probe", tr("probe, pretrained")), ("random_init_probe", tr("probe, random weights")))
        return [(name, (metrics.get(key) or {}).get("test")) for key, name in probes]
    names = {
        "features_only": tr("features only"),
        "label_spreading": tr("label spreading"),
        "descriptors": tr("descriptors"),
        "fingerprint_forest": tr("fingerprints, forest"),
        "majority": tr("majority class") if is_share(metric) else tr("mean of train"),
    }
    floors = metrics.get("floors") or {}
    order = [*(key for key in names if key in floors), *(key for key in floors if key not in names)]
    return [(names.get(key, key.replace("_", " ")), (floors[key] or {}).get("test")) for key in order]
