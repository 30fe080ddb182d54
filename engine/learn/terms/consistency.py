"""Predictions that stay the same whichever nodes are silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.learn.terms._base import Term
from engine.nn.encoders._base import Features
from engine.nn.model import Model

if TYPE_CHECKING:
    from engine.learn.finetuning import Labels


class Consistency(Term):
    """Silences half of the nodes again and again, and asks for the same answer each time.

    Each sample sets the features of random nodes to zero and scales the others; the encoder propagates what is left.
    The loss is the mean supervised loss of the samples plus weight times the mean squared distance of their
    probabilities, at every node, from their sharpened mean (for numbers: from their mean). It works with every
    encoder that propagates.

    Source: Feng et al. (2020), "Graph random neural networks for semi-supervised learning on graphs" (GRAND),
    equations 1, 4 and 5.
    """

    key = "consistency"
    label = "Random-propagation consistency"
    recommended = True

    class Config(ConfigBase):
        samples: int = option(4, "Answers that are compared in each step.", ge=2, le=16)
        silent: float = option(0.5, "Share of the nodes whose features are set to zero.", gt=0, lt=1)
        sharpen: float = option(0.5, "Temperature of the mean answer; smaller is more decided.", gt=0, le=1)
        weight: float = option(1.0, "How much differing answers count beside the labels.", gt=0, le=100)

    def loss(
        self,
        model: Model,
        parts: nn.Module,
        batch: GraphBatch,
        labels: Labels,
        logits: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        """Return the samples' supervised loss and their disagreement; see `Term`."""
        task, rows = labels.task, labels.rows("train")
        target = task.tensor(labels.target[rows], batch.device)
        where = torch.as_tensor(rows, device=batch.device)
        samples = [self._answer(model, batch, generator) for _ in range(self.config.samples)]
        supervised = torch.stack([task.loss(sample[where], target) for sample in samples]).mean()
        apart = self._apart(samples, is_class=task.kind != "regression")
        return {"loss": supervised + self.config.weight * apart, "consistency": apart.detach()}

    def _answer(self, model: Model, batch: GraphBatch, generator: torch.Generator) -> Tensor:
        # Features given beside the batch: an encoder that keeps tables of the batch's own need not make them anew.
        h = model.encoder(batch, self._silenced(batch.x, generator))
        return model.head(h, batch)  # type: ignore[no-any-return]  # modules are untyped callables

    def _apart(self, samples: list[Tensor], *, is_class: bool) -> Tensor:
        answers = torch.stack([s.softmax(dim=1) if is_class else s for s in samples])
        mean = answers.mean(dim=0).detach()
        if is_class:
            sharp = mean.pow(1 / self.config.sharpen)
            mean = sharp / sharp.sum(dim=1, keepdim=True)
        return (answers - mean).square().sum(dim=2).mean()

    def _silenced(self, x: Features, generator: torch.Generator) -> Features:
        """Return features whose rows are zero at random, the others scaled so that sums stay right on average."""
        rows = torch.rand(x.shape[0], generator=generator).ge_(self.config.silent).div_(1 - self.config.silent)
        kept = rows.to(device=x.device, dtype=x.dtype)
        if isinstance(x, Tensor):
            return x * kept.unsqueeze(1)
        return x.with_values(x.values * kept[x.pattern.row_of_entry()])
