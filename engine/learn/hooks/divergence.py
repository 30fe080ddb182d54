"""End a stage whose loss is no longer a finite number."""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.core.errors import DivergedError
from engine.learn.hooks._base import Hook, Loop


class Divergence(Hook):
    """Look at every loss before it moves a weight."""

    def after_step(self, loop: Loop, losses: Mapping[str, float]) -> None:
        """Refuse a loss that is not finite.

        Raises: DivergedError: one of the losses is NaN or infinite; names stage, epoch and part.
        """
        for name, value in losses.items():
            if not math.isfinite(value):
                raise DivergedError(
                    f'The {name} is no longer a finite number in epoch {loop.epoch} of "{loop.stage}".',
                    hint="Lower the learning rate, set a gradient clip of 1, or look for extreme feature values.",
                    stage=loop.stage,
                    epoch=loop.epoch,
                    part=name,
                )
