"""Recipes the program writes by itself: plain, recommended and quick, each decision with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.core.component import parse_config
from engine.core.errors import OptionError
from engine.data.options import DataOptions
from engine.data.splits import SPLITTERS
from engine.learn.objectives import OBJECTIVES
from engine.project.graph_regimes import ensemble_of, of_graphs
from engine.project.recipe import Recipe
from engine.project.regimes import pick
from engine.project.signals import Signals
from engine.project.situation import Situation

Preset = Literal["quick", "plain", "recommended"]
Plain = dict[str, Any]  # Any: TOML values

# Kipf and Welling (2017), section 5.2.
_PLAIN_ENCODER: Plain = {"type": "gcn", "layers": 2, "width": 16, "dropout": 0.5, "head": "convolution"}
_PLAIN_OPTIMISER: Plain = {"type": "adam", "rate": 0.01, "weight_decay": 5e-4, "decay_on": "first_layer"}
_PLAIN_TRAINING: Plain = {"epochs": 200}
_FEW_LABELS = 40
_ASKED_FOR = {
    "random": "A random split, as asked for.",
    "few": "Few labels a class train, as asked for; the rest is for choosing and judging.",
    "kfold": "Each fold judges once, as asked for.",
    "scaffold": "Molecules with the same rings and what joins them stay together, as asked for: the score is one for "
    "new kinds of molecules.",
    "by_time": "The first train and the last judge, as asked for, so the score is one for what comes next.",
}
# Below this many labels a class, three random parts would leave valid and test to chance.
_LEAST_FOR_RANDOM = 10
_SEEDS = 3
_MOST_SECONDS_A_SEED = 120.0
_QUICK_WIDTHS = (128, 64, 32)
_QUICK_SECONDS = 35.0
_QUICK_PRETRAIN = (20, 150)
_QUICK_FINETUNE = (40, 200)


@dataclass
class Draft:
    """A recipe in the making: its parts as plain data, and why each is so."""

    encoder: Plain
    finetune: Plain
    pretrain: Plain | None = None
    beside: Plain | None = None
    after: Plain = field(default_factory=dict)
    loader: Plain | None = None
    readout: Plain | None = None
    unlabelled: DataOptions | None = None
    reasons: dict[str, list[str]] = field(default_factory=dict)

    def say(self, part: str, reason: str) -> None:
        """Note why a part is as it is."""
        self.reasons.setdefault(part, []).append(reason)


def choose_split(situation: Situation, wanted: str | None, say: Mapping[str, list[str]]) -> Plain:
    """Return the split part.

    Args: wanted: key of a split, names of columns with commas, or None to take what the data offers. say: gets the
        reason under "split".
    """
    notes = say["split"]
    if wanted in _ASKED_FOR:
        notes.append(_ASKED_FOR[wanted])
        folds = {"column": situation.fold_columns[0]} if wanted == "kfold" and situation.fold_columns else {}
        return {"type": wanted, **folds}
    if wanted is not None and wanted in SPLITTERS and wanted != "by_column":
        notes.append(f"{SPLITTERS.get(wanted).label}, as asked for.")
        return {"type": wanted}
    if wanted:
        columns = [name.strip() for name in wanted.split(",") if name.strip()]
        notes.append(f"The split of {_listed(columns)}, as asked for.")
        return {"type": "by_column", "columns": columns}
    if situation.split_columns:
        notes.append(f"{_listed(situation.split_columns)} says which {situation.level}s train, choose and judge.")
        if len(situation.split_columns) > 1:
            notes.append("Each of these columns gets a training of its own.")
        return {"type": "by_column", "columns": list(situation.split_columns)}
    if situation.fold_columns:
        column = situation.fold_columns[0]
        notes.append(f'"{column}" numbers the folds: each of them judges once, and a part of the others chooses.')
        return {"type": "kfold", "column": column}
    if situation.is_class and situation.labelled < _LEAST_FOR_RANDOM * situation.classes:
        each = max(1, situation.labelled // (3 * situation.classes))
        notes.append(
            f"Only {situation.labelled} {situation.level}s in {situation.classes} classes have a label: {each} of each "
            f"class train and {each} choose, so that enough are left to judge."
        )
        return {"type": "few", "train": each, "valid": each}
    notes.append("No column names the parts, so they are drawn at random: 60 % train, 20 % choose, 20 % judge.")
    if situation.is_molecules:
        notes.append(
            "Drawn at random, most test molecules have a near relative in train, which flatters the score; --split "
            "scaffold keeps relatives together."
        )
    return {"type": "random"}


def draft(
    preset: Preset,
    situation: Situation,
    pretrain: str,
    train_labels: int,
    signals: Signals | None = None,
    unlabelled: DataOptions | None = None,
) -> Draft:
    """Return encoder, pretraining and fine-tuning of a preset.

    Args: pretrain: none, auto, or the key of an objective. train_labels: labelled nodes that train. signals: what
        the recommended recipe is chosen by; without them by the number of labels alone. unlabelled: other graphs that
        are pretrained on.
    Raises: OptionError, UnknownComponentError: there is no such preset or objective.
    """
    if situation.level == "graph":
        found = _of_graphs(preset, situation, pretrains=pretrain != "none" and (pretrain, unlabelled) != ("auto", None))
    elif preset == "plain":
        found = Draft(dict(_PLAIN_ENCODER), _stage("scratch", _PLAIN_TRAINING, _PLAIN_OPTIMISER))
        found.say("encoder", "A two-layer GCN with the settings of Kipf and Welling (2017).")
    elif preset == "recommended":
        found = _of_regime(signals or Signals(situation.is_class, situation.classes, train_labels))
    elif preset == "quick":
        found = _wide(situation, train_labels)
    else:
        raise OptionError(f'There is no preset "{preset}".', hint="Known: quick, plain, recommended.", path="preset")
    if preset == "quick" and pretrain == "auto" and situation.level == "node":
        pretrain = "dgi" if situation.has_features else "links"
    if pretrain == "auto" and unlabelled is not None:
        pretrain = "descriptors" if situation.is_molecules else "attributes"
    if pretrain == "auto":
        pretrain = "none"
    if pretrain != "none":
        keep = situation.level == "graph" or (preset != "plain" and not _has_few(situation, train_labels))
        _add_pretraining(found, pretrain, situation, keep=keep)
        found.unlabelled = unlabelled
    return found


def assemble(data: DataOptions, situation: Situation, split: Plain, parts: Draft) -> Recipe:
    """Return the checked recipe."""
    plain: Plain = {
        "data": data.model_dump(mode="json"),
        "split": split,
        "task": situation.task,
        "encoder": parts.encoder,
        "finetune": parts.finetune,
    }
    if parts.pretrain is not None:
        plain["pretrain"] = parts.pretrain
    if parts.unlabelled is not None:
        plain["unlabelled"] = parts.unlabelled.model_dump(mode="json")
    if parts.beside is not None:
        plain["beside"] = parts.beside
    if parts.after:
        plain["after"] = parts.after
    if parts.loader is not None:
        plain["loader"] = parts.loader
    if parts.readout is not None:
        plain["readout"] = parts.readout
    return parse_config(Recipe, plain, "")


def fit_into(parts: Draft, seconds_an_epoch: Mapping[str, float], trainings: int, spent: float) -> None:
    """Cut the epochs of a quick recipe to its time.

    Args: parts: changed in place. seconds_an_epoch: of pretrain and finetune, measured. trainings: fine-tunings of a
        seed (scratch and pretrained). spent: seconds that reading and floors take.
    """
    left = max(10.0, _QUICK_SECONDS - spent)
    share = 0.5 if parts.pretrain is not None else 0.0
    if parts.pretrain is not None:
        epochs = _clamped(left * share / max(seconds_an_epoch["pretrain"], 1e-6), _QUICK_PRETRAIN)
        parts.pretrain["training"] = {**parts.pretrain.get("training", {}), "epochs": epochs}
        parts.say("pretrain", _epochs_said(epochs, seconds_an_epoch["pretrain"], left * share))
    each = left * (1 - share) / trainings
    epochs = _clamped(each / max(seconds_an_epoch["finetune"], 1e-6), _QUICK_FINETUNE)
    parts.finetune["training"] = {"epochs": epochs, "patience": max(10, epochs // 4)}
    parts.say("finetune", _epochs_said(epochs, seconds_an_epoch["finetune"], each))


def _epochs_said(epochs: int, seconds: float, left: float) -> str:
    if epochs * seconds <= left:
        return f"{epochs} epochs of about {_time(seconds)} fit into the time."
    return f"{epochs} epochs of about {_time(seconds)}: fewer would teach too little."


def say_width(parts: Draft, *, fits: bool) -> None:
    """Say why a quick recipe has its width. Args: parts: changed in place. fits: whether a run keeps to the time."""
    width = parts.encoder["width"]
    if fits:
        parts.say("encoder", f"Width {width} keeps the whole run under a minute here.")
    else:
        parts.say(
            "encoder", f"Width {width} is the narrowest; the whole run takes longer than a minute here all the same."
        )


def quick_widths() -> tuple[int, ...]:
    """Return the widths that a quick recipe may have, the best first."""
    return _QUICK_WIDTHS


def least_seconds(seconds_an_epoch: Mapping[str, float], trainings: int) -> float:
    """Return how long the shortest quick recipe would take; a width is too large when that is over the time."""
    return seconds_an_epoch.get("pretrain", 0.0) * 50 + seconds_an_epoch["finetune"] * 60 * trainings


def quick_seconds() -> float:
    """Return the time a quick recipe is cut to."""
    return _QUICK_SECONDS


def recommended_seeds(parts: Draft, seconds: float) -> int:
    """Return how many seeds a recommended recipe trains, where nobody asked for a number.

    Args: parts: gets the reason. seconds: what one seed takes.
    """
    if seconds > _MOST_SECONDS_A_SEED:
        return 1
    where = "" if parts.after.get("ensemble") == "on" else " where it is better on valid"
    parts.say("runtime", f"{_SEEDS} seeds, which show how much is luck; their average predicts{where}.")
    return _SEEDS


def _of_graphs(preset: Preset, situation: Situation, *, pretrains: bool) -> Draft:
    regime = of_graphs(preset, situation, pretrains=pretrains)
    found = Draft(dict(regime.encoder), dict(regime.finetune), readout=dict(regime.readout), loader=dict(regime.loader))
    for part, sentence in regime.about.items():
        found.say(part, sentence)
    if preset == "recommended":
        found.after["ensemble"] = ensemble_of(situation)
    return found


def _of_regime(signals: Signals) -> Draft:
    regime = pick(signals)
    found = Draft(dict(regime.encoder), dict(regime.finetune), beside=regime.beside, after=dict(regime.after))
    found.say("encoder", regime.why)
    for part, sentence in regime.about.items():
        found.say(part, sentence)
    found.say("finetune", "The best epoch is chosen on valid, and training ends early without progress.")
    found.after.setdefault("ensemble", "auto")
    return found


def _wide(situation: Situation, train_labels: int) -> Draft:
    encoder: Plain = {"type": "gcn", "layers": 2, "width": 64, "dropout": 0.5}
    if _has_few(situation, train_labels):
        found = Draft(encoder, _stage("scratch", {"epochs": 400, "patience": 100}, _PLAIN_OPTIMISER))
        found.say("encoder", "Few labels a class: two graph convolutions and strong dropout.")
    else:
        encoder |= {"head": "linear", "skip": True, "norm": "layer", "dropout": 0.3}
        optimiser = {"type": "adam", "rate": 0.01, "weight_decay": 5e-5}
        found = Draft(encoder, _stage("scratch", {"epochs": 400, "patience": 60}, optimiser))
        found.say(
            "encoder",
            "Many labels: two graph convolutions with a linear skip, so that a node's own features count "
            "beside those of its neighbours.",
        )
    found.say("finetune", "The best epoch is chosen on valid, and training ends early without progress.")
    return found


def _has_few(situation: Situation, train_labels: int) -> bool:
    """Whether labels are as few as in the semi-supervised benchmarks: at most 40 a class."""
    return situation.is_class and train_labels <= _FEW_LABELS * max(1, situation.classes)


def _add_pretraining(found: Draft, key: str, situation: Situation, *, keep: bool) -> None:
    """Put a pretraining stage before fine-tuning.

    Args: keep: leave encoder and training as they are, and let all weights move at full rate: with many labels a
        pretrained encoder is a better start rather than the answer.
    """
    objective = OBJECTIVES.get(key, "pretrain")
    suggested = objective.suggested
    found.pretrain = {
        "type": key,
        **{name: dict(suggested[name]) for name in ("training", "optimiser", "schedule") if name in suggested},
    }
    without = "" if situation.has_features else "; the nodes have no features of their own, so the structure speaks"
    where = "the whole graph" if situation.level == "node" else "all graphs"
    found.say("pretrain", f"{objective.label} on {where}, without any label{without}.")
    beside = "the same model from scratch runs beside it, with the same labels and seeds."
    if keep:
        found.finetune["type"] = "full"
        found.say("finetune", f"All weights move from their pretrained start; {beside}")
        return
    found.encoder = dict(suggested.get("encoder", found.encoder))
    # It was chosen for the encoder that has just been replaced.
    found.beside = None
    found.reasons.pop("beside", None)
    training = {"epochs": 200, "patience": 50}
    found.finetune = _stage("head_first", training, {"type": "adam", "rate": 0.01, "weight_decay": 5e-4})
    found.reasons["encoder"] = [f"The encoder that {objective.label} was shown with."]
    found.reasons["finetune"] = [
        f"The head learns first, then all weights with a smaller rate for the pretrained encoder; {beside}"
    ]


def _stage(kind: str, training: Plain, optimiser: Plain) -> Plain:
    return {"type": kind, "training": dict(training), "optimiser": dict(optimiser)}


def _clamped(value: float, bounds: tuple[int, int]) -> int:
    return int(min(max(value, bounds[0]), bounds[1]))


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
