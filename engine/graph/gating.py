"""Blocks whose entries count as much as a gate says, so that what an edge is worth has a gradient."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.graph.batch import OperatorKind
from engine.graph.blocks import Block
from engine.graph.features import Pattern
from engine.graph.operators import Operator


class NotGatedError(Exception):
    """An encoder reads who is joined to whom without weights: there is nothing to multiply a gate with."""


@dataclass(frozen=True, slots=True)
class GatedOperator(Operator):
    """An operator whose entries are multiplied by a gate; differentiable in both, by torch's own operations.

    Args: gate: float32 [E], one number for each entry of `forward`.
    """

    gate: Tensor | None = None

    def apply(self, x: Tensor) -> Tensor:
        """Return the gated map times x [S, W]: [T, W]. A node's own loop is not gated."""
        assert self.gate is not None, "a gated operator has a gate"
        forward = self.forward
        row = Pattern(forward.indptr, forward.indices, forward.width).row_of_entry()
        values = forward.entry_values() * self.gate
        targets = len(forward.indptr) - 1
        heard = values.unsqueeze(1) * x[forward.indices.long()]
        out = torch.zeros(targets, x.shape[1], dtype=x.dtype, device=x.device).index_add(0, row, heard)
        if forward.centre is None:
            return out
        centre = forward.centre if forward.scale is None else forward.centre * forward.scale[:targets]
        return out + centre.to(x.dtype).unsqueeze(1) * x[:targets]


@dataclass(frozen=True, slots=True)
class GatedBlock(Block):
    """A block whose operators are gated.

    Args: gate: float32 [E], one number for each entry.
    """

    gate: Tensor | None = None

    def propagation(self, kind: OperatorKind = "gcn") -> Operator:
        """Return the block's operator, gated."""
        return GatedOperator(Block.propagation(self, kind).forward, gate=self.gate)

    def pattern(self) -> Pattern:
        """Refuse.

        Raises: NotGatedError: always; a pattern has no weights.
        """
        raise NotGatedError
