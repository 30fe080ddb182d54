"""Recipes for collections of graphs, each decision with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.project.situation import Situation

Plain = dict[str, Any]  # Any: TOML values

_BATCH = 32
# Descriptors take 9 ms a molecule: for more than this the wait is long.
_MOST_DESCRIBED = 20_000
# Up to as many labels a tenth of them is too few to choose by right and wrong.
_FEW = 2000
# Steps of a training, and the epochs that they may be spread over.
_STEPS = 2000
_EPOCHS = (20, 100)


@dataclass(frozen=True, slots=True)
class GraphRegime:
    """A recipe's parts for whole graphs, and the sentence about each.

    Args: encoder, readout, loader, finetune: parts as plain data. about: part to the sentence about it.
    """

    encoder: Plain
    readout: Plain
    loader: Plain
    finetune: Plain
    about: dict[str, str] = field(default_factory=dict)


def ensemble_of(situation: Situation) -> str:
    """Return whether the seeds of a recommended recipe answer together: where few graphs choose, always.

    The best of three on a few graphs is so by luck, and an average that looks worse there is better elsewhere.
    """
    return "on" if situation.labelled <= _FEW else "auto"


def of_graphs(preset: str, situation: Situation, *, pretrains: bool = False) -> GraphRegime:
    """Return the recipe of a preset for whole graphs.

    Args: preset: quick, plain or recommended. pretrains: whether the encoder learns without labels first: then it
        learns what descriptors say, too, and they are not read beside it.
    """
    if situation.writes:
        return _writing(preset)
    if preset == "plain":
        return GraphRegime(
            {"type": "gin", "layers": 5, "width": 32, "dropout": 0.5},
            {"type": "sum"},
            {"type": "graphs", "batch_size": 32},
            _stage({"epochs": 100}, {"type": "adam", "rate": 0.01, "weight_decay": 0.0}),
            {"encoder": "A five-layer GIN with the settings of Xu et al. (2019)."},
        )
    describes = situation.is_molecules and situation.num_items <= _MOST_DESCRIBED
    if describes and preset == "recommended" and not pretrains:
        return _described(situation) if situation.is_class else _described_numbers()
    if situation.edges_carry and situation.is_molecules:
        return _with_edges() if situation.is_class else _with_edges_for_numbers()
    training, chosen = _training(situation), "the best epoch is chosen on valid"
    if situation.is_class and situation.labelled <= _FEW:
        # A metric that is right by chance in an early epoch would end the training there.
        training["best_by"] = "loss"
        chosen += " by the loss, as few graphs choose"
    return GraphRegime(
        {"type": "gine" if situation.edges_carry else "gin", "layers": 4, "width": 64, "dropout": 0.2},
        {"type": "sum", "dropout": 0.3, "whole": "pooled"},
        {"type": "graphs", "batch_size": _BATCH},
        _stage(training, {"type": "adam", "rate": 0.005, "weight_decay": 1e-4}),
        {
            "encoder": "A graph isomorphism network: sums over neighbours tell apart what averages do not (Xu et al. "
            "2019).",
            "readout": "The nodes of a graph are added up, so that how many there are counts too; sums and means of "
            "their features are read beside, which alone are hard to beat on some collections (Errica et al. 2020).",
            "finetune": f"At most {training['epochs']} epochs of steps of {_BATCH} graphs; {chosen}, and "
            "training ends early without progress.",
        },
    )


def _training(situation: Situation) -> Plain:
    """Return how long to train: more epochs where an epoch is few steps."""
    steps = max(1, situation.labelled // _BATCH)
    epochs = min(max(_STEPS // steps, _EPOCHS[0]), _EPOCHS[1])
    return {"epochs": epochs, "patience": epochs // 3}


def _writing(preset: str) -> GraphRegime:
    """Sums keep what a mean loses, how many of each there are; a step sees more graphs, as each is a whole text."""
    epochs = 4 if preset == "quick" else 20
    optimiser = {"type": "adam", "rate": 0.002, "weight_decay": 0.0}
    return GraphRegime(
        {"type": "gine", "layers": 4, "width": 128, "dropout": 0.0, "jumping": "cat"},
        {"type": "sum", "after": 0},
        {"type": "graphs", "batch_size": 64},
        {**_stage({"epochs": epochs, "patience": 5}, optimiser), "schedule": {"type": "cosine"}},
        {
            "encoder": "A graph isomorphism network that reads bonds, with the vectors of all its layers: to write a "
            "molecule anew all of it must be known.",
            "readout": "The atoms are added up, so that how many there are is not lost.",
            "finetune": "Encoder and writer learn together; the best epoch is chosen by the likelihood on valid.",
        },
    )


def _with_edges() -> GraphRegime:
    return GraphRegime(
        {"type": "gine", "layers": 4, "width": 64, "dropout": 0.2},
        {"type": "mean", "after": 0},
        {"type": "graphs", "batch_size": 32},
        _stage({"epochs": 100, "patience": 30}, {"type": "adam", "rate": 0.001, "weight_decay": 0.0}),
        {
            "encoder": "A graph isomorphism network that reads what edges carry, as bonds of molecules do (Hu et al. "
            "2020).",
            "readout": "The nodes of a graph are averaged, so that its size does not answer alone.",
            "finetune": "The best epoch is chosen on valid, and training ends early without progress.",
        },
    )


_ABOUT_DESCRIBED = {
    "encoder": "A graph isomorphism network that reads what edges carry, as bonds of molecules do (Hu et al. 2020).",
    "finetune": "The best epoch is chosen on valid, and training ends early without progress.",
}
_DESCRIPTORS = (
    "RDKit's descriptors of the whole molecule are read beside the atoms: together they beat either alone on small "
    "tables (Yang et al. 2019)."
)


def _described(situation: Situation) -> GraphRegime:
    # Chosen on valid of SIDER, one seed each: ROC-AUC .652; .625 with sums of four layers, .600 without a dense layer
    # between.
    return GraphRegime(
        {"type": "gine", "layers": 3, "width": 64, "dropout": 0.2},
        {"type": "mean", "dropout": 0.5, "whole": "descriptors"},
        {"type": "graphs", "batch_size": _BATCH},
        _stage(_training(situation), {"type": "adam", "rate": 0.001, "weight_decay": 0.0}),
        {**_ABOUT_DESCRIBED, "readout": f"The nodes of a graph are averaged. {_DESCRIPTORS}"},
    )


def _described_numbers() -> GraphRegime:
    # Chosen on valid of ESOL, one seed: RMSE .43; .48 to .51 at the rate .005, .60 without descriptors.
    return GraphRegime(
        {"type": "gine", "layers": 4, "width": 64, "dropout": 0.2},
        {"type": "sum", "dropout": 0.2, "whole": "descriptors"},
        {"type": "graphs", "batch_size": _BATCH},
        _stage({"epochs": 60, "patience": 30}, {"type": "adam", "rate": 0.002, "weight_decay": 1e-4}),
        {
            **_ABOUT_DESCRIBED,
            "readout": f"The nodes of a graph are added up: what is measured often grows with its size. {_DESCRIPTORS}",
        },
    )


def _with_edges_for_numbers() -> GraphRegime:
    # Chosen on valid of ESOL: RMSE .56, and .62 with the mean of the nodes at the rate of classes.
    return GraphRegime(
        {"type": "gine", "layers": 4, "width": 64, "dropout": 0.2},
        {"type": "sum"},
        {"type": "graphs", "batch_size": _BATCH},
        _stage({"epochs": 150, "patience": 50}, {"type": "adam", "rate": 0.005, "weight_decay": 1e-4}),
        {
            "encoder": "A graph isomorphism network that reads what edges carry, as bonds of molecules do (Hu et al. "
            "2020).",
            "readout": "The nodes of a graph are added up: what is measured often grows with its size.",
            "finetune": "The best epoch is chosen on valid, and training ends early without progress.",
        },
    )


def _stage(training: Plain, optimiser: Plain) -> Plain:
    return {"type": "scratch", "training": training, "optimiser": optimiser}
