"""An objective of pretraining, trained beside the supervised loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.objectives import OBJECTIVES
from engine.learn.terms._base import Term
from engine.nn.model import Model

if TYPE_CHECKING:
    from engine.learn.finetuning import Labels


class ObjectiveBeside(Term):
    """Trains an objective that needs no labels beside the task, so that the encoder keeps to the whole graph.

    The loss is that of the labels plus weight times that of the objective, in each step.

    Source: You et al. (2020), "When does self-supervision help graph convolutional networks?", section 3.2 (multi-task
    self-supervision).
    """

    key = "objective"
    label = "Objective beside the task"
    recommended = True

    class Config(ConfigBase):
        objective: str = option("links", "Key of the objective.")
        weight: float = option(0.3, "How much its loss counts beside that of the labels.", gt=0, le=100)
        options: dict[str, Any] = option({}, "Options of the objective.", advanced=True)  # Any: the objective decides

    def __init__(self, config: Any) -> None:  # Any: ObjectiveBeside.Config
        super().__init__(config)
        kind = OBJECTIVES.get(config.objective, "beside.objective")
        self._objective = kind(kind.parse(config.options, "beside.options"))

    def prepare(self, model: Model, batch: GraphBatch, labels: Labels, generator: torch.Generator) -> nn.Module:
        """Return the objective's own parts; see `Term`."""
        return self._objective.prepare(model.encoder, batch, generator)

    def loss(
        self,
        model: Model,
        parts: nn.Module,
        batch: GraphBatch,
        labels: Labels,
        logits: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        """Return the weighted loss and the objective's own numbers; see `Term`."""
        found = self._objective.loss(model.encoder, parts, batch, generator)
        own = found.pop("loss")
        return {"loss": self.config.weight * own, self.config.objective: own.detach(), **found}
