"""The layers that encoders and heads are built from: linear, graph convolution, norms, activations."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from engine.graph.blocks import AnyBlock
from engine.graph.features import SparseFeatures
from engine.nn.ops import convolve, matmul, prelu, propagate

NormName = Literal["none", "batch", "layer"]
ActivationName = Literal["relu", "prelu", "gelu", "elu", "none"]


class Linear(nn.Module):
    """x W + b for dense or sparse x; Glorot weights, bias zero.

    Args: in_width: F. out_width: W. bias: whether b exists.
    Source: weights uniform within sqrt(6 / (F + W)), Glorot and Bengio (2010).
    """

    def __init__(self, in_width: int, out_width: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_width, out_width))
        self.bias = nn.Parameter(torch.empty(out_width)) if bias else None
        self.reset()

    def reset(self, generator: torch.Generator | None = None) -> None:
        """Draw new weights, from torch's global generator when none is given."""
        nn.init.xavier_uniform_(self.weight, generator=generator)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor | SparseFeatures) -> Tensor:
        """Return [N, W] for x [N, F]."""
        out = matmul(x, self.weight)
        # In place: the product belongs to nobody else, and no gradient needs it.
        return out if self.bias is None else out.add_(self.bias)


class GraphConvolution(Linear):
    """A x W + b, where A = D^-1/2 (A + I) D^-1/2 with each self-loop exactly once; a rectifier may come with it.

    Source: Kipf and Welling (2017), equation 2.
    """

    def forward(  # type: ignore[override]  # a graph more than a linear layer
        self,
        x: Tensor | SparseFeatures | None,
        block: AnyBlock,
        *,
        positive: bool = False,
        smoothed: Tensor | None = None,
    ) -> Tensor:
        """Return [T, W] for x [S, F], from the sources of a block to its targets.

        Args: positive: whether max(…, 0) is returned. smoothed: A x, where it is there already; x may be None then.
        """
        operator = block.propagation("gcn")
        if isinstance(x, SparseFeatures) and x.shift is not None:
            out = propagate(operator, matmul(x, self.weight))
            out = out if self.bias is None else out.add_(self.bias)
            return torch.relu(out) if positive else out
        return convolve(operator, x, self.weight, self.bias, positive=positive, smoothed=smoothed)


class PReLU(nn.Module):
    """max(x, 0) + a min(x, 0) with one learned slope a, which begins at 0.25.

    Source: He et al. (2015), "Delving deep into rectifiers", equation 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((1,), 0.25))

    def forward(self, x: Tensor) -> Tensor:
        """Return the same shape."""
        return prelu(x, self.weight)


def make_norm(name: NormName, width: int) -> nn.Module:
    """Return batch norm (Ioffe and Szegedy 2015), layer norm (Ba et al. 2016) or nothing, for [N, width]."""
    if name == "batch":
        return nn.BatchNorm1d(width)
    return nn.LayerNorm(width) if name == "layer" else nn.Identity()


def make_activation(name: ActivationName) -> nn.Module:
    """Return the activation of that name."""
    kinds: dict[str, type[nn.Module]] = {
        "relu": nn.ReLU,
        "prelu": PReLU,
        "gelu": nn.GELU,
        "elu": nn.ELU,
        "none": nn.Identity,
    }
    return kinds[name]()
