"""Supervised steps on portions of the labelled nodes: what one epoch does when the graph is not seen whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.cancel import Cancelled, CancelToken
from engine.core.errors import MismatchError
from engine.graph.batch import GraphBatch
from engine.learn.loaders._base import Loader, Portion, RowFeed
from engine.learn.strategies._base import Strategy
from engine.learn.tasks._base import FittedTask, Target
from engine.nn.encoders._base import Encoder, Features
from engine.nn.model import Model
from engine.nn.ops import pick

# Train rows that an epoch's train score is made of: enough for a curve.
_LOOKED_AT = 4096
# Nodes of a graph from which on it is not looked at after each epoch where looking costs more than the epoch.
_MANY = 100_000
# A step goes there and back: about three times the work of an answer.
_STEP = 3
_SELDOM = 10  # epochs, at most, between two looks
_ANY = 1 << 20  # steps of an encoder that mixes all nodes that it is shown


def row_feed(loader: Loader, model: Model, batch: GraphBatch, rows: NDArray[np.int64], seed: int) -> RowFeed | None:
    """Return a loader's portions of the train rows, None where every step sees the whole graph.

    Raises: MismatchError: the model needs the whole graph at once, and the loader has only parts of it.
    """
    if loader.level == "graph":
        return loader.rows(batch, rows, 0, seed)
    hops = 0 if has_tables(model.encoder, batch) else model.hops
    if hops is None and not loader.gives_graphs:
        if loader.samples:
            raise whole_graph_needed(model.encoder)
        return None
    # Means over nodes are others where nodes are left out: not what a loader of the whole graph promises.
    if model.encoder.mixes_nodes and not loader.samples:
        return None
    return loader.rows(batch, rows, _ANY if hops is None else hops, seed)


def whole_graph_needed(encoder: Encoder) -> MismatchError:
    """Return the error for an encoder that cannot be shown a part of the graph."""
    return MismatchError(
        f"{encoder.label} looks at the whole graph at once, so it cannot be trained on sampled neighbours.",
        hint='Choose another encoder, or set loader.type to "clusters" or "full".',
        path="loader.type",
    )


def has_tables(encoder: Encoder, batch: GraphBatch) -> bool:
    """Whether an encoder has made its neighbourhoods into tables for this graph, of which it reads plain rows."""
    tables = getattr(encoder, "tables", None)
    return tables is not None and tables(batch) is not None


class PortionSteps:
    """What one epoch of supervised training on portions does.

    Args: rows: labelled nodes of train and of valid. task, target: of every node, shape [N]. cancel: ends an
        evaluation, too.
    """

    def __init__(
        self,
        model: Model,
        feed: RowFeed,
        rows: dict[str, NDArray[np.int64]],
        task: FittedTask,
        target: Target,
        strategy: Strategy,
        device: torch.device,
        cancel: CancelToken,
    ) -> None:
        self._model, self._feed, self._task, self._strategy = model, feed, task, strategy
        self._epoch, self._cancel = 0, cancel
        # What a feed draws from belongs to the feed.
        self.generators: list[torch.Generator] = []
        self._frozen: dict[int, Features] = {}
        self._train, self._num_nodes = rows["train"], len(target)
        every = 1 if feed.is_fixed else -(-len(rows["train"]) // _LOOKED_AT)
        self._rows = {"train": rows["train"][::every], "valid": rows["valid"]}
        coded = task.tensor(target, device)
        self._target = {part: coded[torch.from_numpy(chosen).to(device)] for part, chosen in self._rows.items()}
        self._train_target = coded[torch.from_numpy(rows["train"]).to(device)]

    def epochs_between(self) -> int:
        """Return after how many epochs to evaluate, so that looking takes no more than training on large graphs.

        By the size of the work and not by the clock: a run has the same history wherever it runs.
        """
        looking = sum(self._feed.work(rows) for rows in self._rows.values() if len(rows))
        training = _STEP * self._feed.work(self._train)
        if self._num_nodes < _MANY or training == 0:
            return 1
        return min(_SELDOM, max(1, -(-int(looking) // int(training))))

    def on_epoch(self, epoch: int) -> None:
        """Set modes and frozen parts."""
        self._epoch = epoch
        self._strategy.on_epoch(self._model, epoch)
        if not self._strategy.frozen_encoder(epoch):
            self._frozen.clear()

    def step(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one portion."""
        portion = self._feed.portion(step)
        loss = self._task.loss(self._logits(portion), self._train_target[portion.place])
        penalty = self._strategy.penalty(self._model)
        if penalty is None:
            return {"loss": loss}
        return {"loss": loss + penalty, "supervised": loss.detach(), "penalty": penalty.detach()}

    def evaluate(self, epoch: int) -> dict[str, float]:
        """Return the scores on a sample of neighbours that stays the same from epoch to epoch."""
        self._model.eval()
        found: dict[str, float] = {}
        for part, rows in self._rows.items():
            if not len(rows):
                continue
            looked, places = zip(*self._looked(rows), strict=True)
            logits, target = torch.cat(looked), self._target[part][torch.cat(places)]
            found[f"{part}_{self._task.main_metric}"] = self._task.main_score(logits, target)
            if part == "valid":
                found["valid_loss"] = self._task.loss(logits, target).item()
        return found

    def _looked(self, rows: NDArray[np.int64]) -> Iterator[tuple[Tensor, Tensor]]:
        for portion in self._feed.look(rows):
            if self._cancel.is_stopping and self._feed.steps > 1:
                raise Cancelled
            yield self._logits(portion), portion.place

    def _logits(self, portion: Portion) -> Tensor:
        if not self._strategy.frozen_encoder(self._epoch):
            logits: Tensor = self._model(portion.batch)
            return _picked(logits, portion)
        # A frozen encoder is a fixed function: of portions that come again its answers are kept.
        h = self._frozen.get(id(portion.batch))
        if h is None:
            with torch.no_grad():
                h = self._model.encoder(portion.batch)
            if self._feed.is_fixed:
                self._frozen[id(portion.batch)] = h
        head_only: Tensor = self._model.head(h, portion.batch)
        return _picked(head_only, portion)


def _picked(logits: Tensor, portion: Portion) -> Tensor:
    return logits if portion.picked is None else pick(logits, portion.picked)
