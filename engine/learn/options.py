"""Options of every training stage and of the machine it runs on. No torch here: recipes load without it."""

from __future__ import annotations

from typing import Literal

from engine.core.component import Config, option


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
    evaluate_every: int = option(1, "Epochs between two evaluations.", ge=1, le=1000, unit="epochs", advanced=True)
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
