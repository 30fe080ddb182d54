"""Scores as a run's metrics hold them, read for the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kit.translate import tr

Plain = Mapping[str, Any]  # Any: JSON values

# Shares of one, shown in percent; everything else is shown as it is.
_SHARES = frozenset({"accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "average_precision"})
_LOWER_IS_BETTER = frozenset({"rmse", "mae"})


@dataclass(frozen=True, slots=True)
class Score:
    """Mean and standard deviation over `count` trainings, in the metric's own unit."""

    mean: float
    std: float
    count: int

    @classmethod
    def read(cls, plain: Plain | None) -> Score | None:
        """Read `{mean, std, count}`; None of None."""
        if not plain or plain.get("mean") is None:
            return None
        return cls(float(plain["mean"]), float(plain.get("std") or 0.0), int(plain.get("count") or 1))


def metric_name(metric: str) -> str:
    """Return a metric's name for people."""
    names = {
        "accuracy": tr("accuracy"),
        "balanced_accuracy": tr("balanced accuracy"),
        "macro_f1": tr("macro-F1"),
        "roc_auc": tr("ROC-AUC"),
        "average_precision": tr("average precision"),
        "rmse": tr("RMSE"),
        "mae": tr("MAE"),
        "r2": tr("R²"),
    }
    return names.get(metric, metric)


def is_lower_better(metric: str) -> bool:
    """Whether a smaller value is the better one."""
    return metric in _LOWER_IS_BETTER


def is_share(metric: str) -> bool:
    """Whether a metric is a share of one, shown in percent."""
    return metric in _SHARES


def scaled(value: float, metric: str) -> float:
    """Return a value in the unit it is shown in: percent for shares."""
    return 100 * value if is_share(metric) else value


def shown(score: Score | None, metric: str) -> str:
    """Return "81.4 ± 0.5 %" or "0.732 ± 0.010"; the spread only of several trainings."""
    if score is None:
        return "–"
    mean, std = scaled(score.mean, metric), scaled(score.std, metric)
    if is_share(metric):
        return f"{mean:.1f} ± {std:.1f} %" if score.count > 1 else f"{mean:.1f} %"
    return f"{mean:.4g} ± {std:.2g}" if score.count > 1 else f"{mean:.4g}"


def difference(score: Score, metric: str) -> str:
    """Return a difference with its sign: "+1.2 ± 0.4 points"."""
    mean, std = scaled(score.mean, metric), scaled(score.std, metric)
    unit = tr("points") if is_share(metric) else ""
    spread = f" ± {std:.1f}" if is_share(metric) else f" ± {std:.2g}"
    number = f"{mean:+.1f}" if is_share(metric) else f"{mean:+.4g}"
    return f"{number}{spread if score.count > 1 else ''} {unit}".replace("-", "−").strip()
