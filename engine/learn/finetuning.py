"""Train a model on the labelled nodes of one split, and return its logits for every node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.core.cancel import CancelToken
from engine.core.errors import MismatchError, RoleError
from engine.core.events import Notice
from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.graph.thinning import EdgeDropper
from engine.learn.inference import answers, answers_for
from engine.learn.loaders._base import Loader, RowFeed
from engine.learn.minibatches import PortionSteps, row_feed
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.reuse import HiddenLabels
from engine.learn.runtime import derived_seed
from engine.learn.strategies._base import Strategy
from engine.learn.tasks._base import FittedTask, Target
from engine.learn.terms._base import Term
from engine.learn.trainer import Fit, FitResult, Stage, Watch, fit
from engine.nn.encoders._base import Features
from engine.nn.model import Model
from engine.nn.ops import pick
from engine.nn.readouts._base import ReadingHead


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

    Args: fit: how it went. valid: every metric on valid. moved: parameters that the strategy moved.
    """

    fit: FitResult
    valid: Mapping[str, float]
    moved: int


def finetune(
    model: Model,
    batch: GraphBatch,
    labels: Labels,
    strategy: Strategy,
    stage: Stage,
    watch: Watch | None = None,
    term: Term | None = None,
    loader: Loader | None = None,
    snapshots: int = 1,
    drop_edge: float = 0.0,
    show_labels: float = 0.0,
) -> Finetuned:
    """Train on the train nodes; the best epoch by the main metric on valid is kept, ties go to the lower valid loss.

    With `best_by` the best epoch is the one of the lowest valid loss.

    Without a labelled valid node the last epoch is kept, and a notice says so.

    Args: model: encoder and head on the batch's device. batch: the whole graph. term: a loss beside the supervised one.
        loader: what one step sees of the graph; None and the loader of the whole graph are the same.
        snapshots: how many of the best epochs are kept; those behind the best come with the fit.
        drop_edge: share of the edges that is left out at random in each step. show_labels: share of the train nodes
            that show their label in a step, where `batch` is one of `reuse.with_labels`; 0 where it is not.
    Raises: RoleError: no train node has a target. MismatchError: the term does not suit model, graph or strategy, or
        the loader does not suit the model. Cancelled, DivergedError, DeviceMemoryError: as `trainer.fit`.
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
    if isinstance(model.head, ReadingHead):
        model.head.fit_whole(batch, torch.as_tensor(train, device=batch.device))
    groups = strategy.apply(model, stage.optimiser)
    beside = None
    if term is not None:
        check_term(strategy, stage.training.epochs)
        beside = _Beside(term, model, batch, labels, stage)
        groups = [*groups, *beside.groups]
    feed = None
    # What looks at the whole graph beside leaves no rows to restrict it to; a loader of samples is refused below.
    if loader is not None and (loader.samples or not (term or drop_edge or show_labels)):
        feed = row_feed(loader, model, batch, train, derived_seed(stage.seed, stage.name, "loader"))
    thin = _Thin(batch, drop_edge, stage) if drop_edge else None
    hidden = None
    if show_labels:
        hidden = HiddenLabels(batch, labels, show_labels, derived_seed(stage.seed, stage.name, "labels"))
    steps = _steps(model, batch, labels, strategy, beside, thin, hidden, feed, watch.cancel)
    try:
        result = _fitted(model, groups, steps, labels, beside, feed, stage, watch, snapshots)
    finally:
        if feed is not None:
            feed.close()
    # Not of every node: on a large graph that takes seconds, for which Stop would have to wait.
    logits = answers_for(model, batch, valid, cancel=watch.cancel) if len(valid) else None
    scores = {} if logits is None else labels.task.scores(logits, labels.target[valid])
    return Finetuned(result, scores, strategy.moved(model))


def _steps(
    model: Model,
    batch: GraphBatch,
    labels: Labels,
    strategy: Strategy,
    beside: _Beside | None,
    thin: _Thin | None,
    hidden: HiddenLabels | None,
    feed: RowFeed | None,
    cancel: CancelToken,
) -> _Steps | PortionSteps:
    if feed is None:
        return _Steps(model, batch, labels, strategy, beside, thin, hidden)
    if beside is not None:
        raise MismatchError(
            "A loss beside that of the labels looks at the whole graph, so it cannot be trained on sampled neighbours.",
            hint='Remove [beside], or set loader.type to "full".',
            path="beside",
        )
    if thin is not None:
        raise MismatchError(
            "Edges are dropped from the whole graph; sampling neighbours leaves some out in each step anyway.",
            hint='Set noise.drop_edge to 0, or loader.type to "full".',
            path="noise.drop_edge",
        )
    rows = {part: labels.rows(part) for part in ("train", "valid")}
    return PortionSteps(model, feed, rows, labels.task, labels.target, strategy, batch.device, cancel)


def _fitted(
    model: Model,
    groups: list[ParameterGroup],
    steps: _Steps | PortionSteps,
    labels: Labels,
    beside: _Beside | None,
    feed: RowFeed | None,
    stage: Stage,
    watch: Watch,
    snapshots: int,
) -> FitResult:
    by_loss = stage.training.best_by == "loss"
    result = fit(
        Fit(
            module=model if beside is None else nn.ModuleDict({"model": model, "beside": beside.parts}),
            groups=groups,
            step=steps.step,
            evaluate=steps.evaluate,
            monitor="valid_loss" if by_loss else f"valid_{labels.task.main_metric}",
            maximise=labels.task.maximise and not by_loss,
            tie=None if by_loss else "valid_loss",
            on_epoch=steps.on_epoch,
            generators=steps.generators,
            steps=1 if feed is None else feed.steps,
            smaller=smaller_setting(model.encoder.config),
            snapshots=snapshots,
            evaluate_every=steps.epochs_between() if isinstance(steps, PortionSteps) else 1,
            rows=None if feed is None else feed.num_nodes,
        ),
        stage,
        watch,
    )
    if beside is None:
        return result
    own = [
        replace(kept, state={k.removeprefix("model."): v for k, v in kept.state.items() if k.startswith("model.")})
        for kept in result.runners_up
    ]
    return replace(result, runners_up=own)


def predict_logits(model: Model, batch: GraphBatch, cancel: CancelToken | None = None) -> NDArray[np.float32]:
    """Return the logits of every node in evaluation mode, shape [N, width] float32.

    Args: cancel: checked where the graph is so large that the work is done in parts.
    """
    return answers(model, batch, cancel=cancel)


def smaller_setting(config: object) -> str:
    """Return the setting to propose when memory runs out: half the width, or half the layers."""
    width, layers = getattr(config, "width", 0), getattr(config, "layers", 0)
    if width > 8:
        return f"encoder.width = {width // 2}"
    return f"encoder.layers = {layers // 2}" if layers > 1 else ""


def check_term(strategy: Strategy, epochs: int) -> None:
    """Refuse a loss beside the supervised one where the encoder never moves.

    Raises: MismatchError: it would teach nothing.
    """
    if strategy.frozen_encoder(epochs):
        raise MismatchError(
            f'"{strategy.label}" keeps the encoder as it is, so a loss beside the labels would teach it nothing.',
            hint="Remove [beside], or choose a strategy that moves the encoder.",
            path="beside",
        )


class _Beside:
    """A term at work: its parts, their groups, and what it draws from."""

    def __init__(self, term: Term, model: Model, batch: GraphBatch, labels: Labels, stage: Stage) -> None:
        self._term, self._model, self._batch, self._labels = term, model, batch, labels
        self.generator = torch.Generator().manual_seed(derived_seed(stage.seed, stage.name, "beside"))
        self.parts = term.prepare(model, batch, labels, self.generator)
        # Behind an empty first layer: where the first layer alone decays, these do not.
        self.groups: list[ParameterGroup] = grouped([nn.Identity(), self.parts], stage.optimiser)

    def losses(self, logits: Tensor) -> dict[str, Tensor]:
        """Return the term's own loss and its numbers for the curves."""
        return self._term.loss(self._model, self.parts, self._batch, self._labels, logits, self.generator)


class _Thin:
    """The graph with other edges left out in each step, and what they are drawn from."""

    def __init__(self, batch: GraphBatch, share: float, stage: Stage) -> None:
        self.generator = torch.Generator().manual_seed(derived_seed(stage.seed, stage.name, "edges"))
        self._dropper = EdgeDropper(batch, share)

    def batch(self) -> GraphBatch:
        """Return the graph of one step."""
        return self._dropper.drop(self.generator)


class _Steps:
    """What one epoch of supervised training does."""

    def __init__(
        self,
        model: Model,
        batch: GraphBatch,
        labels: Labels,
        strategy: Strategy,
        beside: _Beside | None,
        thin: _Thin | None,
        hidden: HiddenLabels | None = None,
    ) -> None:
        self._model = model
        self._batch = batch
        self._task = labels.task
        self._strategy = strategy
        self._beside = beside
        self._thin = thin
        self._hidden = hidden
        self.generators = [part.generator for part in (beside, thin, hidden) if part is not None]
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
        if self._beside is not None:
            self._beside.parts.train()
        if not self._strategy.frozen_encoder(epoch):
            self._fixed = None

    def step(self, step: int) -> dict[str, Tensor]:
        rows, target = self._parts["train"]
        batch = None if self._thin is None else self._thin.batch()
        if self._hidden is not None:
            x, asked = self._hidden.draw()
            batch, rows, target = (batch or self._batch).with_x(x), rows[asked], target[asked]
        logits = self._logits(batch)
        supervised = self._task.loss(pick(logits, rows), target)
        added = {} if self._beside is None else self._beside.losses(logits)
        penalty = self._strategy.penalty(self._model)
        if penalty is not None:
            added["penalty"] = penalty.detach()
            added["loss"] = penalty + added["loss"] if "loss" in added else penalty
        if "loss" not in added:
            return {"loss": supervised}
        return {**added, "loss": supervised + added["loss"], "supervised": supervised.detach()}

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

    def _logits(self, batch: GraphBatch | None = None) -> Tensor:
        """Return the logits over the whole graph, or over what is left of it in one step."""
        if not self._strategy.frozen_encoder(self._epoch):
            logits: Tensor = self._model(batch or self._batch)
            return logits
        # A frozen encoder is a fixed function: its answer is computed once.
        if self._fixed is None:
            with torch.no_grad():
                self._fixed = self._model.encoder(self._batch)
        head_only: Tensor = self._model.head(self._fixed, self._batch)
        return head_only
