"""Sum, mean and largest of what each target hears or each graph holds, with gradients.

Compiled on the CPU, plain torch elsewhere. Edge weights are not looked at. A target that hears nobody and a graph
without nodes get zeros.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from engine.graph.blocks import AnyBlock, Block
from engine.graph.features import Pattern
from engine.graph.products import SparseMap
from engine.nn.attention import attention_kernels

Aggregation = Literal["sum", "mean", "max"]


def aggregate(x: Tensor, pattern: Pattern, how: Aggregation, counts: Tensor | None = None) -> Tensor:
    """Return for each target the sum, mean or largest (column by column) of the rows it hears.

    Args: x: [S, W]. pattern: whom each target hears, T rows of positions among S. counts: for how many each entry
        stands in a sum, float [E], see `stand_for`; None for one.
    Returns: [T, W], differentiable once in x; where several are largest, the gradient goes to the first.
    """
    if how == "max":
        return _max(x, pattern)
    if how == "sum":
        return _summed(x, None, pattern, counts)
    total = _summed(x, None, pattern, None)
    return total.mul_(1 / torch.diff(pattern.indptr).clamp(min=1).unsqueeze(1).to(x.dtype))


def sum_with_own(x: Tensor, own: Tensor, pattern: Pattern, counts: Tensor | None = None) -> Tensor:
    """Return for each target the sum of the rows it hears plus `own` times its own row, in one pass.

    Args: x: [S, W], the targets' rows first. own: [1]. pattern, counts: as `aggregate` has them.
    Returns: [T, W], differentiable once in x and in own.
    """
    return _summed(x, own, pattern, counts)


def stand_for(block: AnyBlock) -> Tensor | None:
    """Return for how many entries each of a block's stands: more than one where neighbours were sampled, else None.

    A sampler of an unweighted graph says so by the weights; those of a weighted graph are not looked at here.
    """
    return block.weight if isinstance(block, Block) and block.whole.weight is None else None


def aggregate_by_torch(x: Tensor, pattern: Pattern, how: Aggregation) -> Tensor:
    """Return the same as `aggregate`, entry by entry: an [E, W] table and what is made of it."""
    row, heard = pattern.row_of_entry(), x[pattern.indices.long()]
    out = x.new_zeros(pattern.num_rows, x.shape[1])
    if how != "max":
        out = out.index_add(0, row, heard)
        return out / torch.diff(pattern.indptr).clamp(min=1).unsqueeze(1) if how == "mean" else out
    index = row.unsqueeze(1).expand_as(heard)
    top = out.scatter_reduce(0, index, heard.detach(), "amax", include_self=False)
    place = torch.arange(len(row), device=row.device).unsqueeze(1).expand_as(heard)
    place = place.masked_fill(~((heard == top[row]) | heard.isnan()), len(row))
    first = torch.full_like(index[:1], len(row)).expand(pattern.num_rows, -1)
    first = first.scatter_reduce(0, index, place, "amin")
    hears = first < len(row)
    return torch.where(hears, heard.gather(0, first.clamp(max=max(0, len(row) - 1))), 0) if len(row) else out


def pool(x: Tensor, graph_ptr: Tensor, how: Aggregation) -> Tensor:
    """Return the sum, mean or largest (column by column) of the rows of each graph.

    Args: x: [N, W]. graph_ptr: int64 [B+1], first row of each graph, then N.
    Returns: [B, W], differentiable in x as `aggregate` is.
    """
    if how == "max":
        everyone = torch.arange(len(x), dtype=torch.int32, device=x.device)
        return _max(x, Pattern(graph_ptr, everyone, len(x)))
    total: Tensor = _Pool.apply(x, graph_ptr)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    if how == "sum":
        return total
    return total * (1 / torch.diff(graph_ptr).clamp(min=1).unsqueeze(1).to(x.dtype))


def spread(v: Tensor, graph_ptr: Tensor, num_nodes: int) -> Tensor:
    """Return to each node its graph's row of v [B, W]: [N, W], differentiable in v; the transpose of a sum.

    Args: num_nodes: N, the last of graph_ptr.
    """
    rows: Tensor = _Spread.apply(v, graph_ptr, num_nodes)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return rows


def segment_softmax(score: Tensor, graph_ptr: Tensor) -> Tensor:
    """Return exp(score) over its sum within each graph, column by column.

    Args: score: [N, W]. graph_ptr: int64 [B+1], first row of each graph, then N.
    """
    # Less the largest of the graph, which changes nothing but keeps the numbers in range.
    top = pool(score.detach(), graph_ptr, "max")
    raised = (score - spread(top, graph_ptr, len(score))).exp()
    return raised / spread(pool(raised, graph_ptr, "sum"), graph_ptr, len(score))


def _max(x: Tensor, pattern: Pattern) -> Tensor:
    fits = x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
    if not fits or attention_kernels() is None:
        return aggregate_by_torch(x, pattern, "max")
    out: Tensor = _Max.apply(x, pattern)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return out


class _Pool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, graph_ptr: Tensor) -> Tensor:
        ctx.graph_ptr, ctx.num_nodes = graph_ptr, len(x)
        return _sums(x, graph_ptr)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return _Spread.apply(gradients[0], ctx.graph_ptr, ctx.num_nodes), None  # type: ignore[no-untyped-call]  # torch


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, v: Tensor, graph_ptr: Tensor, num_nodes: int) -> Tensor:
        ctx.graph_ptr = graph_ptr
        return torch.repeat_interleave(v, torch.diff(graph_ptr), dim=0, output_size=num_nodes)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return _Pool.apply(gradients[0], ctx.graph_ptr), None, None  # type: ignore[no-untyped-call]  # torch


def _sums(x: Tensor, graph_ptr: Tensor) -> Tensor:
    fits = x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
    if not fits or attention_kernels() is None:
        owner = torch.repeat_interleave(torch.diff(graph_ptr), output_size=len(x))
        return x.new_zeros(len(graph_ptr) - 1, x.shape[1]).index_add_(0, owner, x)
    from engine.graph.attention import over_rows
    from engine.graph.segments import sums

    x = x.detach().contiguous()
    out = x.new_empty(len(graph_ptr) - 1, x.shape[1])
    given = (graph_ptr.numpy(), _wide(x), _wide(out))
    over_rows(sums, given[0], given, x.numel(), torch.get_num_threads())
    return out


def _summed(x: Tensor, own: Tensor | None, pattern: Pattern, counts: Tensor | None) -> Tensor:
    total: Tensor = _Sum.apply(x, own, pattern, counts)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return total


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, own: Tensor | None, pattern: Pattern, counts: Tensor | None) -> Tensor:
        ctx.pattern, ctx.counts = pattern, counts
        ctx.save_for_backward(None if own is None else x, own)
        return _summing(pattern, counts, own, x.dtype).product(x)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        pattern, counts, gradient = ctx.pattern, ctx.counts, gradients[0]
        x, own = ctx.saved_tensors
        by_x = by_own = None
        if ctx.needs_input_grad[1]:
            by_own = torch.dot(gradient.reshape(-1), x[: pattern.num_rows].reshape(-1)).reshape(1)
        if ctx.needs_input_grad[0]:
            if counts is not None:
                counts = counts[pattern.turned().order]
            other = pattern if pattern.symmetric and counts is None else pattern.turned().pattern
            by_x = _summing(other, counts, own, gradient.dtype).product(gradient)
        return by_x, by_own, None, None


def _summing(pattern: Pattern, counts: Tensor | None, own: Tensor | None, dtype: torch.dtype) -> SparseMap:
    smaller, larger = sorted((pattern.width, pattern.num_rows))
    centre = None if own is None else own.detach().to(dtype).expand(smaller).contiguous()
    if counts is not None:
        return SparseMap(pattern.indptr, pattern.indices, pattern.width, values=counts.to(dtype), centre=centre)
    ones = torch.ones(larger, dtype=dtype, device=pattern.indptr.device)
    return SparseMap(pattern.indptr, pattern.indices, pattern.width, scale=ones, centre=centre)


class _Max(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, pattern: Pattern) -> Tensor:
        from engine.graph.attention import over_rows
        from engine.graph.segments import largest

        x = x.detach().contiguous()
        out = x.new_empty(pattern.num_rows, x.shape[1])
        winner = torch.empty(out.shape, dtype=torch.int32)
        rows = (pattern.indptr.numpy(), pattern.indices.numpy())
        given = (*rows, *(_wide(table) for table in (x, out, winner)))
        over_rows(largest, rows[0], given, _work(pattern, x), torch.get_num_threads())
        ctx.save_for_backward(winner)
        ctx.pattern = pattern
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        from engine.graph.attention import over_rows
        from engine.graph.segments import largest_by_source

        (winner,) = ctx.saved_tensors
        pattern, gradient = ctx.pattern, gradients[0].contiguous()
        by_x = gradient.new_empty(pattern.width, gradient.shape[1])
        turned = pattern.turned().pattern
        rows = (turned.indptr.numpy(), turned.indices.numpy())
        given = (*rows, *(_wide(table) for table in (winner, gradient, by_x)))
        over_rows(largest_by_source, rows[0], given, _work(pattern, gradient), torch.get_num_threads())
        return by_x, None


def _wide(table: Tensor) -> Any:  # Any: an array for the kernels
    """Return a table with an axis of one between: from a third axis numba knows that columns are never negative."""
    return table.unsqueeze(1).numpy()


def _work(pattern: Pattern, x: Tensor) -> int:
    return (len(pattern.indices) + pattern.num_rows) * x.shape[1]
