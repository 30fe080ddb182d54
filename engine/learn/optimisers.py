"""From options to torch optimisers, and the shape of the learning rate over the epochs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from engine.learn.options import OptimiserOptions, ScheduleOptions

# Plateau: halve the rate when a tenth of the epochs (at least 10) brought no new best.
_PLATEAU_FACTOR = 0.5
_PLATEAU_SHARE = 0.1
_PLATEAU_LEAST = 10


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """Weights that move at one rate: learning rate before the schedule, and weight decay."""

    parameters: tuple[nn.Parameter, ...]
    rate: float
    weight_decay: float


def grouped(
    blocks: Sequence[nn.Module], options: OptimiserOptions, scales: Sequence[float] | None = None
) -> list[ParameterGroup]:
    """Group the weights of blocks, input to output, as the options ask.

    Args:
        blocks: modules from the input to the output; a weight shared by two of them belongs to the first.
        options: rate, weight decay, and whether it works on every block or on the first alone.
        scales: factor on the rate of each block; all 1 when None.
    Source: Kipf and Welling (2017) decay the first layer only; `decay_on = "first_layer"` does that.
    """
    seen: set[int] = set()
    groups = []
    for number, block in enumerate(blocks):
        parameters = tuple(p for p in block.parameters() if p.requires_grad and id(p) not in seen)
        seen.update(id(p) for p in parameters)
        decays = options.decay_on == "all" or number == 0
        rate = options.rate * (1.0 if scales is None else scales[number])
        if parameters:
            groups.append(ParameterGroup(parameters, rate, options.weight_decay if decays else 0.0))
    return groups


def make_optimiser(groups: Iterable[ParameterGroup], options: OptimiserOptions) -> torch.optim.Optimizer:
    """Return the torch optimiser; each of its groups keeps its rate before the schedule under `base`."""
    plain: list[dict[str, Any]] = []  # Any: torch's own group format
    # Neighbours that move alike go together, in the same order: each group costs a small model a tenth of a step.
    for (rate, decay), alike in itertools.groupby(groups, lambda group: (group.rate, group.weight_decay)):
        parameters = [parameter for group in alike for parameter in group.parameters]
        plain.append({"params": parameters, "lr": rate, "base": rate, "weight_decay": decay})
    if options.type == "sgd":
        return torch.optim.SGD(plain, lr=options.rate, momentum=options.momentum)
    # All weights in one call: on small graphs the optimiser's own bookkeeping is a large part of a step.
    if options.type == "adamw":
        return torch.optim.AdamW(plain, lr=options.rate, fused=True)
    return torch.optim.Adam(plain, lr=options.rate, fused=True)


class Schedule:
    """The factor on every learning rate, epoch by epoch; the state is plain and small.

    Linear warm-up over `warmup` epochs, then: constant; cosine to zero (Loshchilov and Hutter 2017, without
    restarts); linear to zero; plateau: half the rate whenever a tenth of the epochs brought no new best.

    Args: options: shape and warm-up. epochs: length of the stage.
    """

    def __init__(self, options: ScheduleOptions, epochs: int) -> None:
        self._options = options
        self._epochs = epochs
        self._wait = max(_PLATEAU_LEAST, round(_PLATEAU_SHARE * epochs))
        self._factor = 1.0
        self._changed = 0

    def factor(self, epoch: int, best_epoch: int) -> float:
        """Return the factor for an epoch counted from 1; `best_epoch` is 0 while there is none."""
        warmup = self._options.warmup
        if epoch <= warmup:
            return epoch / (warmup + 1)
        kind = self._options.type
        if kind == "plateau":
            return self._plateau(epoch, best_epoch)
        if kind == "constant":
            return 1.0
        done = (epoch - 1 - warmup) / max(1, self._epochs - warmup)
        return 0.5 * (1.0 + math.cos(math.pi * done)) if kind == "cosine" else 1.0 - done

    def apply(self, optimiser: torch.optim.Optimizer, epoch: int, best_epoch: int) -> None:
        """Set the rate of every group for an epoch."""
        factor = self.factor(epoch, best_epoch)
        for group in optimiser.param_groups:
            group["lr"] = group["base"] * factor

    def state(self) -> dict[str, float]:
        """Return what a resumed stage needs."""
        return {"factor": self._factor, "changed": self._changed}

    def load(self, state: Mapping[str, float]) -> None:
        """Take over what `state` returned."""
        self._factor = float(state["factor"])
        self._changed = int(state["changed"])

    def _plateau(self, epoch: int, best_epoch: int) -> float:
        since = max(best_epoch, self._changed, self._options.warmup)
        if epoch - 1 - since >= self._wait:
            self._factor *= _PLATEAU_FACTOR
            self._changed = epoch - 1
        return self._factor
