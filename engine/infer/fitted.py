"""What training returns and what every use of a model takes: weights, feature schema and task together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from engine.core.events import EventSink, Notice, silent
from engine.data.dataset import AnyData
from engine.data.schema import FeatureSchema
from engine.graph.batch import GraphBatch
from engine.infer.calibration import Calibration
from engine.learn.batching import batch_of, with_whole
from engine.learn.finetuning import Labels
from engine.learn.pruning import Pruning
from engine.learn.reuse import with_labels, without_labels
from engine.learn.tasks._base import FittedTask
from engine.nn.model import Model
from engine.nn.readouts._base import ReadingHead
from engine.nn.whole import WholeName


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model with what is needed to apply it.

    Args: model: encoder and head, on `device`. schema: makes x. task: turns logits into columns. device: where it runs.
        others: models that answer together with it. calibration: of their confidence; None leaves it as it is.
        pruning: which edges they do not see. told: columns of the labels of train nodes, behind the features; 0 where
            the model is told none. snapshots: for each of all these models, in order, other epochs of its training
            that answer as one with it; without an entry it answers alone.
    """

    model: Model
    schema: FeatureSchema
    task: FittedTask
    device: torch.device
    others: tuple[Model, ...] = ()
    calibration: Calibration | None = None
    pruning: Pruning = Pruning()
    told: int = 0
    snapshots: tuple[tuple[Model, ...], ...] = ()

    def members(self) -> list[tuple[Model, ...]]:
        """Return the trainings that answer together; the epochs of one training are one member."""
        models = (self.model, *self.others)
        more = self.snapshots or ((),) * len(models)
        return [(model, *epochs) for model, epochs in zip(models, more, strict=True)]

    @property
    def column_names(self) -> list[str]:
        """Names of the columns that the model sees: the features, then the labels that it is told."""
        return [*self.schema.names, *(f"label {name}" for name in self.task.class_names[: self.told])]

    @property
    def whole(self) -> WholeName | None:
        """The numbers of whole graphs that the model reads beside their nodes, None without any."""
        head = self.model.head
        return head.whole.name if isinstance(head, ReadingHead) and head.whole is not None else None

    def batch(self, data: AnyData, sink: EventSink = silent, labels: Labels | None = None) -> GraphBatch:
        """Return the data as the model wants it.

        Args: data: the graph. sink: told of what is new in it: unseen values, missing cells, a graph that differs.
            labels: of the run's own data, for a model that is told labels; None leaves their columns at zero.
        Raises: MismatchError: columns that the model was trained on are missing; the message names them.
        """
        self.schema.check(data)
        data = self.schema.aligned(data)
        x = self.schema.transform(data, sink=sink)
        batch = self.pruning.apply(batch_of(data, x, self.device))
        batch = with_whole(batch, data, x, self.whole, sink=sink)
        if self.task.kind == "sequence":
            cells = np.asarray(data.items.table[self.task.target_name], dtype=object)
            batch = self.task.told(batch, self.task.encode(cells))
        if not self.told:
            return batch
        if labels is not None:
            return with_labels(batch, labels)
        text = (
            "The model was trained with the labels of train nodes beside the features. For these nodes no label is "
            "taken as known: their columns are zero, and answers may be worse than for the run's own data."
        )
        sink(Notice("warning", "data.no_labels", text, {"columns": self.told}))
        return without_labels(batch, self.told)
