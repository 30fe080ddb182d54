"""Train a model on the labelled nodes of one split, and return its logits for every node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.errors import RoleError
from engine.core.events import Notice
from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.learn.evaluation import evaluate_valid
from engine.learn.strategies._base import Strategy
from engine.learn.tasks._base import FittedTask, Target
from engine.learn.trainer import Fit, FitResult, Stage, Watch, fit
from engine.nn.encoders._base import Features
from engine.nn.model import Model


@dataclass(frozen=True, slots=True)
class Labels:
    """The supervised side: the fitted task, the coded target of every node (shape [N]) and the split."""

    task: FittedTask
    target: Target
    split: Split

    def rows(self, part: str) -> NDArray[np.int64]:
        """Return the nodes of a part ("train", "valid") whose target is known."""
        mask: NDArray[np.bool_] = getattr(self.split, part)
        return np.flatnonzero(mask & self.task.known(self.target))


@dataclass(frozen=True, slots=True)
class Finetuned:
    """A finished fine-tuning; the model holds the best weights.

    Args: fit: how it went. logits: shape [N, width] float32 of the best weights. valid: every metric on valid.
        moved: parameters that the strategy moved.
    """

    fit: FitResult
    logits: NDArray[np.float32]
    valid: Mapping[str, float]
    moved: int


def finetune(
    model: Model, batch: GraphBatch, labels: Labels, strategy: Strategy, stage: Stage, watch: Watch | None = None
) -> Finetuned:
    """Train on the train nodes; the best epoch by the main metric on valid is kept, ties go to the lower valid loss.

    Without a labelled valid node the last epoch is kept, and a notice says so.

    Args: model: encoder and head on the batch's device. batch: the whole graph.
    Raises: RoleError: no train node has a target. Cancelled, DivergedError, DeviceMemoryError: as `trainer.fit`.
    """
    watch = watch or Watch()
    train, valid = labels.rows("train"), labels.rows("valid")
    if not len(train):
        raise RoleError(f'No train node of the split "{labels.split.name}" has a target.', hint="Choose another split.")
    if not len(valid):
        watch.sink(
            Notice(
                "warning",
                "train.no_valid",
                f'The split "{labels.split.name}" has no labelled valid node: the last epoch is kept instead of the '
                "best one, and early stopping does not work.",
                {"split": labels.split.name},
            )
        )
    steps = _Steps(model, batch, labels, strategy)
    metric = labels.task.main_metric
    groups = strategy.apply(model, stage.optimiser)
    result = fit(
        Fit(
            module=model,
            groups=groups,
            step=steps.step,
            evaluate=steps.evaluate,
            monitor=f"valid_{metric}",
            maximise=labels.task.maximise,
            tie="valid_loss",
            on_epoch=steps.on_epoch,
            smaller=smaller_setting(model.encoder.config),
        ),
        stage,
        watch,
    )
    logits = predict_logits(model, batch)
    return Finetuned(
        result, logits, evaluate_valid(labels.task, logits, labels.target, labels.split), strategy.moved(model)
    )


def predict_logits(model: Model, batch: GraphBatch) -> NDArray[np.float32]:
    """Return the logits of every node in evaluation mode, shape [N, width] float32."""
    model.eval()
    with torch.no_grad():
        return np.asarray(model(batch).float().cpu().numpy())


def smaller_setting(config: object) -> str:
    """Return the setting to propose when memory runs out: half the width, or half the layers."""
    width, layers = getattr(config, "width", 0), getattr(config, "layers", 0)
    if width > 8:
        return f"encoder.width = {width // 2}"
    return f"encoder.layers = {layers // 2}" if layers > 1 else ""


class _Steps:
    """What one epoch of supervised training does."""

    def __init__(self, model: Model, batch: GraphBatch, labels: Labels, strategy: Strategy) -> None:
        self._model = model
        self._batch = batch
        self._task = labels.task
        self._strategy = strategy
        self._epoch = 0
        self._fixed: Features | None = None
        device = batch.device
        target = labels.task.tensor(labels.target, device)
        self._parts: dict[str, tuple[Tensor, Tensor]] = {}
        for part in ("train", "valid"):
            rows = torch.as_tensor(labels.rows(part), device=device)
            if len(rows):
                self._parts[part] = (rows, target[rows])

    def on_epoch(self, epoch: int) -> None:
        self._epoch = epoch
        self._strategy.on_epoch(self._model, epoch)
        if not self._strategy.frozen_encoder(epoch):
            self._fixed = None

    def step(self, step: int) -> dict[str, Tensor]:
        rows, target = self._parts["train"]
        return {"loss": self._task.loss(self._logits()[rows], target)}

    def evaluate(self, epoch: int) -> dict[str, float]:
        self._model.eval()
        logits = self._logits()
        found: dict[str, float] = {}
        for part, (rows, target) in self._parts.items():
            own = logits[rows]
            found[f"{part}_{self._task.main_metric}"] = self._task.main_score(own, target)
            if part == "valid":
                found["valid_loss"] = self._task.loss(own, target).item()
        return found

    def _logits(self) -> Tensor:
        if not self._strategy.frozen_encoder(self._epoch):
            logits: Tensor = self._model(self._batch)
            return logits
        # A frozen encoder is a fixed function: its answer is computed once.
        if self._fixed is None:
            with torch.no_grad():
                self._fixed = self._model.encoder(self._batch)
        head_only: Tensor = self._model.head(self._fixed, self._batch)
        return head_only
