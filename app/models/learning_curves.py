"""Curves of a run for its charts: each training on its own while it goes on, all of a kind as a band afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.kit.translate import tr
from app.kit.widgets.chart import Curve
from app.models.bands import Points, band_of

if TYPE_CHECKING:
    from app.session.training import Curves

_COLOURS = {"pretrain": 7, "scratch": 1, "finetune": 0}
_LOSSES = ("loss", "train_loss", "valid_loss")
_PREFERRED = ("accuracy", "roc_auc", "rmse")


def kind_of(stage: str) -> str:
    """Return what a stage does: pretrain, scratch or finetune; its split and seed stand behind that."""
    return stage.partition(" · ")[0]


def loss_curves(curves: Curves, stages: Sequence[str], *, together: bool) -> list[Curve]:
    """Return train and valid loss. Args: together: the mean over seeds, shaded as far as they lie apart."""
    found = []
    metrics = dict.fromkeys(metric for stage in stages for metric in curves[stage] if metric in _LOSSES)
    for kind in dict.fromkeys(kind_of(stage) for stage in stages):
        for metric in metrics:
            part = tr("valid") if metric.startswith("valid") else tr("train")
            name = part if kind == "pretrain" else f"{_kind_words(kind)} {part}"
            of_kind = [curves[stage].get(metric, []) for stage in stages if kind_of(stage) == kind]
            dashed = metric.startswith("valid")
            found += _drawn([points for points in of_kind if points], name, kind, dashed=dashed, together=together)
    return found


def metric_curves(curves: Curves, stages: Sequence[str], *, together: bool) -> tuple[str, list[Curve]]:
    """Return the name of the main metric on valid, and its curves. Args: together: as for losses."""
    names = [
        metric.removeprefix("valid_")
        for stage in stages
        for metric in curves[stage]
        if metric.startswith("valid_") and metric != "valid_loss"
    ]
    name = next((one for one in _PREFERRED if one in names), names[0] if names else "")
    found = []
    for kind in dict.fromkeys(kind_of(stage) for stage in stages):
        of_kind = [curves[stage].get(f"valid_{name}", []) for stage in stages if kind_of(stage) == kind]
        given = [points for points in of_kind if points]
        found += _drawn(given, _kind_words(kind), kind, dashed=False, together=together)
    return name, found


def _drawn(trainings: Sequence[Points], name: str, kind: str, *, dashed: bool, together: bool) -> list[Curve]:
    """Return the curves of one kind: one with a band, or each, the newest named and the earlier ones thin."""
    colour = _COLOURS.get(kind, 2)
    if together and len(trainings) > 1:
        band = band_of(trainings)
        return [Curve(name, band.mean, colour, dashed, band=(band.low, band.high))]
    last = len(trainings) - 1
    return [
        Curve(name if number == last else "", points, colour, dashed, thin=number != last)
        for number, points in enumerate(trainings)
    ]


def _kind_words(kind: str) -> str:
    return {"scratch": tr("scratch"), "finetune": tr("pretrained")}.get(kind, kind)
