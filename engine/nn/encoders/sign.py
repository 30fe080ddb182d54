"""Several neighbourhoods side by side, made once, then dense layers."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.graph.batch import GraphBatch
from engine.graph.blocks import AnyBatch
from engine.nn.encoders._base import Encoder, Features
from engine.nn.heads import Head, LinearHead
from engine.nn.layers import Linear, make_activation
from engine.nn.ops import dropout, matmul, propagate
from engine.nn.stacks import dense_stack

_MOST_BYTES = 2 << 30


class SIGN(Encoder):
    """Reads every distance at once, from tables that are made once and then need no edges.

    The tables are A^k x for k = 0 … K with A = D^-1/2 (A + I) D^-1/2. "concat" maps each by weights of its own and
    lays the results side by side; "mean" takes their mean, as random propagation does. Dense features are propagated
    once and kept; sparse ones stay sparse: they are mapped first and propagated at the width of the layer.

    Source: Frasca et al. (2020), "SIGN: scalable inception graph neural networks", equation 4; the mean as in Feng et
    al. (2020), "Graph random neural networks for semi-supervised learning on graphs", equation 2.
    """

    key = "sign"
    label = "SIGN"
    recommended = True

    class Config(ConfigBase):
        steps: int = option(3, "The furthest neighbourhood, in edges.", ge=1, le=32)
        combine: Literal["concat", "mean"] = option(
            "concat", "Neighbourhoods side by side with weights of their own, or their mean."
        )
        width: int = option(64, "Numbers per node; of each neighbourhood where they lie side by side.", ge=1, le=4096)
        layers: int = option(1, "Dense layers, the one that reads the neighbourhoods included.", ge=1, le=8)
        input_dropout: float = option(0.0, "Share of the features set to zero while training.", ge=0, lt=1)
        dropout: float = option(0.5, "Share of the inner numbers set to zero while training.", ge=0, lt=1)
        activation: Literal["relu", "prelu", "gelu"] = option("relu", "Function after each layer.", advanced=True)

    def __init__(self, config: Any, in_width: int) -> None:  # Any: SIGN.Config
        super().__init__(config, in_width)
        parts = config.steps + 1 if config.combine == "concat" else 1
        self.first = nn.ModuleList(Linear(in_width, config.width) for _ in range(parts))
        self.activation = make_activation(config.activation)
        rates = (config.dropout, config.dropout)
        more = config.layers - 1
        self.layers = dense_stack(parts * config.width, config.width, more, rates, activation=config.activation)
        self.out_width = config.width if more else parts * config.width
        self._kept: tuple[tuple[object, ...], list[Tensor]] | None = None

    @property
    def hops(self) -> int:
        """Return the number of steps."""
        return int(self.config.steps)

    def forward(self, batch: AnyBatch, x: Features | None = None) -> Features:
        """Return node vectors [N, H]; see `Encoder`."""
        tables = self.tables(batch) if x is None else None
        h = self._from_sparse(batch, batch.x if x is None else x) if tables is None else self._from_tables(tables)
        h = self.activation(h)
        for layer in self.layers:
            h = layer(h)
        return h  # type: ignore[no-any-return]  # modules are untyped callables

    def tables(self, batch: AnyBatch) -> list[Tensor] | None:
        """Return x, A x, …, A^K x for the nodes of a batch, each [N, F]; made at the first use and kept.

        Returns: None where features are sparse, given anew, or too large together (2 GiB).
        """
        whole = batch if isinstance(batch, GraphBatch) else batch.whole
        if not isinstance(whole.x, Tensor) or (not isinstance(batch, GraphBatch) and batch.given is not None):
            return None
        if whole.x.numel() * whole.x.element_size() * (self.config.steps + 1) > _MOST_BYTES:
            return None
        place = (whole.indptr, whole.indices, whole.x)
        if self._kept is None or any(a is not b for a, b in zip(self._kept[0], place, strict=True)):
            self._kept = place, self._made(whole, whole.x)
        found = self._kept[1]
        return found if isinstance(batch, GraphBatch) else [table[batch.rows] for table in found]

    def blocks(self) -> list[nn.Module]:
        """Return the layers that read the neighbourhoods as one, then the others."""
        return [self.first, *self.layers]

    def make_head(self, width: int) -> Head:
        """Return a linear output layer."""
        return LinearHead(self.out_width, width, self.config.dropout)

    def _made(self, whole: GraphBatch, x: Tensor) -> list[Tensor]:
        with torch.no_grad():
            found = [x]
            for _ in range(self.config.steps):
                found.append(propagate(whole.propagation("gcn"), found[-1]))
            return [torch.stack(found).mean(dim=0)] if self.config.combine == "mean" else found

    def _from_tables(self, tables: list[Tensor]) -> Tensor:
        rate = self.config.input_dropout
        mapped = [layer(dropout(t, rate, self.training)) for layer, t in zip(self.first, tables, strict=True)]
        return torch.cat(mapped, dim=1)

    def _from_sparse(self, batch: AnyBatch, x: Features) -> Tensor:
        """Map first, then propagate: A^k (x W_k), every k in the same sweeps."""
        x = dropout(x, self.config.input_dropout, self.training)
        steps, last = self.config.steps, len(self.first) - 1
        mapped = [matmul(x, weight) for weight, _ in self._weights()]
        near = mapped[0]
        far = torch.cat(mapped[1:], dim=1) if last else mapped[0]
        width = self.config.width
        done: list[Tensor] = []
        for step in range(steps):
            block = batch.block(step)
            far = propagate(block.propagation("gcn"), far)
            near, done = block.own(near), [block.own(part) for part in done]
            if last:
                # The nearest of those still under way has arrived.
                done.append(far[:, :width])
                far = far[:, width:]
            else:
                near = near + far
        h = torch.cat([near, *done], dim=1) if last else near / (steps + 1)
        return h + torch.cat([bias for _, bias in self._weights()])

    def _weights(self) -> list[tuple[Tensor, Tensor]]:
        # By name, not as parameters: whoever adds to a weight puts another tensor in its place.
        return [(getattr(layer, "weight"), getattr(layer, "bias")) for layer in self.first]  # noqa: B009 - untyped
