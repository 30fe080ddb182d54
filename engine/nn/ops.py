"""Products with gradients: an operator times node vectors, and features times weights, dense or sparse."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.graph.buffers import empty_table, reuses_buffers
from engine.graph.features import SparseFeatures
from engine.graph.gating import GatedOperator
from engine.graph.operators import Operator
from engine.graph.products import SparseMap, unfinished
from engine.nn.owning import holders, holders_of_one_alone
from engine.nn.pieces import Outer, finish_back, first_back, matmul_back, matmul_finished

# A number gathered from far costs as much as this many multiply-adds of a dense product.
_GATHERED = 8


def propagate(operator: Operator, x: Tensor) -> Tensor:
    """Return operator times x, differentiable in x.

    Args: operator: over N nodes. x: [N, W] floating point.
    Returns: [N, W].
    """
    if isinstance(operator, GatedOperator):
        return operator.apply(x)
    product: Tensor = _Propagate.apply(x, operator)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return product


def convolve(
    operator: Operator,
    x: Tensor | SparseFeatures | None,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    positive: bool = False,
    smoothed: Tensor | None = None,
) -> Tensor:
    """Return operator x weight + bias, cut off below zero where `positive`; differentiable in x, weight and bias.

    (A x) W and A (x W) are the same; the cheaper one is computed. Bias and rectifier come with the last product
    instead of passes of their own, and nothing but the result is kept for the gradient of both.

    Args:
        operator: from S sources to T targets.
        x: [S, F], dense or sparse without a shift. weight: [F, W]. bias: [W] or None.
        smoothed: operator times x, [T, F], where it is there already; x is not looked at then.
    Returns: [T, W].
    """
    if isinstance(operator, GatedOperator):
        assert x is not None, "a gated graph has no features that were smoothed before"
        gated = operator.apply(matmul(x, weight))
        gated = gated if bias is None else gated + bias
        return gated.relu() if positive else gated
    first = smoothed is not None or (isinstance(x, Tensor) and _smooth_first(operator, x, weight))
    out: Tensor = _Convolve.apply(x, weight, bias, operator, positive, first, smoothed)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return out


def pick(x: Tensor, rows: Tensor) -> Tensor:
    """Return some rows of a table, differentiable in x; quicker than indexing, whose gradient sorts the rows.

    Args: x: [N, W]. rows: int64 [M], all different.
    """
    picked: Tensor = _Pick.apply(x, rows)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return picked


def matmul(x: Tensor | SparseFeatures, weight: Tensor) -> Tensor:
    """Return x times weight, differentiable in the weight (and in x where x is dense, in its shift where sparse).

    Args: x: [N, F] dense or sparse. weight: [F, W].
    Returns: [N, W].
    """
    if isinstance(x, Tensor):
        return x @ weight
    product: Tensor = _SparseMatmul.apply(x, weight)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    if x.shift is not None:
        product = product + torch.outer(x.shift.rows, x.shift.vector @ weight)
    return product


def dropout(x: Tensor | SparseFeatures, rate: float, training: bool) -> Any:  # Any: of the kind that went in
    """Set entries to zero at random and scale the rest, by torch's global generator.

    In sparse features only the stored entries are drawn: zeros stay zeros either way. A shift is left as it is.

    Source: Srivastava et al. (2014); for sparse input as Kipf and Welling (2017) train.
    """
    if rate == 0.0 or not training:
        return x
    if isinstance(x, Tensor):
        return _dropped(x, rate)
    return x.with_values(_dropped(x.values, rate))


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    """Return max(x, 0) + slope min(x, 0), differentiable in both.

    The same as torch's own, whose gradient takes three times as long on the CPU.

    Args: x: any shape. slope: [1].
    """
    if x.device.type != "cpu":
        return F.prelu(x, slope)
    out: Tensor = _PReLU.apply(x, slope)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return out


def _dropped(x: Tensor, rate: float) -> Tensor:
    if x.device.type != "cpu":
        return F.dropout(x, rate)
    # torch draws Bernoulli numbers one by one on the CPU: four times slower than comparing uniform ones.
    return x * torch.rand_like(x).ge_(rate).mul_(1 / (1 - rate))


class _PReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, slope: Tensor) -> Tensor:
        ctx.slope = slope.item()
        ctx.save_for_backward(x)
        return F.leaky_relu(x, ctx.slope)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        (x,) = ctx.saved_tensors
        by_x = torch.ops.aten.leaky_relu_backward(gradients[0], x, ctx.slope, False)
        by_slope = torch.dot(gradients[0].reshape(-1), x.clamp(max=0).reshape(-1))
        return by_x, by_slope.reshape(1)


class _Pick(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.size = x.shape
        return x.index_select(0, rows)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        (rows,) = ctx.saved_tensors
        back = empty_table(ctx.size[0], ctx.size[1], gradients[0]).zero_()
        return back.index_copy_(0, rows, gradients[0]), None


class _Propagate(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, operator: Operator) -> Tensor:
        ctx.operator = operator
        return operator.forward.product(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        # Itself differentiable: the gradient of a linear map is the transposed map.
        return _Propagate.apply(gradients[0], ctx.operator.transposed), None  # type: ignore[no-untyped-call]  # torch


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor | SparseFeatures | None,
        weight: Tensor,
        bias: Tensor | None,
        operator: Operator,
        positive: bool,
        smooth_first: bool,
        smoothed: Tensor | None,
    ) -> Tensor:
        ctx.set_materialize_grads(False)
        ctx.operator, ctx.positive, ctx.smooth_first, ctx.has_bias = operator, positive, smooth_first, bias is not None
        ctx.alone = holders_of_one_alone()
        ctx.sparse = x if isinstance(x, SparseFeatures) else None
        # What makes x can take its gradient as two factors; what comes after this can hand in such ones.
        ctx.before = None if smooth_first else _takes_outers(x)
        ctx.outers = [] if positive and reuses_buffers() else None
        left: Tensor | None
        if smooth_first:
            assert smoothed is not None or isinstance(x, Tensor), "sparse features are multiplied by the weights first"
            left = operator.forward.product(x) if smoothed is None else smoothed  # type: ignore[arg-type]  # as asserted
            out = matmul_finished(left, weight, bias, positive=positive)
        else:
            assert x is not None, "either features or what the operator makes of them"
            left = x if isinstance(x, Tensor) else None
            narrow = (
                matmul_finished(x, weight, None, positive=False) if isinstance(x, Tensor) else _map(x).product(weight)
            )
            out = operator.forward.product(narrow, bias=bias, positive=positive)
        ctx.save_for_backward(left, weight, out if positive else None)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        left, weight, out = ctx.saved_tensors
        gradient, outers = gradients[0], ctx.outers or []
        ctx.outers = None if ctx.outers is None else []
        if gradient is None and not outers:
            return (None,) * 7
        if ctx.smooth_first and ctx.positive and not ctx.needs_input_grad[0]:
            summed, added = first_back(left, out, gradient, outers)
            return None, summed, added if ctx.has_bias else None, None, None, None, None
        by_bias: Tensor | None = None
        spare: Tensor | None = None
        if outers:
            gradient, by_bias = finish_back(out, gradient, outers)
            spare = gradient
        elif ctx.positive or ctx.has_bias:
            alone = ctx.alone is not None and holders(gradients) == ctx.alone
            back = unfinished(gradient, gradient if out is None else out, positive=ctx.positive, in_place=alone)
            gradient, by_bias = back.table, back.bias
            del back
            spare = gradient if alone else None
        del outers
        if ctx.smooth_first:
            spare = None
        else:
            gradient = ctx.operator.backward.product(gradient)
        by_x = None
        wants_x = ctx.needs_input_grad[0] and ctx.before is None
        if wants_x:
            by_x = _table(gradient.shape[0], weight.shape[0], gradient, spare)
        if left is None:
            by_weight = _turned_map(ctx.sparse).product(gradient)
        else:
            by_weight = matmul_back(left, weight, gradient, by_x)
        if ctx.before is not None:
            ctx.before.append(Outer(gradient, weight))
        elif wants_x and ctx.smooth_first:
            by_x = ctx.operator.backward.product(by_x)
        return by_x, by_weight, by_bias if ctx.has_bias else None, None, None, None, None


def _takes_outers(x: Any) -> list[Outer] | None:  # Any: features of either kind, or none
    """Return where a gradient of x may be left as two factors, None where it has to be written out.

    Only inside a training: elsewhere somebody may ask for the gradient of x itself.
    """
    return getattr(x.grad_fn, "outers", None) if isinstance(x, Tensor) and x.grad_fn is not None else None


def _table(rows: int, width: int, like: Tensor, spare: Tensor | None) -> Tensor:
    """Return a table to fill: one that nobody needs any longer where that has the right size."""
    if spare is None or spare.shape != (rows, width):
        return empty_table(rows, width, like)
    return spare


def _smooth_first(operator: Operator, x: Tensor, weight: Tensor) -> bool:
    """Whether (A x) W costs less than A (x W), the gradients included where they are wanted."""
    wide, narrow = weight.shape
    sources, targets, entries = x.shape[0], len(operator.forward.indptr) - 1, len(operator.forward.indices)
    # Times each product is taken: there, and back to the weights and to x.
    back = torch.is_grad_enabled() and weight.requires_grad
    to_x = torch.is_grad_enabled() and x.requires_grad
    dense = 1 + back + to_x
    first = (1 + to_x) * entries * wide * _GATHERED + dense * targets * wide * narrow
    last = (1 + (back or to_x)) * entries * narrow * _GATHERED + dense * sources * wide * narrow
    return first < last


def _map(x: SparseFeatures) -> SparseMap:
    return SparseMap(x.pattern.indptr, x.pattern.indices, x.pattern.width, values=x.values)


def _turned_map(x: SparseFeatures) -> SparseMap:
    turned = x.pattern.turned()
    pattern = turned.pattern
    return SparseMap(pattern.indptr, pattern.indices, pattern.width, values=x.values[turned.order])


class _SparseMatmul(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: SparseFeatures, weight: Tensor) -> Tensor:
        ctx.x = x
        return _map(x).product(weight)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        return None, _turned_map(ctx.x).product(gradients[0])
