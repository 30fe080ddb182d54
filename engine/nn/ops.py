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
        return F.dropout(x, rate)
    return x.with_values(F.dropout(x.values, rate))


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
