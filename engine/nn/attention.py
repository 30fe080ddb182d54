"""Attention over a graph's edges with gradients: compiled on the CPU, plain torch elsewhere and to compare with.

Every target hears itself exactly once, whether or not its row holds the loop; edge weights are not looked at, as in
the papers. Targets are the first of the sources.
"""

from __future__ import annotations

import functools
import logging
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.graph.dropping import NOTHING_DROPPED, Dropping, kept_entries
from engine.graph.features import Pattern

_log = logging.getLogger(__name__)


def attend(
    z: Tensor,
    source: Tensor,
    target: Tensor,
    pattern: Pattern,
    *,
    slope: float,
    dropping: Dropping = NOTHING_DROPPED,
    bias: Tensor | None = None,
) -> Tensor:
    """Return for each target the mean of what it hears, weighted by softmax(leaky(source[j] + target[i])).

    Args:
        z: [S, H, D], what is heard. source: [S, H]. target: [T, H].
        pattern: whom each target hears, T rows of positions among S.
        slope: of the leaky ReLU below zero, 0 … 1. dropping: coefficients left out. bias: [H, D], added, or None.
    Returns: [T, H, D], differentiable once in z, source, target and bias.
    Source: Veličković et al. (2018), equations 1 to 5: a . [W h_i, W h_j] as a sum of two products.
    """
    if _kernels_for(z) is None:
        plain = attend_by_torch(z, source, target, pattern, slope=slope, dropping=dropping)
        return plain if bias is None else plain + bias
    out: Tensor = _Attend.apply(z, source, target, bias, pattern, slope, dropping)  # type: ignore[no-untyped-call]  # torch
    return out


def attend_jointly(
    left: Tensor,
    right: Tensor,
    vector: Tensor,
    pattern: Pattern,
    *,
    slope: float,
    dropping: Dropping = NOTHING_DROPPED,
    bias: Tensor | None = None,
) -> Tensor:
    """Return for each target the mean of `left`, weighted by softmax(vector . leaky(left[j] + right[i])).

    Args: left: [S, H, D], of the sources, which is also what is heard. right: [T, H, D], of the targets.
        vector: [H, D]. pattern, slope, dropping, bias: as in `attend`.
    Returns: [T, H, D], differentiable once in left, right, vector and bias.
    Source: Brody, Alon and Yahav (2022), equation 7.
    """
    if _kernels_for(left) is None:
        plain = attend_jointly_by_torch(left, right, vector, pattern, slope=slope, dropping=dropping)
        return plain if bias is None else plain + bias
    out: Tensor = _AttendJointly.apply(left, right, vector, bias, pattern, slope, dropping)  # type: ignore[no-untyped-call]  # torch
    return out


def draw_dropping(rate: float, training: bool) -> Dropping:
    """Return which coefficients to leave out, by a seed from torch's global generator; nothing outside training."""
    if rate == 0.0 or not training:
        return NOTHING_DROPPED
    return Dropping(int(torch.randint(2**63 - 1, ()).item()), rate)


def attend_by_torch(
    z: Tensor, source: Tensor, target: Tensor, pattern: Pattern, *, slope: float, dropping: Dropping = NOTHING_DROPPED
) -> Tensor:
    """Return the same as `attend`, entry by entry: an [E, H, D] table and the sums over it.

    On CUDA the sums are not taken in the same order every time, unless torch's deterministic algorithms are on.
    """
    row, column = _entries(pattern)
    scores = F.leaky_relu(source[column] + target[row], slope)
    return _weighted(z, scores, row, column, pattern, dropping)


def attend_jointly_by_torch(
    left: Tensor, right: Tensor, vector: Tensor, pattern: Pattern, *, slope: float, dropping: Dropping = NOTHING_DROPPED
) -> Tensor:
    """Return the same as `attend_jointly`, as `attend_by_torch` does."""
    row, column = _entries(pattern)
    scores = (F.leaky_relu(left[column] + right[row], slope) * vector).sum(-1)
    return _weighted(left, scores, row, column, pattern, dropping)


def _weighted(z: Tensor, scores: Tensor, row: Tensor, column: Tensor, pattern: Pattern, dropping: Dropping) -> Tensor:
    size = (pattern.num_rows, scores.shape[1])
    with torch.no_grad():
        index = row.unsqueeze(1).expand_as(scores)
        top = scores.new_full(size, -torch.inf).scatter_reduce(0, index, scores, "amax")
    part = (scores - top[row]).exp()
    part = part / part.new_zeros(size).index_add(0, row, part)[row]
    if dropping.rate:
        kept = kept_entries(dropping, row, column, scores.shape[1], pattern.width)
        part = part * kept.to(part.dtype) / (1 - dropping.rate)
    return z.new_zeros(pattern.num_rows, *z.shape[1:]).index_add(0, row, part.unsqueeze(-1) * z[column])


def _entries(pattern: Pattern) -> tuple[Tensor, Tensor]:
    """Return target and source of every entry, each target's own loop exactly once, at the end."""
    row, column = pattern.row_of_entry(), pattern.indices.long()
    others = row != column
    own = torch.arange(pattern.num_rows, device=row.device)
    return torch.cat([row[others], own]), torch.cat([column[others], own])


class _Attend(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        z: Tensor,
        source: Tensor,
        target: Tensor,
        bias: Tensor | None,
        pattern: Pattern,
        slope: float,
        dropping: Dropping,
    ) -> Tensor:
        kernels = attention_kernels()
        assert kernels is not None, "the caller has looked"
        z, source, target = (t.detach().contiguous() for t in (z, source, target))
        out, log_sum = z.new_empty(pattern.num_rows, *z.shape[1:]), torch.empty_like(target)
        settings = _settings(z, slope, dropping)
        rows = (pattern.indptr.numpy(), pattern.indices.numpy())
        given = (*rows, *_arrays(z, source, target), settings, *_arrays(out, log_sum))
        kernels.over_rows(kernels.gat_forward, rows[0], given, _work(pattern, z), torch.get_num_threads())
        # In place, and taken off again where it matters: a table beside this one would be as large.
        out = out if bias is None else out.add_(bias.detach())
        ctx.save_for_backward(z, source, target, out, log_sum, bias)
        ctx.pattern, ctx.settings = pattern, settings
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        kernels = attention_kernels()
        assert kernels is not None, "the forward pass has used them"
        z, source, target, out, log_sum, bias = ctx.saved_tensors
        pattern, gradient = ctx.pattern, gradients[0].contiguous()
        facts = torch.cat([target, log_sum, _row_products(gradient, out, bias)], dim=1)
        by_z, by_source, loop = torch.empty_like(z), torch.empty_like(source), torch.empty_like(source)
        entry, by_target = source.new_empty(len(pattern.indices), source.shape[1]), torch.empty_like(target)
        threads, work = torch.get_num_threads(), _work(pattern, z)
        turned = _turned(pattern)
        given = (*turned, *_arrays(z, source, facts, gradient), ctx.settings, *_arrays(by_z, by_source, loop, entry))
        kernels.over_rows(kernels.gat_by_source, turned[0], given, work, threads)
        indptr = pattern.indptr.numpy()
        given = (indptr, *_arrays(entry, loop, by_target))
        kernels.over_rows(kernels.gat_by_target, indptr, given, work, threads)
        return by_z, by_source, by_target, None if bias is None else gradient.sum(0), None, None, None


class _AttendJointly(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        left: Tensor,
        right: Tensor,
        vector: Tensor,
        bias: Tensor | None,
        pattern: Pattern,
        slope: float,
        dropping: Dropping,
    ) -> Tensor:
        kernels = attention_kernels()
        assert kernels is not None, "the caller has looked"
        left, right, vector = (t.detach().contiguous() for t in (left, right, vector))
        out = torch.empty_like(right)
        log_sum = right.new_empty(right.shape[:2])
        settings = _settings(left, slope, dropping)
        rows = (pattern.indptr.numpy(), pattern.indices.numpy())
        given = (*rows, *_arrays(left, right, vector), settings, *_arrays(out, log_sum))
        kernels.over_rows(kernels.gatv2_forward, rows[0], given, 2 * _work(pattern, left), torch.get_num_threads())
        out = out if bias is None else out.add_(bias.detach())
        ctx.save_for_backward(left, right, vector, out, log_sum, bias)
        ctx.pattern, ctx.settings = pattern, settings
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        kernels = attention_kernels()
        assert kernels is not None, "the forward pass has used them"
        left, right, vector, out, log_sum, bias = ctx.saved_tensors
        pattern, gradient = ctx.pattern, gradients[0].contiguous()
        facts = torch.cat([log_sum, _row_products(gradient, out, bias)], dim=1)
        by_left, by_right = torch.empty_like(left), torch.empty_like(right)
        loop = left.new_empty(left.shape[:2])
        entry = left.new_empty(len(pattern.indices), left.shape[1])
        threads, work = torch.get_num_threads(), 2 * _work(pattern, left)
        turned = _turned(pattern)
        given = (
            *turned,
            *_arrays(left, right, vector, facts, gradient),
            ctx.settings,
            *_arrays(by_left, loop, entry),
        )
        kernels.over_rows(kernels.gatv2_by_source, turned[0], given, work, threads)
        rows = (pattern.indptr.numpy(), pattern.indices.numpy())
        cuts = np.array(kernels.cuts_of(rows[0], work))
        by_vector = left.new_zeros(len(cuts) - 1, *vector.shape)
        given = (*rows, *_arrays(left, right, vector), ctx.settings, *_arrays(entry, loop, by_right, by_vector), cuts)
        kernels.over_rows(kernels.gatv2_by_target, rows[0], given, work, threads)
        return by_left, by_right, by_vector.sum(0), None if bias is None else gradient.sum(0), None, None, None


def _row_products(gradient: Tensor, out: Tensor, bias: Tensor | None) -> Tensor:
    """Return the sum over D of gradient times (out - bias), [T, H], without a table of the products."""
    found = torch.einsum("thd,thd->th", gradient, out)
    return found if bias is None else found.sub_(torch.einsum("thd,hd->th", gradient, bias))


def _settings(z: Tensor, slope: float, dropping: Dropping) -> tuple[Any, ...]:  # Any: numpy numbers
    number = np.float32 if z.dtype == torch.float32 else np.float64
    return number(slope), np.uint64(dropping.seed), np.uint64(dropping.limit), number(1 / (1 - dropping.rate))


def _arrays(*tensors: Tensor) -> tuple[Any, ...]:  # Any: arrays for the kernels
    return tuple(tensor.numpy() for tensor in tensors)


def _turned(pattern: Pattern) -> tuple[Any, Any, Any]:  # Any: arrays for the kernels
    turned = pattern.turned()
    return turned.pattern.indptr.numpy(), turned.pattern.indices.numpy(), turned.order.numpy()


def _work(pattern: Pattern, z: Tensor) -> int:
    return 2 * (len(pattern.indices) + pattern.num_rows) * z.shape[1] * z.shape[2]


def _kernels_for(z: Tensor) -> ModuleType | None:
    fits = z.device.type == "cpu" and z.dtype in (torch.float32, torch.float64) and z.numel() > 0
    return attention_kernels() if fits else None


@functools.cache
def attention_kernels() -> ModuleType | None:
    """Return `engine.graph.attention`, or None where its kernels do not compile."""
    try:
        from engine.graph import attention

        attention.try_out()
    except Exception:  # noqa: BLE001 - LLVM's own errors have no common class, and torch gives the same
        _log.warning("The compiled attention cannot be used; torch's own operations take over.", exc_info=True)
        return None
    return attention
