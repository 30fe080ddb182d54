"""Several trainings of one kind as one curve: the mean of each epoch, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Points = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Band:
    """Mean of each epoch, and one standard deviation below and above it; `count` trainings at the first epoch."""

    mean: tuple[tuple[int, float], ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    count: int


def band_of(trainings: Sequence[Points]) -> Band:
    """Return mean and spread over trainings, epoch by epoch, over those that came so far (sample deviation).

    Args: trainings: points of each, epochs ascending, at least one training.
    """
    by_epoch: dict[int, list[float]] = {}
    for points in trainings:
        for epoch, value in points:
            by_epoch.setdefault(epoch, []).append(value)
    epochs = sorted(by_epoch)
    means = [float(np.mean(by_epoch[epoch])) for epoch in epochs]
    spreads = [float(np.std(by_epoch[epoch], ddof=1)) if len(by_epoch[epoch]) > 1 else 0.0 for epoch in epochs]
    return Band(
        mean=tuple(zip(epochs, means, strict=True)),
        low=tuple(mean - spread for mean, spread in zip(means, spreads, strict=True)),
        high=tuple(mean + spread for mean, spread in zip(means, spreads, strict=True)),
        count=len(by_epoch[epochs[0]]) if epochs else 0,
    )
