"""Train everything from random weights."""

from __future__ import annotations

from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy
from engine.nn.model import Model


class Scratch(Strategy):
    """Train encoder and head together from random weights; no pretraining is used.

    Source: Kipf and Welling (2017), section 5.2.
    """

    key = "scratch"
    label = "From scratch"
    needs_pretrained = False

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Let every weight move at the stage's rate."""
        model.requires_grad_(True)
        return grouped([*model.encoder.blocks(), model.head], optimiser)
