"""Products with gradients: an operator times node vectors, and features times weights, dense or sparse."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from engine.graph.features import SparseFeatures
from engine.graph.operators import Operator
from engine.graph.products import SparseMap


def propagate(operator: Operator, x: Tensor) -> Tensor:
    """Return operator times x, differentiable in x.

    Args: operator: over N nodes. x: [N, W] floating point.
    Returns: [N, W].
    """
    product: Tensor = _Propagate.apply(x, operator)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return product


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


class _Propagate(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, operator: Operator) -> Tensor:
        ctx.operator = operator
        return operator.forward.product(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        # Itself differentiable: the gradient of a linear map is the transposed map.
        return _Propagate.apply(gradients[0], ctx.operator.transposed), None  # type: ignore[no-untyped-call]  # torch


class _SparseMatmul(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: SparseFeatures, weight: Tensor) -> Tensor:
        ctx.x = x
        pattern = x.pattern
        return SparseMap(pattern.indptr, pattern.indices, pattern.width, values=x.values).product(weight)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        turned = ctx.x.pattern.turned()
        pattern = turned.pattern
        values = ctx.x.values[turned.order]
        return None, SparseMap(pattern.indptr, pattern.indices, pattern.width, values=values).product(gradients[0])
