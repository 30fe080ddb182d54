"""Which recipe suits which graph, and why: few or many labels, neighbours alike or not, edges that say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.project.signals import CLEAR, Signals

Plain = dict[str, Any]  # Any: TOML values

# Measured by `python -m tests.golden.regimes`.
ALIKE = 0.3
DENSE = 8.0


@dataclass(frozen=True, slots=True)
class Regime:
    """A recipe's parts, and why it is this one.

    Args: key: stable name. why: the sentence that says which regime it is. encoder, finetune: parts as plain data.
        about: part to the sentence about it. beside: the loss beside the labels. after: between training and
        predicting.
    """

    key: str
    why: str
    encoder: Plain
    finetune: Plain
    about: Mapping[str, str]
    beside: Plain | None = None
    after: Plain = field(default_factory=dict)


def pick(signals: Signals) -> Regime:
    """Return the regime that the signals call for."""
    if signals.are_edges_mute:
        return _features_only(signals)
    if not signals.is_class:
        return _many(signals, "A number is predicted.")
    if signals.is_large:
        return _many(
            signals,
            f"A large graph ({_labels(signals)}){_and_alike(signals)}: few layers, so that parts of "
            "it can be trained on.",
        )
    if not signals.may_be_alike(ALIKE):
        clear = signals.gain is None or signals.gain > CLEAR
        return _unlike(signals) if clear and not signals.few else _faint(signals)
    if signals.few:
        return _few(signals)
    return _many(signals, f"Many labels ({_labels(signals)}){_and_alike(signals)}.")


def every(signals: Signals) -> list[Regime]:
    """Return the recipe of every regime, whatever fires: what a table of the thresholds compares."""
    thin, dense = replace(signals, degree=0.0), replace(signals, degree=DENSE + 1)
    network = _features_only(replace(signals, linear=False))
    return [_few(thin), _few(dense), _many(signals, ""), _unlike(signals), _faint(signals), network]


def _few(signals: Signals) -> Regime:
    why = f"Few labels ({_labels(signals)}){_and_alike(signals)}: the edges have to carry them far."
    if signals.degree > DENSE:
        return Regime(
            "few_labels_dense",
            why,
            {"type": "dagnn", "steps": 10, "width": 64, "narrow": 16, "input_dropout": 0.5, "dropout": 0.5},
            _stage({"epochs": 400, "patience": 60}, {"type": "adam", "rate": 0.01, "weight_decay": 5e-4}),
            {
                "encoder": f"With {signals.degree:.0f} neighbours a node, a few steps reach everybody, so each node "
                "learns how far it listens (Liu, Gao and Ji 2020)."
            },
        )
    return Regime(
        "few_labels",
        why,
        {"type": "sign", "steps": 8, "combine": "mean", "width": 32, "input_dropout": 0.5, "dropout": 0.5},
        _stage(
            {"epochs": 1000, "patience": 200},
            {"type": "adam", "rate": 0.01, "weight_decay": 5e-3, "decay_on": "first_layer"},
        ),
        {
            "encoder": "The mean of neighbourhoods up to eight edges away, read by a small network: nothing to "
            "overfit on the way.",
            "beside": "Half of the nodes fall silent again and again, and the answer has to stay the same (Feng et "
            "al. 2020): so the nodes without a label teach too.",
        },
        beside={"type": "consistency", "samples": 4},
    )


def _many(signals: Signals, why: str) -> Regime:
    return Regime(
        "many_labels" if signals.is_class else "numbers",
        why,
        {"type": "gcn", "layers": 2, "width": 64, "dropout": 0.3, "norm": "layer", "skip": True, "head": "linear"},
        _stage({"epochs": 400, "patience": 60}, {"type": "adam", "rate": 0.01, "weight_decay": 5e-5}),
        {
            "encoder": "Two graph convolutions with a linear skip, so that a node's own features count beside those "
            "of its neighbours."
        },
    )


def _unlike(signals: Signals) -> Regime:
    return Regime(
        "unlike_neighbours",
        f"Neighbours are not alike{_measured(signals)}, and yet the edges help {_by_how_much(signals)}.",
        {
            "type": "gcn",
            "layers": 8,
            "width": 64,
            "before": 1,
            "norm": "batch",
            "skip": True,
            "input_dropout": 0.0,
            "dropout": 0.2,
            "head": "linear",
        },
        _stage({"epochs": 500, "patience": 150}, {"type": "adam", "rate": 0.01, "weight_decay": 0.0}),
        {
            "encoder": "A dense layer first, then eight convolutions, each with a linear skip beside it that keeps "
            "a node apart from its neighbours (Luo, Shi and Wu 2024)."
        },
    )


def _faint(signals: Signals) -> Regime:
    return Regime(
        "faint_edges",
        f"Neighbours are hardly alike{_measured(signals)}, and edges help little {_by_how_much(signals)}.",
        {"type": "gcn", "layers": 2, "width": 64, "dropout": 0.5, "norm": "batch", "skip": True, "head": "linear"},
        _stage({"epochs": 400, "patience": 60}, {"type": "adam", "rate": 0.003, "weight_decay": 5e-4}),
        {"encoder": "Two graph convolutions with a linear skip, and strong dropout."},
    )


def _features_only(signals: Signals) -> Regime:
    return Regime(
        "features_only",
        f"The edges do not help here: neighbours are no more alike than by chance{_measured(signals)}, and a model "
        f"solved at once is no better with them {_by_how_much(signals)}. So each node is read alone.",
        {"type": "linear", "width": 64} if signals.linear else {"type": "mlp", "width": 64, "dropout": 0.5},
        _stage(
            {"epochs": 200, "patience": 50},
            {
                "type": "adam",
                "rate": 0.01,
                "weight_decay": 2e-2 if signals.linear else 5e-4,
                "decay_on": "first_layer",
            },
        ),
        {
            "encoder": "A linear map of each node's own features, which is better on valid than a network."
            if signals.linear
            else "A small network on each node's own features, which is better on valid than a linear map."
        },
    )


def _stage(training: Plain, optimiser: Plain) -> Plain:
    return {"type": "scratch", "training": training, "optimiser": optimiser}


def _labels(signals: Signals) -> str:
    each = signals.train_labels / max(1, signals.classes)
    return f"{each:.0f} a class train"


def _measured(signals: Signals) -> str:
    if signals.alike is None:
        return ""
    where = " with a common neighbour" if signals.two_steps else " that are joined"
    what = "adjusted homophily" if signals.is_class else "correlation"
    return f" ({what} {signals.alike:.2f} over {signals.pairs:,} pairs of train nodes{where})"


def _and_alike(signals: Signals) -> str:
    return "" if signals.alike is None else f", and neighbours are alike{_measured(signals)}"


def _by_how_much(signals: Signals) -> str:
    if signals.with_edges is None or signals.without_edges is None:
        return ""
    near, own = abs(signals.with_edges), abs(signals.without_edges)
    return f"(closed form on valid, {signals.metric.replace('_', ' ')}: {near:.3f} with them, {own:.3f} without)"
