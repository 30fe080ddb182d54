"""Layers without edges in a row, as they stand before and after propagation."""

from __future__ import annotations

from torch import Tensor, nn

from engine.graph.features import SparseFeatures
from engine.nn.layers import ActivationName, Linear, NormName, make_activation, make_norm
from engine.nn.ops import dropout


class DenseLayer(nn.Module):
    """act(norm(dropout(x) W + b)) of each node alone.

    Args: in_width: F. out_width: W. rate: dropout on what comes in.
    """

    def __init__(
        self,
        in_width: int,
        out_width: int,
        rate: float,
        *,
        norm: NormName = "none",
        activation: ActivationName = "relu",
    ) -> None:
        super().__init__()
        self.rate = rate
        self.linear = Linear(in_width, out_width)
        self.norm = make_norm(norm, out_width)
        self.activation = make_activation(activation)

    def forward(self, x: Tensor | SparseFeatures) -> Tensor:
        """Return [N, W] for x [N, F], dense or sparse."""
        h = self.linear(dropout(x, self.rate, self.training))
        return self.activation(self.norm(h))  # type: ignore[no-any-return]  # modules are untyped callables


def dense_stack(
    in_width: int,
    width: int,
    layers: int,
    rates: tuple[float, float],
    *,
    norm: NormName = "none",
    activation: ActivationName = "relu",
) -> nn.ModuleList:
    """Return dense layers in a row, the first from `in_width` to `width`.

    Args: layers: how many. rates: dropout on the features, and on what comes between layers.
    """
    widths = [in_width] + [width] * layers
    pairs = zip(widths[:-1], widths[1:], strict=True)
    return nn.ModuleList(
        DenseLayer(a, b, rates[min(number, 1)], norm=norm, activation=activation) for number, (a, b) in enumerate(pairs)
    )
