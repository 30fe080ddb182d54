"""Messages along edges that carry vectors of their own, with gradients: compiled on the CPU, plain torch elsewhere.

Entry p of row r is the edge from node indices[p] to node r.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.graph.features import Pattern
from engine.nn.attention import attention_kernels


def rectified_sum(h: Tensor, e: Tensor, pattern: Pattern) -> Tensor:
    """Return for each target the sum of max(h_j + e_ij, 0) over whom it hears.

    Args: h: [S, W]. e: [E, W], a vector for each entry. pattern: whom each target hears, T rows among S.
    Returns: [T, W], differentiable once in h and e.
    """
    if not _fits(h):
        return rectified_sum_by_torch(h, e, pattern)
    out: Tensor = _RectifiedSum.apply(h, e, pattern)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return out


def rectified_sum_by_torch(h: Tensor, e: Tensor, pattern: Pattern) -> Tensor:
    """Return the same as `rectified_sum`, entry by entry."""
    heard = (h[pattern.indices.long()] + e).relu()
    return h.new_zeros(pattern.num_rows, h.shape[1]).index_add(0, pattern.row_of_entry(), heard)


def at_sources(h: Tensor, pattern: Pattern) -> Tensor:
    """Return each entry's source's row of h [S, W]: [E, W], differentiable in h."""
    if not _fits(h):
        return h[pattern.indices.long()]
    out: Tensor = _AtSources.apply(h, pattern)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return out


def from_others(h: Tensor, pattern: Pattern) -> Tensor:
    """Return for each edge j to i the sum over the edges into j but the one from i, if there is one.

    Args: h: [E, W], a vector for each entry. pattern: square.
    Returns: [E, W], differentiable in h.
    """
    if not pattern.symmetric or not _fits(h):
        return from_others_by_torch(h, pattern)
    out: Tensor = _FromOthers.apply(h, pattern, False)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return out


def from_others_by_torch(h: Tensor, pattern: Pattern) -> Tensor:
    """Return the same as `from_others`, entry by entry."""
    row, heard = pattern.row_of_entry(), pattern.indices.long()
    total = h.new_zeros(pattern.num_rows, h.shape[1]).index_add(0, row, h)
    # Rows are ascending, and so are entries numbered by row and column: the other direction is found by halving.
    number, wanted = row * pattern.width + heard, heard * pattern.width + row
    mirror = torch.searchsorted(number, wanted).clamp(max=max(0, len(number) - 1))
    is_there = (number[mirror] == wanted).unsqueeze(1)
    return total[heard] - torch.where(is_there, h[mirror], 0)


def _fits(h: Tensor) -> bool:
    fits = h.device.type == "cpu" and h.dtype in (torch.float32, torch.float64)
    return fits and attention_kernels() is not None


def _over(kernel: Callable[..., None], pattern: Pattern, width: int, *given: Any) -> None:  # Any: arrays
    from engine.graph.attention import over_rows

    indptr = pattern.indptr.numpy()
    work = (len(pattern.indices) + pattern.num_rows) * width
    over_rows(kernel, indptr, (indptr, *given), work, torch.get_num_threads())


def _wide(table: Tensor) -> Any:  # Any: an array for the kernels
    return table.detach().contiguous().unsqueeze(1).numpy()


class _RectifiedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, h: Tensor, e: Tensor, pattern: Pattern) -> Tensor:
        from engine.graph.messages import rectified_sums

        ctx.save_for_backward(h, e)
        ctx.pattern = pattern
        out = h.new_empty(pattern.num_rows, h.shape[1])
        _over(rectified_sums, pattern, h.shape[1], pattern.indices.numpy(), _wide(h), _wide(e), _wide(out))
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        from engine.graph.messages import rectified_by_edge

        h, e = ctx.saved_tensors
        pattern: Pattern = ctx.pattern
        by_edge = torch.empty_like(e)
        tables = _wide(h), _wide(e), _wide(gradients[0]), _wide(by_edge)
        _over(rectified_by_edge, pattern, h.shape[1], pattern.indices.numpy(), *tables)
        return _to_sources(by_edge, pattern) if ctx.needs_input_grad[0] else None, by_edge, None


class _AtSources(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, h: Tensor, pattern: Pattern) -> Tensor:
        ctx.pattern = pattern
        return h.index_select(0, pattern.indices)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        return _to_sources(gradients[0], ctx.pattern), None


class _FromOthers(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, h: Tensor, pattern: Pattern, turn_first: bool) -> Tensor:
        from engine.graph.messages import others

        ctx.pattern, ctx.turn_first = pattern, turn_first
        out = h.new_empty(h.shape)
        mirror = pattern.turned().order.numpy()
        _over(others, pattern, 2 * h.shape[1], mirror, turn_first, _wide(h), _wide(out))
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        # The transposed map turns first and adds up then.
        return _FromOthers.apply(gradients[0], ctx.pattern, not ctx.turn_first), None, None  # type: ignore[no-untyped-call]  # torch


def _to_sources(table: Tensor, pattern: Pattern) -> Tensor:
    """Return for each source the sum of the rows of its entries. Args: table: [E, W]. Returns: [S, W]."""
    from engine.graph.messages import sums_by_order

    turned = pattern.turned()
    out = table.new_empty(pattern.width, table.shape[1])
    _over(sums_by_order, turned.pattern, table.shape[1], turned.order.numpy(), _wide(table), _wide(out))
    return out
