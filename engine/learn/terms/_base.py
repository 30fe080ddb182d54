"""What every loss beside the supervised one promises: parts of its own, and a loss on each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from engine.core.component import Component
from engine.graph.batch import GraphBatch
from engine.nn.model import Model

if TYPE_CHECKING:
    from engine.learn.finetuning import Labels


class Term(Component):
    """Base of all terms.

    A term works in both trainings that follow labels, from scratch and fine-tuning, so that the two stay comparable.

    Args: config: its options.
    """

    def __init__(self, config: Any) -> None:  # Any: the subclass's own Config
        self.config = config

    def prepare(self, model: Model, batch: GraphBatch, labels: Labels, generator: torch.Generator) -> nn.Module:
        """Make the parts that the loss needs beside the model; they are trained too and dropped afterwards.

        Args:
            model: encoder and head.
            batch: the whole graph.
            labels: task, targets and split; only the train part may be looked at.
            generator: source of their first weights (on the CPU).
        Returns: a module on the batch's device and in its dtype; an empty one when there is nothing to train.
        Raises: MismatchError: model or graph do not suit the term.
        """
        return nn.Module()

    def loss(
        self,
        model: Model,
        parts: nn.Module,
        batch: GraphBatch,
        labels: Labels,
        logits: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        """Return what one step adds to the supervised loss.

        Args:
            model: encoder and head, in the modes that the strategy set for this epoch.
            parts: what `prepare` returned, in training mode.
            batch: the whole graph.
            labels: task, targets and split; only the train part may be looked at.
            logits: [N, width], what the supervised loss of this step is made of, with gradients.
            generator: source of everything drawn (on the CPU, so that devices draw alike).
        Returns: scalars; "loss", already weighted, is added to the supervised loss, the others are shown on the curves.
        """
        raise NotImplementedError
