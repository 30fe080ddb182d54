"""What training returns and what every use of a model takes: weights, feature schema and task together."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from engine.core.events import EventSink, silent
from engine.data.builders.relational import RelationalData
from engine.data.schema import FeatureSchema
from engine.graph.batch import GraphBatch
from engine.infer.calibration import Calibration
from engine.learn.pruning import Pruning
from engine.learn.tasks._base import FittedTask
from engine.nn.model import Model


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model with what is needed to apply it.

    Args: model: encoder and head, on `device`. schema: makes x. task: turns logits into columns. device: where it runs.
        others: models that answer together with it. calibration: of their confidence; None leaves it as it is.
        pruning: which edges they do not see.
    """

    model: Model
    schema: FeatureSchema
    task: FittedTask
    device: torch.device
    others: tuple[Model, ...] = ()
    calibration: Calibration | None = None
    pruning: Pruning = Pruning()

    def batch(self, data: RelationalData, sink: EventSink = silent) -> GraphBatch:
        """Return the data as the model wants it.

        Args: data: the graph. sink: told of what is new in it: unseen values, missing cells, a graph that differs.
        Raises: MismatchError: columns that the model was trained on are missing; the message names them.
        """
        self.schema.check(data)
        return self.pruning.apply(
            GraphBatch.from_graph(data.graph, self.schema.transform(data, sink=sink), self.device)
        )
