"""Options of every training stage and of the machine it runs on. No torch here: recipes load without it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from engine.core.component import Config, option


def _off_or_on(value: Any) -> Any:  # Any: whatever the recipe holds; pydantic checks what comes out
    """Understand true and false where off and on are meant."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


class OptimiserOptions(Config):
    """How weights follow the gradient."""

    type: Literal["adam", "adamw", "sgd"] = option(
        "adam", "Adam (Kingma and Ba 2015), AdamW (Loshchilov and Hutter 2019) or SGD."
    )
    rate: float = option(0.01, "Learning rate.", gt=0, le=10)
    weight_decay: float = option(5e-4, "Pull of every weight towards zero.", ge=0, le=1)
    decay_on: Literal["all", "first_layer"] = option(
        "all", "Which weights decay; Kipf and Welling decay the first layer only.", advanced=True
    )
    momentum: float = option(0.9, "Momentum of SGD; Adam ignores it.", ge=0, lt=1, advanced=True)


class ScheduleOptions(Config):
    """How the learning rate changes."""

    type: Literal["constant", "cosine", "linear", "plateau"] = option(
        "constant", "Shape of the learning rate over the epochs."
    )
    warmup: int = option(0, "Epochs of linear warm-up.", ge=0, le=10000, unit="epochs", advanced=True)


class TrainingOptions(Config):
    """How long a stage trains."""

    epochs: int = option(200, "Most passes over the data.", ge=1, le=100000, unit="epochs")
    patience: int = option(
        0, "Stop after this many epochs without progress; 0 never stops early.", ge=0, le=100000, unit="epochs"
    )
    evaluate_every: int = option(
        1,
        "Epochs between two evaluations, at least: large graphs are looked at less often where that would take longer "
        "than the training itself.",
        ge=1,
        le=1000,
        unit="epochs",
        advanced=True,
    )
    best_by: Literal["metric", "loss"] = option(
        "metric",
        "What on valid says which epoch is best: the metric of the task, or the loss, which is steadier where valid "
        "holds few items.",
    )
    gradient_clip: float = option(0.0, "Largest gradient norm; 0 leaves it as it is.", ge=0, advanced=True)
    checkpoint_seconds: float = option(
        20.0, "Seconds between two resumable checkpoints.", ge=0, unit="seconds", advanced=True
    )


class RuntimeOptions(Config):
    """Where and how often the work runs."""

    device: str = option("auto", "auto, cpu, or cuda:0 and so on.")
    seeds: tuple[int, ...] = option((0,), "One training for each seed.")
    threads: int = option(0, "Threads for one operation; 0 leaves one core to the rest of the machine.", ge=0, le=256)
    deterministic: bool = option(True, "Same seed, same answer; some GPU operations are slower.", advanced=True)


class NoiseOptions(Config):
    """What is done against wrong edges and wrong labels."""

    prune: Literal["off", "jaccard", "cosine", "auto"] = option(
        "off",
        "Leave out edges between nodes whose features are unlike: by shared features (Jaccard; Wu et al. 2019) or by "
        "angle (cosine; Zhang and Zitnik 2020); auto decides on valid, and may decide against it.",
    )
    threshold: float = option(
        0.01, "An edge with a similarity at or below this is left out.", ge=-1, le=1, advanced=True
    )
    drop_edge: float = option(
        0.0, "Share of edges left out at random in every training step (DropEdge; Rong et al. 2020).", ge=0, lt=1
    )
    loss: Literal["cross_entropy", "generalised"] = option(
        "cross_entropy",
        "generalised: wrong labels pull less than with cross-entropy (Zhang and Sabuncu 2018); for classes.",
    )
    q: float = option(
        0.7, "Of the generalised loss: near 0 it is cross-entropy, 1 is the absolute error.", gt=0, le=1, advanced=True
    )


class LabelOptions(Config):
    """Whether the known labels of other nodes are told to the model."""

    reuse: bool = option(
        False,
        "Show the labels of train nodes as columns beside the features (Wang et al. 2021); in each training step the "
        "nodes that are asked do not show theirs. For classes, trained from scratch on the whole graph.",
    )
    share: float = option(
        0.5, "Share of the train nodes that show their label in a training step.", gt=0, lt=1, advanced=True
    )


class TransferOptions(Config):
    """An encoder that was pretrained on another graph."""

    source: str = option(..., "Folder of the run whose pretrained encoders are carried over.")
    map: Literal["principal", "columns"] = option(
        "principal",
        "How features are read by an encoder that knows others: principal sets the strongest directions of both "
        "tables against each other, columns joins columns of the same name.",
    )
    directions: int = option(64, "Directions that the principal map carries over.", ge=1, le=1024, advanced=True)


class AfterOptions(Config):
    """What is done with trained models before they predict; nothing here trains them anew."""

    ensemble: Annotated[Literal["off", "auto", "on"], BeforeValidator(_off_or_on)] = option(
        "off",
        "Average the probabilities of the seeds of one split (Lakshminarayanan et al. 2017): auto predicts with the "
        "average where it is better on valid than the best single model, on always.",
    )
    snapshots: int = option(
        1,
        "Average the answers of this many of the best epochs of each training, where that is better on valid (after "
        "Huang et al. 2017, Snapshot ensembles).",
        ge=1,
        le=10,
        unit="epochs",
    )
    smooth: Literal["off", "auto"] = option(
        "off", "Correct and Smooth (Huang et al. 2021) with the train labels, where it wins on valid; for classes."
    )
    calibrate: bool = option(
        True,
        "Fit the confidence to one half of valid (temperature scaling; Guo et al. 2017), and from the other half say "
        "which classes, or which range of values, are possible (split conformal prediction).",
    )
    coverage: float = option(
        0.9, "Share of nodes whose true answer is to be among those named as possible.", ge=0.5, le=0.99
    )
