"""How long a whole run will take here and how much memory it will need, from real steps on the real data."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from engine.core.cancel import CancelToken
from engine.core.events import EpochFinished, Event
from engine.core.memory import forget_peak, free_bytes, give_memory_back, peak_bytes, resident_bytes
from engine.data.dataset import AnyData, union_of
from engine.data.known import known_names
from engine.data.schema import FeatureSchema
from engine.jobs._foretold import Costs, Estimate
from engine.jobs._sample import Sample, sample_graphs, sample_labelled
from engine.jobs._tables import LONG
from engine.learn.baselines.label_spreading import TOGETHER_BYTES, spreading_map
from engine.learn.batching import batch_of
from engine.learn.finetuning import Labels, finetune, predict_logits
from engine.learn.inference import BUDGET, widest
from engine.learn.minibatches import row_feed
from engine.learn.options import TrainingOptions
from engine.learn.pretraining import pretrain
from engine.learn.runtime import apply_runtime, resolve_device
from engine.learn.strategies.choose import Choose
from engine.learn.strategies.scratch import Scratch
from engine.learn.trainer import Stage, Watch
from engine.nn.model import Model
from engine.project.opened import target_cells
from engine.project.parts import Parts, resolve
from engine.project.recipe import Part, Recipe, StagePart

# Epochs that are timed. Those of pretraining take longest; the second one tells enough of a large graph.
_STEPS, _FEWER_STEPS = 4, 2
# Of each molecule, on one core.
_KNOWING_SECONDS = {"descriptors": 0.009, "motifs": 0.0006}
# Of a table that stands for one which is known of each graph.
_COLUMNS = 100
# Loading the program's libraries: in a process of its own, as the shell does it.
_START_SECONDS = 4.0
_PROGRAM_BYTES = 420 << 20
_ROUNDS, _MOST_ROUNDS = 12, 200
_SAMPLE_ROWS = 4000
_WARMS_ITSELF = 4_000_000
_LAID_OUT = 50_000
# What writing a long table takes of the time that a short one would.
_BY_ARROW = 0.12


@dataclass(frozen=True, slots=True)
class Spent:
    """What a piece of work took: seconds, and the most memory that the process held."""

    seconds: float
    bytes: int


@contextmanager
def spending() -> Iterator[list[Spent]]:
    """Measure what is inside; the list that is handed out holds the answer afterwards."""
    forget_peak()
    found: list[Spent] = []
    began = time.perf_counter()
    yield found
    found.append(Spent(time.perf_counter() - began, peak_bytes()))


class _Clock:
    """Collects the seconds of epochs; the quickest one counts, as other work on the machine only adds."""

    def __init__(self) -> None:
        self._plain: list[float] = []
        self._scored: list[float] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochFinished):
            is_scored = any(not name.startswith("train_") for name in event.metrics)
            (self._scored if is_scored else self._plain).append(event.seconds)

    def seconds(self, evaluate_every: int = 1) -> float:
        """Return the seconds of an epoch on average, where every so many of them are evaluated."""
        plain, scored = (min(found, default=math.inf) for found in (self._plain, self._scored))
        if math.isinf(plain) or math.isinf(scored):
            return min(plain, scored)
        return plain + max(0.0, scored - plain) / evaluate_every


class Bench:
    """A graph on its device, on which a few steps of a recipe are timed.

    `level` says what is predicted, `splits` how many splits each seed has.

    Args: data: as built. recipe: any that is made from the same data and target. cancel: checked at each step.
        read: what reading and joining the files took.
    """

    def __init__(self, data: AnyData, recipe: Recipe, cancel: CancelToken, read: Spent) -> None:
        self._device = resolve_device(recipe.runtime)
        apply_runtime(recipe.runtime, self._device)
        with spending() as spent:
            schema = FeatureSchema.fit(data, recipe.data)
            x = schema.transform(data)
            self.batch = batch_of(data, x, self._device)
        self._x_bytes = int(x.nbytes if isinstance(x, np.ndarray) else x.data.nbytes + x.indices.nbytes)
        self._cells = 1.0 * (x.size if isinstance(x, np.ndarray) else x.nnz)
        self._items = len(data.items)
        if data.items.level == "graph":
            # What the floor of features reads of a graph: sums and means.
            self._cells = self._items * (2.0 * x.shape[1] + 3)
        self._has_features = union_of(data).has_features
        if not self._has_features:
            # What is made of the structure is no floor's: each node is a column of its own there.
            self._cells = float(self._items)
        del x
        with spending() as labelling:
            self.labels, self.splits = _labels(data, recipe)
            self.batch = self.labels.task.told(self.batch, self.labels.target)
        self.level = data.items.level
        # Of a large collection a part is timed: its batches cost what the others do.
        is_many = self.level == "graph"
        self._sample = sample_labelled(self.batch, self.labels) if is_many else Sample(self.batch, self.labels)
        self._data, self._read, self._cancel = data, read, cancel
        self.prepare_seconds = spent[0].seconds + labelling[0].seconds
        self._peak = max(read.bytes, spent[0].bytes, labelling[0].bytes)
        self._is_warm = False
        self._floors: float | None = None

    def measure(self, recipe: Recipe) -> Costs:
        """Return what a few real steps of a recipe take."""
        parts = resolve(recipe)
        found = {}
        with torch.random.fork_rng(devices=[]):
            if not self._is_warm and self.batch.num_edges < _WARMS_ITSELF:
                # The first steps compile kernels and fill caches; on a large graph that is nothing beside the work.
                self._is_warm = True
                self._finetune_step(parts, recipe.finetune)
            give_memory_back()
            before = resident_bytes()
            with spending() as spent:
                if recipe.pretrain is not None:
                    found["pretrain"] = self._pretrain_step(parts, recipe.pretrain)
                found["finetune"], answer = self._finetune_step(parts, recipe.finetune)
        measured = max(0, spent[0].bytes - before) + self._known_bytes(parts) if before else 0
        # Where the system keeps its peak to itself, or a GPU holds the tables, the widths say it.
        on_cpu = before > 0 and self._device.type == "cpu"
        return Costs(found, answer, measured if on_cpu else self._step_bytes(parts, pretrains="pretrain" in found))

    def _known_bytes(self, parts: Parts) -> int:
        """Return the bytes of what is known of the graphs that no step was timed on."""
        width = len(known_names(parts.whole, self.batch.in_width)) if parts.whole is not None else 0
        width = max(width, 0 if parts.objective is None else _COLUMNS * len(parts.objective.wanted()))
        return 4 * width * (self.batch.num_graphs - self._sample.batch.num_graphs)

    @property
    def free(self) -> int:
        """Bytes that are free on the device; 0 where it is unknown."""
        return torch.cuda.mem_get_info(self._device)[0] if self._device.type == "cuda" else free_bytes()

    def hops(self, recipe: Recipe) -> int | None:
        """Return the steps of message passing that a recipe's model takes; None where it looks at all nodes at once."""
        return self._model(resolve(recipe)).hops

    def whole_bytes(self, recipe: Recipe) -> int:
        """Return about how much a step on the whole graph needs beside data and features, before it is tried."""
        plain = recipe.model_copy(update={"loader": Part(type="full")})
        parts = resolve(plain)
        return int(self._share(parts) * self._step_bytes(parts, pretrains=recipe.pretrain is not None))

    def _share(self, parts: Parts) -> float:
        """Return the share of the graph's rows that a supervised step of the whole graph computes."""
        if parts.objective is not None:
            return 1.0
        model = self._model(parts)
        feed = row_feed(parts.loader, model, self.batch, self.labels.rows("train"), 0)
        if feed is None:
            return 1.0
        cut = feed.portion(0).batch
        feed.close()
        rows = cut.num_nodes + sum(cut.block(hop).num_sources for hop in range(model.hops or 0))
        return min(1.0, rows / (self.batch.num_nodes * (1 + (model.hops or 0))))

    def floor_seconds(self) -> float:
        """Return about how long the floors take: label spreading, and linear model and MLP on the train rows."""
        if self._floors is None:
            train = len(self.labels.rows("train"))
            share = train / max(1, self._items)
            classes = self.labels.task.width
            # Fitted to Cora (0.8 s on one core), Facebook pages (1.0), Twitch (0.9) and the company sample (1.3).
            features = 0.6 + 1.7e-6 * self._cells * classes * share
            # Scaling every row, and answering for it with the better of the two.
            features += 1e-7 * self._cells + 5e-7 * self._items * (classes + 2)
            self._floors = features if self._has_features else 0.0
            if self.level == "node":
                spreading, product = self._spreading_seconds()
                self._floors += spreading + self._closed_form_seconds(product)
        return self._floors

    def _closed_form_seconds(self, product: float) -> float:
        """Return the seconds of the linear graph model. Args: product: of the graph and a table of classes."""
        nodes, classes, width = self.batch.num_nodes, self.labels.task.width, self.batch.in_width
        if self._has_features and isinstance(self.batch.x, torch.Tensor) and nodes >= _LAID_OUT:
            return 2 * product * width / classes + 5e-9 * nodes * width * classes
        # Conjugate gradients, five strengths: about twenty rounds each, of four products and three with the features.
        return 100 * (4 * product + 4e-9 * self._cells * classes)

    def estimate(self, recipe: Recipe, costs: Costs, splits: int, *, pretrained: bool = False) -> Estimate:
        """Put what was measured together to a whole run.

        Args: splits: of each seed. pretrained: the encoders are taken from another run.
        """
        seeds = len(recipe.runtime.seeds)
        varied = 1 if recipe.split.type == "by_column" else seeds
        parts = {
            "read": _START_SECONDS + self._read.seconds + self.prepare_seconds + self._whole_seconds(recipe),
            "floors": varied * splits * self.floor_seconds(),
        }
        # A training, what it reached on valid, and the answers that are scored.
        training = costs.epoch["finetune"] * _expected(recipe.finetune.training) + 2 * costs.answer
        parts["scratch"] = seeds * splits * training
        if recipe.pretrain is not None:
            if not pretrained:
                each = costs.epoch["pretrain"] * _expected(recipe.pretrain.training)
                times = _times_as_much(recipe)
                parts["pretrain"] = times * seeds * each + self._knowing_seconds(recipe, times)
            # Two probes, fitted to Cora (1.0 s on one core at width 64), Facebook pages (0.8) and the company (2.8).
            probe = 1.0 + 1.2e-4 * len(self.labels.rows("train")) * self.labels.task.width + 2 * costs.answer
            parts["probe"] = seeds * splits * probe
            if recipe.finetune.type != "scratch":
                parts["finetune"] = seeds * splits * (training + self._choosing_seconds(recipe, costs))
        parts["write"] = 0.5 + 2 * costs.answer + self._writing_seconds(self._embedding_width(recipe))
        return Estimate(parts, self._bytes(recipe, costs), free_bytes(), dict(costs.epoch))

    def _knowing_seconds(self, recipe: Recipe, times: float) -> float:
        """Return the seconds that finding out what is known of each graph takes, once a run and on all cores."""
        objective = resolve(recipe).objective
        wanted = {} if objective is None else objective.wanted()
        each = sum(_KNOWING_SECONDS.get(name, 0.0) for name in wanted)
        return times * self.batch.num_graphs * each / (os.cpu_count() or 1)

    def _whole_seconds(self, recipe: Recipe) -> float:
        """Return the seconds that the numbers of whole graphs take which are read beside the readout."""
        each = _KNOWING_SECONDS.get(resolve(recipe).whole or "nothing", 0.0)
        return self.batch.num_graphs * each / (os.cpu_count() or 1)

    def _choosing_seconds(self, recipe: Recipe, costs: Costs) -> float:
        """Return the seconds of the trials where the strategy is chosen on valid, 0 where it is named."""
        strategy = resolve(recipe).strategy
        if not isinstance(strategy, Choose):
            return 0.0
        epochs = min(strategy.epochs(), recipe.finetune.training.epochs)
        return len(strategy.candidates()) * (costs.epoch["finetune"] * epochs + costs.answer)

    def _pretrain_step(self, parts: Parts, stage: StagePart) -> float:
        assert parts.objective is not None
        encoder = parts.new_encoder(self.batch.in_width, 0, edge_width=self.batch.edge_width).to(self._device)
        clock = _Clock()
        watch = Watch(clock, self._cancel)
        # Only the time counts: numbers that take long to find out are made up.
        some = sample_graphs(self.batch) if self.level == "graph" else self.batch
        known = {name: torch.rand(some.num_graphs, _COLUMNS) for name in parts.objective.wanted()}
        batch = replace(some, known={name: table.to(self._device) for name, table in known.items()})
        steps = _FEWER_STEPS if self.batch.num_edges >= _WARMS_ITSELF else _STEPS
        pretrain(encoder, parts.objective, batch, _short("pretrain", stage, steps), watch, parts.loader)
        return clock.seconds() * self.batch.num_graphs / some.num_graphs

    def _finetune_step(self, parts: Parts, stage: StagePart) -> tuple[float, float]:
        """Return the seconds of an epoch, and those of the logits of every node, which come after the last one."""
        model = self._model(parts)
        clock = _Clock()
        watch = Watch(clock, self._cancel)
        short, strategy = _short("finetune", stage), Scratch(Scratch.parse({}))
        sample, batch = self._sample, self._sample.batch
        if parts.whole is not None:
            # Made up, as above.
            name, width = parts.whole, len(known_names(parts.whole, batch.in_width))
            batch = replace(batch, known={name: torch.rand(batch.num_graphs, width, device=self._device)})
        done = finetune(model, batch, sample.labels, strategy, short, watch, parts.term, loader=parts.loader)
        began = time.perf_counter()
        predict_logits(model, batch, self._cancel)
        answering = time.perf_counter() - began
        return sample.epoch * clock.seconds(done.fit.evaluate_every), sample.answer * answering

    def _model(self, parts: Parts) -> Model:
        model = parts.new_model(self.batch.in_width, self.labels.task, 0, edge_width=self.batch.edge_width)
        return model.to(self._device)

    def _spreading_seconds(self) -> tuple[float, float]:
        """Return the seconds of label spreading and of a product: as many of those as a narrow table foretells."""
        operator = spreading_map(self._data.graph)
        draw = torch.zeros(self.batch.num_nodes, 1, dtype=torch.float64)
        train = torch.from_numpy(self.labels.rows("train"))
        draw[train[: max(1, len(train) // 4)]] = 1.0
        moves: list[float] = []
        for _ in range(_ROUNDS):
            self._cancel.check()
            following = operator.product(draw)
            moves.append(float((following - draw).abs().max()))
            draw = following
        table = torch.zeros(self.batch.num_nodes, self.labels.task.width, dtype=torch.float64)
        operator.product(table)
        began = time.perf_counter()
        table = operator.product(table).add_(table)
        each = time.perf_counter() - began
        began = time.perf_counter()
        table.add_(table)
        adding = time.perf_counter() - began
        return _rounds(moves) * (each + 4 * adding) + 5 * 8e-8 * table.numel(), each

    def _writing_seconds(self, width: int) -> float:
        """Return the seconds of writing predictions and embeddings: those of some rows of numbers, times all."""
        some = min(_SAMPLE_ROWS, self._items)
        columns = self.labels.task.width + 3
        table = pd.DataFrame(np.random.default_rng(0).random((some, columns), dtype=np.float32))
        began = time.perf_counter()
        table.to_csv(StringIO(), index=False)
        numbers = (time.perf_counter() - began) * self._items / some
        if self._items > LONG:
            numbers *= _BY_ARROW
        # Text columns, and the columnar files, cost less by the cell.
        texts = 4e-7 * self._items * (len(self._data.items.columns) + 2)
        return numbers + texts + 3e-8 * self._items * (width + columns)

    def _embedding_width(self, recipe: Recipe) -> int:
        return resolve(recipe).new_encoder(self.batch.in_width, 0, edge_width=self.batch.edge_width).out_width

    def _bytes(self, recipe: Recipe, costs: Costs) -> int:
        """Return the largest of: reading, the steps, the floors, and writing; each beside what is kept."""
        nodes, classes = self.batch.num_nodes, self.labels.task.width
        kept = max(resident_bytes(), _PROGRAM_BYTES + 2 * self._x_bytes + 12 * self.batch.num_edges)
        table = 8 * nodes * classes
        spreading = 11 * table if table <= TOGETHER_BYTES else 5 * table + 11 * TOGETHER_BYTES
        floors = max(spreading, 2 * self._x_bytes + 4 * nodes * 64 * 3 + 24 * nodes * classes)
        columns = classes + 4 + len(self._data.items.columns)
        writing = self._items * (24 * classes + 12 * self._embedding_width(recipe) + 40 * columns)
        return max(self._peak, kept + max(costs.extra, floors, writing))

    def _step_bytes(self, parts: Parts, *, pretrains: bool) -> int:
        """Return features, weights with their moments and gradients, and what one step keeps, in bytes."""
        model = self._model(parts)
        layers = 1 + len(model.encoder.blocks())
        weights = 4 * 4 * sum(parameter.numel() for parameter in model.parameters())
        kept = 4 * self.batch.num_nodes * widest(model) * layers * (8 if pretrains else 5)
        return weights + (min(kept, BUDGET) if parts.loader.samples else kept)


def _labels(data: AnyData, recipe: Recipe) -> tuple[Labels, int]:
    """Return the labels of the first split, and how many splits each seed has."""
    parts = resolve(recipe)
    values = target_cells(data.items, parts.task.columns)
    draft = parts.task.draft(values)
    splits = parts.splitter.assign(data.items, draft, is_class=parts.task.stratifies, seed=0)
    fitted = parts.task.fit(values, splits[0])
    return Labels(fitted, fitted.encode(values), splits[0]), len(splits)


def _short(name: str, stage: StagePart, steps: int = _STEPS) -> Stage:
    return Stage(name, TrainingOptions(epochs=steps), stage.optimiser, stage.schedule)


def _expected(training: TrainingOptions) -> float:
    """Return about how many epochs a stage goes on before it ends early."""
    if not training.patience or training.patience >= training.epochs:
        return training.epochs
    # On seven data sets training ended between a tenth of the way that was left and its end.
    return training.patience + 0.45 * (training.epochs - training.patience)


def _rounds(moves: list[float]) -> float:
    """Return how many steps the slowest strength takes until nothing moves by more than the tolerance.

    Args: moves: by how much the first steps moved; what follows shrinks as they did.
    """
    half = len(moves) // 2
    shrink = (moves[-1] / moves[half]) ** (1 / (len(moves) - 1 - half)) if moves[half] > 0 else 0.0
    each = math.log(max(0.99 * min(shrink, 1.0), 1e-9))
    wanted = math.log(1e-6 / max(moves[-1], 1e-12)) / each if moves[-1] > 0 else 0.0
    return float(min(_MOST_ROUNDS, max(1.0, len(moves) + wanted)))


def _times_as_much(recipe: Recipe) -> float:
    """Return how many times the run's own data pretraining sees, by the size of the files."""
    if recipe.unlabelled is None:
        return 1.0
    own, other = (
        sum(Path(table.path).stat().st_size for table in data.tables) for data in (recipe.data, recipe.unlabelled)
    )
    return other / max(1, own)
