"""Fine-tune everything, but stay near the pretrained weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.learn.optimisers import ParameterGroup, grouped
from engine.learn.options import OptimiserOptions
from engine.learn.strategies._base import Strategy
from engine.nn.model import Model


class NearStart(Strategy):
    """Let every weight move, with a pull of the encoder towards its pretrained weights instead of towards zero.

    α / 2 |w - w0|² over the encoder's weights is added to the loss; the head decays towards zero as always.

    Source: Li, Grandvalet and Davoine (2018), "Explicit inductive bias for transfer learning with convolutional
    networks", section 3 (L2-SP).
    """

    key = "near_start"
    label = "Near the start"

    class Config(ConfigBase):
        pull: float = option(0.01, "How strongly weights are pulled to where they began: α in the paper.", ge=0, le=100)
        encoder_factor: float = option(1.0, "Learning rate of the encoder relative to the head's.", gt=0, le=1)

    def __init__(self, config: Any) -> None:  # Any: NearStart.Config
        super().__init__(config)
        self._start: list[Tensor] = []

    def apply(self, model: Model, optimiser: OptimiserOptions) -> list[ParameterGroup]:
        """Remember where the encoder begins and let every weight move; only the head decays."""
        model.requires_grad_(True)
        # Called before an interrupted stage is loaded, so the start is the pretrained one then, too.
        self._start = [p.detach().clone() for p in model.encoder.parameters()]
        without = optimiser.model_copy(update={"weight_decay": 0.0})
        blocks = model.encoder.blocks()
        encoder = grouped(blocks, without, [self.config.encoder_factor] * len(blocks))
        return [*encoder, *grouped([model.head], optimiser)]

    def penalty(self, model: Model) -> Tensor:
        """Return α / 2 |w - w0|²; see `Strategy`."""
        head = next(model.head.parameters())
        apart = torch.zeros((), dtype=head.dtype, device=head.device)
        for now, start in zip(model.encoder.parameters(), self._start, strict=True):
            apart = apart + (now - start).square().sum()
        return apart.mul(0.5 * self.config.pull)
