"""Whether a gradient belongs to the one operation that was handed it, so that its memory may be filled anew.

Much of what a step on a large graph takes would be copies made only because somebody else could still look. torch knows
who holds a tensor but has no public word for it; so what its counters say of a tensor that is known to be held by one
alone is found out once, and compared with. Where they say nothing, or the same of a shared tensor, copies are made.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Holders:
    """How often the tensor, its memory and its Python object are held."""

    tensor: int
    memory: int
    name: int


def holders(gradients: tuple[Any, ...]) -> Holders | None:  # Any: what torch hands to `backward`
    """Count who holds the first gradient; called from `backward` itself, for the caller's own hold counts too.

    Returns: None where torch does not say.
    """
    gradient = gradients[0]
    try:
        memory = torch._C._storage_Use_Count(gradient.untyped_storage()._cdata)  # not public
        return Holders(gradient._use_count(), memory, sys.getrefcount(gradient))
    except (AttributeError, TypeError):
        return None


@functools.cache
def holders_of_one_alone() -> Holders | None:
    """Return what `holders` says of a gradient that nobody else holds; None where that is said of others."""
    seen: list[Holders | None] = []
    with torch.enable_grad():
        start = torch.ones(2, requires_grad=True)
        _probe(_probe(start, seen), seen).sum().backward()
        # The gradient of a sum of two goes to both of them.
        _probe(_probe(start, seen) + _probe(start, seen), seen).sum().backward()
        kept: list[Tensor] = []
        looked_at = _probe(start, seen)
        looked_at.register_hook(kept.append)
        _probe(looked_at, seen).sum().backward()
    alone, shared, watched = seen[1], seen[3], seen[6]
    return None if alone in (shared, watched) else alone


def _probe(x: Tensor, seen: list[Holders | None]) -> Tensor:
    out: Tensor = _Probe.apply(x, seen)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return out


class _Probe(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, seen: list[Holders | None]) -> Tensor:
        ctx.seen = seen
        return x * 2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        gradient = gradients[0]
        ctx.seen.append(holders(gradients))
        return gradient * 2, None
