"""The training loop, and nothing but the loop: for pretraining and fine-tuning alike."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from engine.core.cancel import Cancelled, CancelToken
from engine.core.events import EpochFinished, EventSink, Progress, silent
from engine.graph.buffers import reused_buffers
from engine.graph.threads import threads_for
from engine.learn.hooks._base import Hook
from engine.learn.hooks.checkpointing import Checkpointing
from engine.learn.hooks.divergence import Divergence
from engine.learn.hooks.early_stop import EarlyStop
from engine.learn.optimisers import ParameterGroup, Schedule, make_optimiser
from engine.learn.options import OptimiserOptions, ScheduleOptions, TrainingOptions
from engine.learn.runtime import derived_seed, is_out_of_memory, out_of_memory, seed_everything
from engine.learn.snapshots import (
    Snapshot,
    check,
    load_optimiser,
    optimiser_state,
    part,
    random_states,
    set_random_states,
)

_PROGRESS_SECONDS = 0.05


class CheckpointSink(Protocol):
    """Takes snapshots away to where they are safe; writes them so that a crash leaves the old one or the new one."""

    def save_progress(self, snapshot: Snapshot) -> None:
        """Write the snapshot in place of the one before."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """One training stage: its name, how long and how it trains, its seed, and the split it belongs to."""

    name: str
    training: TrainingOptions = TrainingOptions()
    optimiser: OptimiserOptions = OptimiserOptions()
    schedule: ScheduleOptions = ScheduleOptions()
    seed: int = 0
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Who listens and who may end the work; where snapshots go, and the one to go on from."""

    sink: EventSink = silent
    cancel: CancelToken = field(default_factory=CancelToken)
    checkpoints: CheckpointSink | None = None
    resume: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """What is trained.

    Args:
        module: all weights and buffers that belong to the checkpoint.
        groups: the weights that move, with their rates.
        step: number of the step, from 0, to losses; `loss` is minimised, the others are reported.
        evaluate: epoch, from 1, to metrics; called without gradients.
        monitor: the metric that decides the best epoch; where it is never there, the last epoch is the best.
        maximise: whether more of it is better.
        tie: a second metric, lower is better, that decides between equals.
        on_epoch: called before each epoch with its number.
        generators: the generators that step and evaluate draw from; their states belong to a snapshot.
        steps: steps in an epoch.
        smaller: what to propose when memory runs out, such as "encoder.width = 64".
        snapshots: how many of the best epochs are kept, the best itself among them.
        evaluate_every: epochs between two evaluations, where the options do not ask for more.
        rows: of the tables in a step, about; None where that is not known. Small ones are not worth several threads.
    """

    module: nn.Module
    groups: Sequence[ParameterGroup]
    step: Callable[[int], Mapping[str, Tensor]]
    evaluate: Callable[[int], Mapping[str, float]]
    monitor: str
    maximise: bool
    tie: str | None = None
    on_epoch: Callable[[int], None] | None = None
    generators: Sequence[torch.Generator] = ()
    steps: int = 1
    smaller: str = ""
    snapshots: int = 1
    evaluate_every: int = 1
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The weights of one of the best epochs. Args: epoch: from 1. metrics: of that epoch. state: of the module."""

    epoch: int
    metrics: Mapping[str, float]
    state: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class FitResult:
    """How a stage ended; the module holds the best weights.

    Args: best_epoch: from 1. best: its metrics. history: metrics of each epoch. reason: why it ended. seconds: of this
    sitting. runners_up: the epochs behind the best, best first, where more than one was to be kept. evaluate_every:
    epochs between two evaluations.
    """

    best_epoch: int
    best: Mapping[str, float]
    history: Sequence[Mapping[str, float]]
    status: Literal["finished", "stopped"]
    reason: str
    seconds: float
    best_state: Mapping[str, Tensor]
    runners_up: Sequence[Kept] = ()
    evaluate_every: int = 1


def fit(what: Fit, stage: Stage, watch: Watch | None = None, hooks: Sequence[Hook] = ()) -> FitResult:
    """Train until the last epoch, early stop, Stop or Cancel, and leave the best weights in the module.

    Snapshots are of the time between two epochs; an epoch of many steps may be ended in its middle, and is done again.
    A stage resumed from a snapshot ends with the same weights, bit for bit on a CPU, as one that was never
    interrupted.

    Args: what: model, groups, step and evaluation. stage: options and seed. watch: who listens. hooks: steer the loop
    beside early stop, divergence and checkpointing, which are always there.
    Returns: history and best epoch; by the monitored metric, then by the tie metric, then the earlier epoch.
    Raises:
        Cancelled: Cancel was called; a snapshot was saved first.
        DivergedError: the loss is not finite.
        DeviceMemoryError: the device ran out of memory.
        MismatchError: the snapshot belongs to another stage, seed or model.
    """
    watch = watch or Watch()
    standard = (
        Divergence(),
        EarlyStop(stage.training.patience),
        Checkpointing(stage.training.checkpoint_seconds),
    )
    try:
        with reused_buffers():
            return _Loop(what, stage, watch, (*standard, *hooks)).run()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise out_of_memory(error, stage.name, what.smaller) from error


class _Loop:
    """One running fit; hooks see it through `hooks._base.Loop`."""

    def __init__(self, what: Fit, stage: Stage, watch: Watch, hooks: Sequence[Hook]) -> None:
        self._what = what
        self._stage = stage
        self._watch = watch
        self._hooks = hooks
        self._optimiser = make_optimiser(what.groups, stage.optimiser)
        self._schedule = Schedule(stage.schedule, stage.training.epochs)
        self._moving = [p for group in what.groups for p in group.parameters]
        self._evaluate_every = max(stage.training.evaluate_every, what.evaluate_every)
        self._moved = sum(p.numel() for p in self._moving)
        largest = max((p.numel() for p in what.module.parameters() if p.dim() > 1), default=0)
        # Multiply-adds of the largest product of a step.
        self._work = math.inf if what.rows is None else what.rows * largest
        self._best: dict[str, Tensor] = {}
        self._best_metrics: dict[str, float] = {}
        self._kept: list[Kept] = []  # the best epochs in order, the best first; empty where only that one is wanted
        self._history: list[dict[str, float]] = []
        self._reason = ""
        self._last_progress = 0.0
        self._begun: Snapshot | None = None
        self.epoch = 0
        self.best_epoch = 0

    @property
    def stage(self) -> str:
        return self._stage.name

    def end(self, reason: str) -> None:
        self._reason = self._reason or reason

    def save(self) -> None:
        if self._watch.checkpoints is not None:
            self._watch.checkpoints.save_progress(self._begun or self._snapshot())

    def run(self) -> FitResult:
        began = time.perf_counter()
        if self._watch.resume is None:
            seed_everything(derived_seed(self._stage.seed, self._stage.name))
        else:
            self._load(self._watch.resume)
        epochs = self._stage.training.epochs
        stopped = False
        while self.epoch < epochs and not self._reason and not stopped:
            try:
                self._epoch()
            except Cancelled:
                # Stop and Cancel both end an epoch of many steps in its middle.
                self._interrupt()
                self._watch.cancel.check()
            stopped = self._watch.cancel.is_stopping
        if stopped and self.epoch < epochs and not self._reason:
            self._interrupt()
            self._watch.cancel.check()
        else:
            stopped = False
        self._report_progress(last=True)
        if self._best:
            self._what.module.load_state_dict(self._best)
        return FitResult(
            best_epoch=self.best_epoch,
            best=self._best_metrics,
            history=self._history,
            status="stopped" if stopped else "finished",
            reason="stopped by hand" if stopped else self._reason or "last epoch",
            seconds=time.perf_counter() - began,
            best_state=self._best,
            runners_up=self._kept[1:],
            evaluate_every=self._evaluate_every,
        )

    def _epoch(self) -> None:
        began = time.perf_counter()
        number = self.epoch + 1
        if self._what.on_epoch is not None:
            self._what.on_epoch(number)
        self._schedule.apply(self._optimiser, number, self.best_epoch)
        steps = self._what.steps
        if steps > 1 and self._watch.checkpoints is not None:
            # An epoch of many steps may be long: who ends it in the middle goes on from its beginning.
            self._begun = self._snapshot()
        losses: dict[str, float] = {}
        for index in range(steps):
            if self._watch.cancel.is_cancelled or (index and self._watch.cancel.is_stopping):
                raise Cancelled
            with threads_for(self._work):
                step_losses = self._step(self.epoch * steps + index, number)
            for name, value in step_losses.items():
                losses[name] = losses.get(name, 0.0) + value / steps
        self.epoch = number
        metrics = {f"train_{name}": value for name, value in losses.items()}
        if number % self._evaluate_every == 0 or number == self._stage.training.epochs:
            try:
                with torch.no_grad():
                    found = self._what.evaluate(number)
            except Cancelled:
                self.epoch = number - 1
                raise
            metrics.update({name: value for name, value in found.items() if math.isfinite(value)})
            self._keep_best(metrics)
        self._begun = None
        self._history.append(metrics)
        self._watch.sink(
            EpochFinished(
                self._stage.name, number, metrics, time.perf_counter() - began, self._stage.seed, self._stage.split
            )
        )
        self._report_progress()
        for hook in self._hooks:
            hook.after_epoch(self)

    def _step(self, step: int, epoch: int) -> dict[str, float]:
        self._optimiser.zero_grad(set_to_none=True)
        parts = self._what.step(step)
        losses = {name: value.item() for name, value in parts.items()}
        shown, self.epoch = self.epoch, epoch
        for hook in self._hooks:
            hook.after_step(self, losses)
        self.epoch = shown
        parts["loss"].backward()
        if self._stage.training.gradient_clip:
            nn.utils.clip_grad_norm_(self._moving, self._stage.training.gradient_clip)
        with threads_for(self._moved):
            self._optimiser.step()
        return losses

    def _keep_best(self, metrics: dict[str, float]) -> None:
        if self._what.snapshots > 1 and self._what.monitor in metrics:
            self._keep_among_best(metrics)
        if not self._is_better(metrics, self._best_metrics):
            return
        state = self._what.module.state_dict()
        if self._best:
            for name, value in state.items():
                self._best[name].copy_(value)
        else:
            self._best = {name: value.detach().clone() for name, value in state.items()}
        self._best_metrics = dict(metrics)
        self.best_epoch = self.epoch

    def _keep_among_best(self, metrics: dict[str, float]) -> None:
        places = (i for i, kept in enumerate(self._kept) if self._is_better(metrics, kept.metrics))
        place = next(places, len(self._kept))
        if place == self._what.snapshots:
            return
        # The last one's memory is free for the new one.
        room = self._kept.pop().state if len(self._kept) == self._what.snapshots else {}
        state = {
            name: room[name].copy_(value) if name in room else value.detach().clone()
            for name, value in self._what.module.state_dict().items()
        }
        self._kept.insert(place, Kept(self.epoch, dict(metrics), state))

    def _is_better(self, metrics: Mapping[str, float], old: Mapping[str, float]) -> bool:
        monitor = self._what.monitor
        if monitor not in metrics:
            return monitor not in old
        if monitor not in old:
            return True
        gain = metrics[monitor] - old[monitor]
        if gain:
            return (gain > 0) == self._what.maximise
        tie = self._what.tie
        return tie is not None and metrics.get(tie, math.inf) < old.get(tie, math.inf)

    def _report_progress(self, *, last: bool = False) -> None:
        now = time.perf_counter()
        if last or now - self._last_progress >= _PROGRESS_SECONDS:
            self._last_progress = now
            self._watch.sink(Progress(self.epoch, self._stage.training.epochs, "epochs"))

    def _interrupt(self) -> None:
        for hook in self._hooks:
            hook.at_interruption(self)

    def _snapshot(self) -> Snapshot:
        tensors = {f"module.{k}": v for k, v in self._what.module.state_dict().items()}
        tensors.update({f"best.{k}": v for k, v in self._best.items()})
        for place, kept in enumerate(self._kept):
            tensors.update({f"kept.{place}.{k}": v for k, v in kept.state.items()})
        among_best = [{"epoch": kept.epoch, "metrics": dict(kept.metrics)} for kept in self._kept]
        moments, numbers = optimiser_state(self._optimiser)
        tensors |= moments | random_states(self._what.module, self._what.generators)
        return Snapshot(
            tensors={k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()},
            plain={
                "version": 1,
                "stage": self._stage.name,
                "seed": self._stage.seed,
                "split": self._stage.split,
                "epoch": self.epoch,
                "best_epoch": self.best_epoch,
                "best_metrics": self._best_metrics,
                "history": [dict(metrics) for metrics in self._history],
                "schedule": self._schedule.state(),
                "optimiser": numbers,
                "reason": self._reason,
                **({"kept": among_best} if among_best else {}),
            },
        )

    def _load(self, snapshot: Snapshot) -> None:
        plain = snapshot.plain
        check(snapshot, self._what.module, stage=self._stage.name, seed=self._stage.seed, split=self._stage.split)
        self._what.module.load_state_dict(part(snapshot.tensors, "module."))
        device = {k: v.device for k, v in self._what.module.state_dict().items()}
        self._best = {k: v.to(device[k], copy=True) for k, v in part(snapshot.tensors, "best.").items()}
        self._kept = []
        for place, kept in enumerate(plain.get("kept", ())):
            found = part(snapshot.tensors, f"kept.{place}.")
            weights = {k: v.to(device[k], copy=True) for k, v in found.items()}
            self._kept.append(Kept(int(kept["epoch"]), dict(kept["metrics"]), weights))
        load_optimiser(self._optimiser, snapshot)
        self._schedule.load(plain["schedule"])
        self._history = [dict(metrics) for metrics in plain["history"]]
        self._best_metrics = dict(plain["best_metrics"])
        self._reason = str(plain["reason"])
        self.epoch, self.best_epoch = int(plain["epoch"]), int(plain["best_epoch"])
        set_random_states(self._what.module, self._what.generators, snapshot.tensors)
