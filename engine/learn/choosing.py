"""Choose a fine-tuning strategy on valid, within a budget of epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.core.errors import MismatchError
from engine.core.events import Notice
from engine.learn.finetuning import Finetuned
from engine.learn.strategies._base import Strategy
from engine.learn.strategies.choose import Choose
from engine.learn.trainer import Stage, Watch

# Trains a fresh model with a strategy.
Trainer = Callable[[Strategy, Stage, Watch], Finetuned]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen, and how each candidate did.

    Args: strategy: the best. scores: key to the main metric on valid; None where it does not suit the model.
    """

    strategy: Strategy
    scores: dict[str, float | None]


def choose(wanted: Choose, train: Trainer, stage: Stage, metric: str, *, maximise: bool, watch: Watch) -> Chosen | None:
    """Try every candidate for its share of the epochs and return the best on valid; None when Stop ended it.

    Each trial draws as it would alone, so a choice made again comes out the same.

    Args: train: trains a fresh model from the pretrained encoder. stage: the training that follows; all but its epochs
        and patience holds for the trials, too. metric: main metric of the task. watch: who listens; no snapshots.
    Raises: MismatchError: no candidate suits the model. Cancelled, DivergedError, DeviceMemoryError: as `trainer.fit`.
    """
    epochs = min(wanted.epochs(), stage.training.epochs)
    short = replace(stage, training=stage.training.model_copy(update={"epochs": epochs, "patience": 0}))
    best: tuple[float, Strategy] | None = None
    scores: dict[str, float | None] = {}
    refused: MismatchError | None = None
    for strategy in wanted.candidates():
        try:
            done = train(strategy, short, Watch(cancel=watch.cancel))
        except MismatchError as error:
            refused, scores[strategy.key] = error, None
            watch.sink(Notice("info", "choose.refused", f"{strategy.label} is left out: {error}"))
            continue
        if done.fit.status == "stopped":
            return None
        score = done.valid.get(metric)
        scores[strategy.key] = score
        gain = 0.0 if score is None else (score if maximise else -score)
        if best is None or gain > best[0]:
            best = gain, strategy
        if score is not None:
            text = f"{strategy.label}: {metric.replace('_', ' ')} {score:.4g} on valid after {epochs} epochs."
            watch.sink(Notice("info", "choose.tried", text, {"strategy": strategy.key, metric: score}))
    if best is None:
        raise MismatchError(
            "None of the strategies to choose from suits the model.",
            hint="Name a strategy in finetune.type.",
            path="finetune.among",
        ) from refused
    watch.sink(Notice("info", "choose.chosen", f"Chosen: {best[1].label}.", {"strategy": best[1].key}))
    return Chosen(best[1], scores)
