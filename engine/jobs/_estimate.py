"""How long a recipe will take here, from a few real steps; and how much memory it needs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.core.cancel import CancelToken
from engine.core.events import EpochFinished, Event
from engine.data.builders.relational import RelationalData
from engine.data.schema import FeatureSchema
from engine.data.splits import Split
from engine.graph.batch import GraphBatch
from engine.learn.finetuning import Labels, finetune
from engine.learn.options import TrainingOptions
from engine.learn.pretraining import pretrain
from engine.learn.runtime import apply_runtime, resolve_device
from engine.learn.strategies.scratch import Scratch
from engine.learn.trainer import Stage, Watch
from engine.project.opened import target_cells
from engine.project.parts import Parts, resolve
from engine.project.recipe import Recipe, StagePart

_STEPS = 4


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will cost.

    Args: seconds: all of it. bytes: largest memory, roughly. epoch_seconds: of the stages pretrain and finetune.
    """

    seconds: float
    bytes: int
    epoch_seconds: dict[str, float]

    @property
    def sentence(self) -> str:
        """Return it in words."""
        return f"About {_words(self.seconds)} and {_size(self.bytes)} of memory on this machine."

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return `{seconds, bytes, sentence, epoch_seconds}`."""
        return {
            "seconds": round(self.seconds, 1),
            "bytes": self.bytes,
            "sentence": self.sentence,
            "epoch_seconds": self.epoch_seconds,
        }


class _Clock:
    """Collects the seconds of epochs; the quickest one counts, as other work on the machine only adds."""

    def __init__(self) -> None:
        self._seconds: list[float] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochFinished):
            self._seconds.append(event.seconds)

    def seconds(self) -> float:
        """Return the seconds of one epoch."""
        return min(self._seconds)


class Bench:
    """A graph on its device, on which a few steps of a recipe are timed.

    Args: data: as built. recipe: any that is made from the same data and target. cancel: checked at each step.
    """

    def __init__(self, data: RelationalData, recipe: Recipe, cancel: CancelToken) -> None:
        began = time.perf_counter()
        self._device = resolve_device(recipe.runtime)
        apply_runtime(recipe.runtime, self._device)
        schema = FeatureSchema.fit(data, recipe.data)
        x = schema.transform(data)
        self.batch = GraphBatch.from_graph(data.graph, x, self._device)
        self.prepare_seconds = time.perf_counter() - began
        self._x_bytes = int(x.nbytes if isinstance(x, np.ndarray) else x.data.nbytes + x.indices.nbytes)
        self._cells = 1.0 * (x.size if isinstance(x, np.ndarray) else x.nnz)
        self._is_warm = False
        self._cancel = cancel
        self.labels = _labels(data, recipe)

    def measure(self, recipe: Recipe) -> dict[str, float]:
        """Return seconds an epoch of `pretrain` (where there is one) and `finetune`, from a few real steps."""
        parts = resolve(recipe)
        found = {}
        with torch.random.fork_rng(devices=[]):
            if not self._is_warm:
                # The first steps compile kernels and fill caches.
                self._is_warm = True
                self._finetune_step(parts, recipe.finetune)
            if recipe.pretrain is not None:
                found["pretrain"] = self._pretrain_step(parts, recipe.pretrain)
            found["finetune"] = self._finetune_step(parts, recipe.finetune)
        return found

    def floor_seconds(self) -> float:
        """Return about how long the floors take: the linear model and the MLP on the features of the train rows."""
        train = len(self.labels.rows("train"))
        share = train / max(1, self.batch.num_nodes)
        work = self._cells * self.labels.task.width
        # Fitted to Cora (0.8 s on one core), Facebook pages (1.0), Twitch (0.9) and the company sample (1.3).
        return 0.6 + 1.7e-6 * (work * share + self.batch.num_edges)

    def estimate(self, recipe: Recipe, epoch: dict[str, float], splits: int, read_seconds: float) -> Estimate:
        """Put measured epochs together to a whole run."""
        seeds = len(recipe.runtime.seeds)
        trainings = 1 + (recipe.pretrain is not None and recipe.finetune.type != "scratch")
        finetuning = epoch["finetune"] * recipe.finetune.training.epochs * trainings
        probing = 0.0
        pretraining = 0.0
        if recipe.pretrain is not None:
            pretraining = epoch["pretrain"] * recipe.pretrain.training.epochs
            # Two probes, fitted to Cora (1.0 s on one core at width 64), Facebook pages (0.8) and the company (2.8).
            probing = 1.0 + 1.2e-4 * len(self.labels.rows("train")) * self.labels.task.width
        varied = 1 if recipe.split.type == "by_column" else seeds
        total = read_seconds + self.prepare_seconds + varied * splits * self.floor_seconds()
        total += seeds * pretraining + seeds * splits * (finetuning + probing) + 1.0
        return Estimate(total, self._bytes(recipe), epoch)

    def _pretrain_step(self, parts: Parts, stage: StagePart) -> float:
        assert parts.objective is not None
        encoder = parts.new_encoder(self.batch.in_width, 0).to(self._device)
        clock = _Clock()
        watch = Watch(clock, self._cancel)
        pretrain(encoder, parts.objective, self.batch, _short("pretrain", stage), watch)
        return clock.seconds()

    def _finetune_step(self, parts: Parts, stage: StagePart) -> float:
        model = parts.new_model(self.batch.in_width, self.labels.task.width, 0).to(self._device)
        strategy = Scratch(Scratch.parse({}))
        watch = Watch(cancel=self._cancel)
        done = finetune(model, self.batch, self.labels, strategy, _short("finetune", stage), watch, parts.term)
        return done.fit.seconds / _STEPS

    def _bytes(self, recipe: Recipe) -> int:
        """Return features, weights with their moments and gradients, and what one step keeps, in bytes."""
        options = resolve(recipe).encoder_options
        width, layers = int(getattr(options, "width", 64)), int(getattr(options, "layers", 2))
        weights = 4 * 4 * (self.batch.in_width * width + layers * width * width)
        kept = 4 * self.batch.num_nodes * width * layers * (8 if recipe.pretrain is not None else 5)
        return 2 * self._x_bytes + 12 * self.batch.num_edges + weights + kept + (400 << 20)


def _labels(data: RelationalData, recipe: Recipe) -> Labels:
    parts = resolve(recipe)
    values = target_cells(data, str(recipe.task.options()["target"]))
    draft = parts.task.draft(values)
    split: Split = parts.splitter.assign(data, draft, is_class=parts.task.is_class, seed=0)[0]
    fitted = parts.task.fit(values, split)
    return Labels(fitted, fitted.encode(values), split)


def _short(name: str, stage: StagePart) -> Stage:
    return Stage(name, TrainingOptions(epochs=_STEPS), stage.optimiser, stage.schedule)


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"
