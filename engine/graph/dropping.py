"""Which entries of a graph are left out at random: by a hash instead of a table, the same whenever it is asked."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@dataclass(frozen=True, slots=True)
class Dropping:
    """Coefficients that are left out, decided by a hash of seed, target, source and head.

    Args: seed: 0 … 2^63 - 1. rate: share left out, 0 … 1; the others are scaled by 1 / (1 - rate).
    """

    seed: int
    rate: float

    @property
    def limit(self) -> int:
        """A hash of 32 bits below this is left out."""
        return round(self.rate * 2**32)


NOTHING_DROPPED = Dropping(0, 0.0)


def kept_entries(dropping: Dropping, target: Tensor, source: Tensor, heads: int, num_sources: int) -> Tensor:
    """Return which coefficients stay, bool [E, heads], as the compiled kernels of `engine.graph.attention` decide.

    Args: target, source: int64 [E].
    Source: the last steps of splitmix64, Steele, Lea and Flood (2014), "Fast splittable pseudorandom number
    generators".
    """
    head = torch.arange(heads, device=target.device)
    number = (target * num_sources + source).unsqueeze(1) * heads + head
    x = (number + 1) * _signed(_STEP) + dropping.seed
    x = (x ^ _shifted(x, 30)) * _signed(_FIRST)
    x = (x ^ _shifted(x, 27)) * _signed(_SECOND)
    return _shifted(x ^ _shifted(x, 31), 32) >= dropping.limit


def _signed(number: int) -> int:
    """Return the 64-bit integer of the same bits, which is how torch holds it; products wrap around alike."""
    return number - 2**64


def _shifted(x: Tensor, bits: int) -> Tensor:
    # torch shifts the sign in; it is cut off again.
    return (x >> bits) & ((1 << (64 - bits)) - 1)
